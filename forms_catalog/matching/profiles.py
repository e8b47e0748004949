"""Matching, step 3: everything known about one text before pairs are compared, for elements once, for queries once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from forms_catalog.specs import Option

from . import data, guards, recall, units, values
from .entries import CatalogEntry, Query
from .words import STOPWORDS, Lexicon, Words, split_name, stem

FAINT = 0.4
FAINT_WORDS = frozenset(map(stem, ("patient", "administer", "occur", "perform", "present")))
ASIDE = re.compile(r"\([^)]*\)")
CONTINUES = ("of which", "of these", "of those", "if yes", "thereof")


def bag(words: Iterable[str], weight: float = 1.0) -> dict[str, float]:
    """Words counted with `weight`, function words left out, words nearly every question has at `FAINT`."""
    out: dict[str, float] = {}
    for word in words:
        if word not in STOPWORDS:
            out[word] = out.get(word, 0.0) + (weight * FAINT if word in FAINT_WORDS else weight)
    return out


def add(*bags: Mapping[str, float]) -> dict[str, float]:
    """The sum of bags."""
    out: dict[str, float] = {}
    for one in bags:
        for word, weight in one.items():
            out[word] = out.get(word, 0.0) + weight
    return out


def weighted(words: Words, weight: float = 1.0) -> dict[str, float]:
    """A text as a bag: its stems at `weight`, the words its abbreviations add at half of it."""
    return add(bag(words.stems, weight), bag(words.added, weight / 2))


@dataclass(frozen=True)
class ElementProfile:
    """One catalog element. Its texts are read when they are asked for; `told` are all words of label, question and
    definition where somebody read them before."""

    entry: CatalogEntry
    lexicon: Lexicon
    value_class: str
    unit: units.Unit | None
    recall: str
    told: frozenset[str] | None = None

    @cached_property
    def label(self) -> Words:
        """The label, read."""
        return self.lexicon.words(self.entry.label)

    @cached_property
    def question(self) -> Words:
        """The question text, read; the label where there is none."""
        return self.lexicon.words(self.entry.question_text) if self.entry.question_text else self.label

    @cached_property
    def definition(self) -> Words:
        """The definition, read."""
        return self.lexicon.words(self.entry.definition)

    @cached_property
    def label_stems(self) -> frozenset[str]:
        """The content words of the label."""
        return frozenset(self.label.content)

    @cached_property
    def question_stems(self) -> frozenset[str]:
        """The content words of the question text (the label where there is none)."""
        return frozenset(self.question.content)

    @cached_property
    def known(self) -> frozenset[str]:
        """Every word the label and question say or abbreviate."""
        return self.label_stems | self.question_stems | frozenset(self.label.added) | frozenset(self.question.added)

    @cached_property
    def all_words(self) -> frozenset[str]:
        """Every word of label, question and definition."""
        if self.told is not None:
            return self.told
        return self.known | frozenset(self.definition.content) | frozenset(self.definition.added)

    @cached_property
    def said(self) -> guards.Said:
        """The guard facets this element states."""
        return guards.said((self.entry.label, self.entry.question_text, self.entry.definition))

    @cached_property
    def answers(self) -> frozenset[str]:
        """The answers on offer, in one wording."""
        return frozenset(values.answer(option.label) for option in self.entry.options)


@dataclass(frozen=True)
class QueryProfile:
    """One field request, read. `words` are of the label without its recall phrase and unit."""

    query: Query
    text: str
    words: Words
    name: tuple[str, ...]
    context: Words
    intent: str
    value_class: str
    unit: units.Unit | None
    recall: str

    @cached_property
    def stems(self) -> frozenset[str]:
        """The content words asked for."""
        return frozenset(self.words.content)

    @cached_property
    def known(self) -> frozenset[str]:
        """The content words and what their abbreviations add."""
        return self.stems | frozenset(self.words.added)

    @cached_property
    def said(self) -> guards.Said:
        """The guard facets this field states; its name speaks where label and note are silent ("ivig_yn")."""
        return guards.said((self.query.label, self.query.note, self.text, " ".join(split_name(self.query.name))))


def of_entry(entry: CatalogEntry, lexicon: Lexicon, told: frozenset[str] | None = None) -> ElementProfile:
    """An element, read with `lexicon`; `told` as in ElementProfile."""
    return ElementProfile(
        entry=entry,
        lexicon=lexicon,
        value_class=values.value_class(entry.datatype, entry.options),
        unit=units.read(entry.unit),
        recall=recall.stated(entry.label) or entry.recall,
        told=told,
    )


def of_query(query: Query, lexicon: Lexicon, before: str = "") -> QueryProfile:
    """A query, read with `lexicon`. `before` is the question an "of which" label continues."""
    plain = told(query.label or " ".join(lexicon.of_name(query.name)))
    continued = continues(query) and bool(before)
    text = f"{_rest(plain)} {told(ASIDE.sub(' ', before))}" if continued else plain
    intent = values.intent(plain)
    return QueryProfile(
        query=query,
        text=text,
        words=lexicon.words(text),
        name=lexicon.of_name(query.name),
        context=lexicon.words(query.context),
        intent=intent,
        value_class=values.value_class(query.kind, query.options, intent),
        unit=units.stated(query.unit, query.label),
        recall=recall.stated(query.label) or recall.stated(query.note) or recall.stated(before if continued else ""),
    )


def told(label: str) -> str:
    """A label without its bracketed units and without phrases that only name the period."""
    return recall.cut(units.without_unit(label))


def hint(query: Query) -> str:
    """What a field is about beyond its words: what most answers on offer show ("Month 6, Year 2"), or what kind of
    thing a bare label names (a gene, an antigen, a chromosome); else ''."""
    return _of_answers(query) or _of_label(query.label)


def _of_label(label: str) -> str:
    plain = re.sub(r"\s+", " ", label.strip(" :?.").lower())
    return next((words for words, pattern in data.pairs("label_hints.tsv") if re.fullmatch(pattern, plain)), "")


def _of_answers(query: Query) -> str:
    labels = [option.label.lower().strip() for option in query.options]
    for words, pattern in data.pairs("hints.tsv"):
        if labels and sum(bool(re.search(pattern, label)) for label in labels) >= 0.6 * len(labels):
            return words
    return ""


def answer_words(options: Iterable[Option], lexicon: Lexicon) -> dict[str, float]:
    """The words of the real answers on offer, as a bag; yes, no and missing answers say nothing."""
    told = (o.label for o in options if values.answer(o.label) not in values.MISSING | {"yes", "no", "other"})
    return add(*(weighted(lexicon.words(label)) for label in told))


def continues(query: Query) -> bool:
    """Whether a label only makes sense after the one before it."""
    return query.label.lower().startswith(CONTINUES)


def _rest(label: str) -> str:
    low = label.lower()
    return next((label[len(start) :].strip() for start in CONTINUES if low.startswith(start)), label)
