"""Matching, step 3a: what kind of answer a field or element takes, and how two option lists line up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Literal

from forms_catalog.specs import Option

from . import data

ValueClass = Literal["date", "time", "yesno", "list", "number", "text", ""]
KINDS: tuple[tuple[str, ValueClass], ...] = (
    (r"\bdate|datetime|ymd|dmy|mdy", "date"),
    (r"\btime\b|hh:?mm", "time"),
    (r"yes\W?no|true\W?false|boolean|indicator", "yesno"),
    (r"non-enumerated.*|^$", ""),
    (r"choice|enumerated|radio|dropdown|checkbox|select|list|coded", "list"),
    (r"integer|decimal|number|numeric|float|double|slider|calc", "number"),
    (r"text|notes|string|character|memo", "text"),
)
UNENUMERATED = {"number": "number", "date": "date", "time": "time", "character": "text", "java.lang.integer": "number"}
MISSING = frozenset({"unknown", "not done", "not applicable", "not reported"})
PUNCTUATION = re.compile(r"[^a-z0-9+]+")


@cache
def _same_answers() -> dict[str, str]:
    table = {}
    for target, variants in data.pairs("options.tsv"):
        table[target] = target
        table.update({variant.strip(): target for variant in variants.split("|")})
    return table


@lru_cache(maxsize=1 << 16)
def answer(text: str) -> str:
    """An option's label in one wording: 'Deceased' → 'dead', 'Don’t know' → 'unknown'."""
    plain = PUNCTUATION.sub(" ", text.lower().replace("’", "'")).strip()
    return _same_answers().get(plain, plain)


def value_class(kind: str, options: Sequence[Option], wording: str = "") -> ValueClass:
    """The class of answer a type text and option list ask for; `wording` (a label's intent) decides only a tie."""
    if len(options) > 1:
        return _class_of_options(options)
    low = kind.lower()
    if "non-enumerated" in low:
        return UNENUMERATED.get(low.split("/")[0], "text")  # type: ignore[return-value]
    found: ValueClass = next((cls for pattern, cls in KINDS if re.search(pattern, low)), "")
    if found == "text" and wording in ("date", "number"):
        return ""  # dictionaries call many dates and numbers text
    return found


def _class_of_options(options: Sequence[Option]) -> ValueClass:
    answers = {answer(o.label) for o in options}
    told = answers - MISSING - {"other"}
    if told and told <= {"yes", "no"}:
        return "yesno"
    if told and all(re.fullmatch(r"-?\d+(\.\d+)?", a) for a in told) and len(told) > 6:
        return "number"
    return "list"


INTENTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile("|".join(patterns)))
    for name, patterns in (
        ("unit", (r"\bunits? of measure", r"\bunits?\W*$")),
        ("specify", (r"^(please )?specify", r"^(describe|list|explain|comment|if other)\b", r"\bspecify\W*$")),
        ("date", (r"\bdates?\b", r"^when\b", r"\bdob\b", r"^(first|last) day of", r"^year of\b")),
        ("time", (r"^(start |stop |end )?time\b", r"\bwhat time\b")),
        ("reason", (r"\breason\b", r"^why\b")),
        ("method", (r"\bmethods?\b",)),
        ("grade", (r"\b(grade|severity|stage)\b",)),
        ("number", (r"\bhow (many|long)\b", r"\bnumber of\b", r"\b(count|total|value|dose|score|weight|height|age)\b")),
        ("number", (r"\bpercent(age)?\b", r"%", r"\bduration\b")),
        ("status", (r"\bstatus\b",)),
        ("yesno", (r"^(was|were|is|are|did|does|do|has|have|had|will|can|could|should)\b", r"\by(es or |/)no?\b")),
        ("type", (r"\b((sub)?type|kind|category|classification|which|name of)\b", r"^what (was|is|were|are)\b")),
    )
)


@lru_cache(maxsize=1 << 16)
def intent(label: str) -> str:
    """What a wording asks for: date, time, specify, unit, reason, method, grade, number, status, yesno, type or ''."""
    low = label.lower().strip()
    question = next((name for name, pattern in INTENTS if name == "yesno" and pattern.search(low)), "")
    if question and not low.startswith(("what", "which", "how")):
        return "yesno"
    return next((name for name, pattern in INTENTS if pattern.search(low)), "")


def align(ours: Sequence[Option], theirs: Sequence[Option]) -> dict[str, str]:
    """Element code → program code for the options that mean the same; each program code is used once, best first."""
    scored = sorted(
        ((_likeness(a, b), i, j) for i, a in enumerate(ours) for j, b in enumerate(theirs)),
        key=lambda hit: (-hit[0], hit[1], hit[2]),
    )
    found: dict[str, str] = {}
    used: set[int] = set()
    for score, i, j in scored:
        if score >= 0.5 and ours[i].code not in found and j not in used:
            found[ours[i].code] = theirs[j].code
            used.add(j)
    return {option.code: found[option.code] for option in ours if option.code in found}


@lru_cache(maxsize=1 << 16)
def _likeness(a: Option, b: Option) -> float:
    if answer(a.label) == answer(b.label) or answer(a.code) == answer(b.label) != "":
        return 1.0
    if a.code.lower() == b.code.lower() and not a.code.isdigit():
        return 0.95
    ours, theirs = _tokens(a.label), _tokens(b.label)
    if not ours or not theirs or answer(a.label) in MISSING or answer(b.label) in MISSING:
        return 0.0
    shared = len(ours & theirs)
    return 0.9 * shared / min(len(ours), len(theirs)) * (0.5 + 0.5 * shared / max(len(ours), len(theirs)))


@lru_cache(maxsize=1 << 16)
def _tokens(label: str) -> frozenset[str]:
    small = {"or", "and", "of", "the", "a", "at", "with", "to", "by", "in"}
    return frozenset(w for w in PUNCTUATION.sub(" ", label.lower()).split() if w not in small)


def overlap(ours: Sequence[Option], theirs: Sequence[Option]) -> float:
    """Jaccard of the answers two lists offer, missing-like answers left out; 0 where either has none."""
    a = {answer(o.label) for o in ours} - MISSING
    b = {answer(o.label) for o in theirs} - MISSING
    return len(a & b) / len(a | b) if a and b else 0.0


def apart(ours: Sequence[Option], theirs: Sequence[Option]) -> bool:
    """Whether both list real answers and share none of them."""
    real = [{answer(o.label) for o in options} - MISSING - {"yes", "no", "other"} for options in (ours, theirs)]
    return all(real) and overlap(ours, theirs) == 0


def named(text: str, options: Sequence[Option]) -> str:
    """The first option whose label the text names ('Tocilizumab given …'), '' where it names none."""
    low = text.lower()
    told = (o.label for o in options if len(o.label) > 3 and answer(o.label) not in MISSING | {"none", "other"})
    return next((label for label in told if re.search(rf"\b{re.escape(label.lower())}", low)), "")
