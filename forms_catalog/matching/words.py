"""Matching, step 1: text to canonical word stems. Every channel, key and feature reads words through `Lexicon`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import snowballstemmer

from . import data, literals

STOPWORDS = frozenset(
    (
        *("a", "an", "the", "of", "in", "on", "at", "to", "for", "by", "with", "from", "and", "or", "as", "if", "any"),
        *(
            "was",
            "were",
            "is",
            "are",
            "be",
            "been",
            "being",
            "did",
            "do",
            "does",
            "has",
            "had",
            "have",
            "there",
            "please",
        ),
        *("this", "that", "these", "those", "it", "its", "his", "her", "their", "your", "you", "i", "my", "me"),
        *("which", "what", "who", "whom"),
    )
)
# Short forms that are also English words count only where they are written in capitals.
ORDINARY = frozenset(
    (
        *("act", "all", "beam", "bo", "car", "ct", "ed", "er", "fish", "fix", "ice", "id", "ips", "it", "pd", "pe"),
        *("pet", "pro", "pt", "sos", "us", "was", "who"),
    )
)
LETTERS = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "κ": "kappa",
    "λ": "lambda",
    "µ": "u",
    "μ": "u",
    "×": "x",
}
REWRITES = tuple(
    (re.compile(pattern, re.IGNORECASE), by, literals.needed(pattern))
    for pattern, by in (
        (r"(\d),(\d{3})\b", r"\1\2"),
        (r"(?:\bx\s*|\b)10\s*(?:\^|\*{1,2}|e)\s*(\d{1,2})\b", r" 10e\1 "),
        (r"≥|>=|=>", " at least "),
        (r"≤|<=|=<", " at most "),
        (r"<", " below "),
        (r">", " above "),
        (r"%", " percent "),
        (r"#", " number "),
        (r"\bnon[- ]?(?=[a-z]{4})", "non "),
        (r"\bg[- ]?m[- ]?csf\b", "gmcsf"),
        (r"\bg[- ]?csf\b", "gcsf"),
        (r"\biec[- ]?hs\b", "iechs"),
        (r"\bnt[- ]?pro[- ]?bnp\b", "ntprobnp"),
        (r"\bcheck[- ]point", "checkpoint"),
        (r"\bconditioning\b", "preparative"),  # else it shares its stem with "condition"
        (r"\bco[- ](?=exist|morbid)", "co"),
        (r"\b(igg|iga|igm|cd\d+)\s*\+", r"\1 "),
    )
)
SEEN = 20_000  # texts remembered: a large catalog would hold on to all of its own
TOKEN = re.compile(r"[A-Za-z0-9]+(?:\.\d+)?")
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The snowball stem of one lower-case word; numbers and codes stay as they are."""
    return str(_stemmer.stemWord(word)) if word.isalpha() else word


def clean(text: str) -> str:
    """NFKC, Greek letters, quotes and number forms in one spelling; case is kept."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        for letter, name in LETTERS.items():
            text = text.replace(letter, f" {name} " if len(name) > 1 else name)
    low = text.lower()
    for pattern, by, pieces in REWRITES:  # what a rewrite writes is no piece of a later one
        if any(piece in low for piece in pieces):
            text = pattern.sub(by, text)
    return text.replace("’", "'").replace("'s ", " ")


def split_name(name: str) -> list[str]:
    """A variable name as words: cut at punctuation, camelCase and between letters and digits."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


class Phrases:
    """Longest-first lookup of stem sequences."""

    def __init__(self, entries: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for stems, target in entries:
            if stems:
                self._by_first.setdefault(stems[0], []).append((stems, target))
        for found in self._by_first.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def at(self, stems: Sequence[str], start: int) -> tuple[int, tuple[str, ...]] | None:
        """The length and target of the longest phrase that begins at `start`, or None."""
        for phrase, target in self._by_first.get(stems[start], ()):
            if tuple(stems[start : start + len(phrase)]) == phrase:
                return len(phrase), target
        return None

    def replace(self, stems: Sequence[str]) -> list[str]:
        """The stems with each phrase replaced by its target."""
        out: list[str] = []
        i = 0
        while i < len(stems):
            hit = self.at(stems, i)
            out.extend(hit[1] if hit else (stems[i],))
            i += hit[0] if hit else 1
        return out

    def found(self, stems: Sequence[str]) -> list[str]:
        """The targets of every phrase that occurs."""
        hits = (self.at(stems, i) for i in range(len(stems)))
        return [word for hit in hits if hit for word in hit[1]]


@dataclass(frozen=True)
class Words:
    """One text as words: canonical stems in order, the words as written (for character n-grams), added words."""

    stems: tuple[str, ...] = ()
    surface: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The stems without function words."""
        return tuple(s for s in self.stems if s not in STOPWORDS)


@dataclass
class Lexicon:
    """Synonyms and abbreviations, hand-written and mined; `words` turns a text into `Words`."""

    synonyms: Phrases
    short: dict[str, tuple[tuple[str, ...], ...]]
    long: Phrases = field(default_factory=lambda: Phrases(()))
    name_words: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, Words] = field(default_factory=dict)

    def words(self, text: str) -> Words:
        """`text` as canonical stems plus the words its abbreviations add; texts read lately are remembered."""
        found = self._seen.get(text)
        if found is None:
            if len(self._seen) >= SEEN:
                self._seen.clear()
            found = self._seen[text] = self._read(text)
        return found

    def _read(self, text: str) -> Words:
        tokens = TOKEN.findall(clean(text))
        shouting = text.isupper()
        surface = tuple(t.lower() for t in tokens)
        stems = self.canonical(surface)
        forms = [form for token in tokens for form in self._forms(token, shouting)]
        added = [word for form in forms for word in form]
        added.extend(self.long.found(stems))
        return Words(tuple(stems), surface, tuple(dict.fromkeys(added)))

    def _forms(self, token: str, shouting: bool) -> tuple[tuple[str, ...], ...]:
        low = token.lower()
        if low in ORDINARY and (shouting or not token.isupper()):
            return ()
        return self.short.get(low, ())

    def key(self, text: str) -> tuple[str, ...]:
        """What two wordings must share to be the same: content stems, known short forms spelled out, order ignored."""
        spelled: list[str] = []
        shouting = text.isupper()
        for token in TOKEN.findall(clean(text)):
            forms = self._forms(token, shouting)
            spelled.extend(forms[0] if len(forms) == 1 else self.canonical([token.lower()]))
        return tuple(sorted(word for word in self.synonyms.replace(spelled) if word not in STOPWORDS))

    def canonical(self, words: Sequence[str]) -> list[str]:
        """Lower-case words stemmed, with synonyms in one form."""
        return self.synonyms.replace([stem(word) for word in words])

    def of_name(self, name: str) -> tuple[str, ...]:
        """The stems a variable name suggests; pieces of one letter or digits alone suggest nothing."""
        pieces = [p for p in split_name(name) if len(p) > 1 and not p.isdigit()]
        spelled: list[str] = []
        for piece in pieces:
            known = self.name_words.get(piece)
            spelled.extend(known.split() if known else [piece])
            if not known and piece not in ORDINARY:
                spelled.extend(word for form in self.short.get(piece, ())[:1] for word in form)
        return tuple(s for s in self.canonical(spelled) if s not in STOPWORDS)


def _synonyms() -> Phrases:
    entries = []
    for target, variants in data.pairs("synonyms.tsv"):
        to = tuple(stem(word) for word in target.split())
        for variant in variants.split("|"):
            words = TOKEN.findall(clean(variant.strip()).lower())
            entries.append((tuple(stem(word) for word in words), to))
    return Phrases(entries)


def build(mined: Iterable[tuple[str, str]] = ()) -> Lexicon:
    """A lexicon of the reviewed lists plus `mined` (short, long) pairs."""
    lexicon = Lexicon(_synonyms(), {}, name_words=dict(data.pairs("words.tsv")))
    short: dict[str, list[tuple[str, ...]]] = {}
    long: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for abbreviation, text in [*data.pairs("abbreviations.tsv"), *mined]:
        form = tuple(lexicon.canonical(TOKEN.findall(clean(text).lower())))
        if form in short.get(abbreviation, ()):
            continue
        short.setdefault(abbreviation, []).append(form)
        if len(form) > 1:
            long.append((form, (abbreviation,)))
    return Lexicon(lexicon.synonyms, {a: tuple(f) for a, f in short.items()}, Phrases(long), lexicon.name_words)
