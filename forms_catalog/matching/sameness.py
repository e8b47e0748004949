"""Matching, requests against each other: the same ask, the same fact recast, one that leaves it open, or not the same.

Called by duplicates. Guards, periods, units and answers decide, never the score; reasons are written for curators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from . import guards, recall, units, values
from .profiles import QueryProfile
from .words import build

Kind = Literal["same", "recast", "unsaid", "apart"]
ORDER: tuple[Kind, ...] = ("same", "recast", "unsaid", "apart")  # what speaks last is stronger
SAY = {
    "yesno": "yes or no", "list": "one of a list", "number": "a number", "date": "a date", "time": "a time",
    "text": "free text",
}  # fmt: skip
ALONE = {"unit": "unit", "specify": "text of an 'other'", "reason": "reason", "method": "method"}
OPPOSITES = (
    "first/last", "start/stop", "start/end", "onset/resolution", "acute/chronic", "systolic/diastolic",
    "left/right", "minimum/maximum", "before/after", "prior/after", "pre/post", "height/weight", "upper/lower",
    "admission/discharge", "planned/actual", "donor/recipient", "positive/negative", "date/time", "patient/site",
)  # fmt: skip
FINER = ("point-in-time", "since-last-report", "last-7-days", "last-4-weeks", "last-3-months", "last-12-months")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in which two requests differ: how much it parts them, why, and what would unite them ('' = nothing)."""

    kind: Kind
    reason: str
    unify: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a pair with its reasons; `unify` says what would make one ask of the two."""

    kind: Kind
    reasons: tuple[str, ...]
    unify: tuple[str, ...] = ()


def verdict(first: QueryProfile, second: QueryProfile) -> Verdict:
    """What two requests are to each other."""
    found = [
        *_guards(first, second), *_wording(first, second), *_period(first, second), *_precision(first, second),
        *_answers(first, second), *_unit(first, second),
    ]  # fmt: skip
    kind: Kind = max((one.kind for one in found), key=ORDER.index, default="same")
    reasons = tuple(dict.fromkeys(one.reason for one in found if one.kind == kind or kind != "apart"))
    unify = tuple(dict.fromkeys(one.unify for one in found if one.unify))
    if kind == "same":
        return Verdict("same", reasons or ("Nothing but the wording differs.",), unify or ("Map both to one element.",))
    return Verdict(kind, reasons, unify if kind != "apart" else ())


def _guards(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    """The facets on which they disagree, or on which one alone speaks."""
    both_dates = all("date" in (one.value_class, one.intent) for one in (first, second))
    seen = set()
    for a, b, names in ((first, second, ("first", "second")), (second, first, ("second", "first"))):
        for hit in guards.compare(a.said, b.said, "date" if both_dates else ""):
            if (
                hit.facet == "date precision"
                or hit.facet in seen
                or (hit.facet == "event of the date" and hit.when != "conflict")
            ):
                continue
            seen.add(hit.facet)
            reason = hit.reason.replace("the field", f"the {names[0]}").replace("the element", f"the {names[1]}")
            if hit.when == "conflict":
                yield Finding("apart", reason)
            else:
                yield Finding("unsaid", reason, f"Say in both wordings what is meant: {hit.facet}.")


def _wording(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    """Opposite words, other numbers, and questions about the reason, the method or the unit of the other."""
    ours, theirs = first.known, second.known
    for pair in _opposites():
        a, b = ours & pair, theirs & pair
        if len(a) == len(b) == 1 and a != b:
            yield Finding("apart", f"Opposite words: “{_one(a)}” and “{_one(b)}”.")
    few, many = _numbers(ours - theirs), _numbers(theirs - ours)
    if few and many:
        yield Finding("apart", f"Other numbers: {', '.join(sorted(few))} and {', '.join(sorted(many))}.")
    meant, other = (frozenset(one.words.added) for one in (first, second))
    if meant - other and other - meant and not (meant - other) & second.stems and not (other - meant) & first.stems:
        said = f"“{' '.join(first.words.added[:4])}” and “{' '.join(second.words.added[:4])}”"
        yield Finding("apart", f"Their short forms mean other things: {said}.")
    for intent, words in ALONE.items():
        if (first.intent == intent) != (second.intent == intent):
            yield Finding("apart", f"Only the {'first' if first.intent == intent else 'second'} asks for the {words}.")


@cache
def _opposites() -> tuple[frozenset[str], ...]:
    """The opposites in the one form that every text is read in ("recipient" is "patient")."""
    lexicon = build()
    return tuple(
        frozenset(word for side in pair.split("/") for word in lexicon.canonical([side])) for pair in OPPOSITES
    )


def _period(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    a, b = first.recall, second.recall
    if a and b and a != b and (recall.apart(a, b) or recall.apart(b, a)):
        reason = f"Period: the first asks about {_say(a)}, the second about {_say(b)}."
        finer = min((a, b), key=lambda one: FINER.index(one) if one in FINER else len(FINER))
        other = b if finer == a else a
        yield Finding("recast", reason, f"Ask about {_say(finer)} once; {_say(other)} follows from it by a roll-up.")
    for one, other, name in ((a, b, "first"), (b, a, "second")):
        if one and not other and recall.unusual(one):
            yield Finding("unsaid", f"Period: only the {name} names one, {_say(one)}.", "Say the period in both.")


def _precision(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    a, b = (_coarse(one) for one in (first, second))
    if a != b and "date" in (first.value_class, first.intent, second.value_class, second.intent):
        reason = f"The {'first' if a else 'second'} takes a coarser date."
        yield Finding("recast", reason, "Ask for the whole date once; month and year follow from it.")


def _answers(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    """Classes of answer that differ, and lists that offer other answers."""
    a, b = first.value_class, second.value_class
    if not a or not b:
        return
    if a == b:
        yield from _lists(first, second) if a == "list" else ()
        return
    reason = f"The first takes {SAY[a]}, the second {SAY[b]}."
    both = {a, b}
    if both == {"yesno", "list"}:
        listed = first if a == "list" else second
        if len(listed.query.options) > 2:
            yield Finding("recast", reason, "Ask the list once; yes or no follows from it by a value map.")
    elif "text" in both and _text_fits(first if a == "text" else second, other := next(iter(both - {"text"}))):
        yield Finding("recast", reason, f"Ask for {SAY[other]} once; the text is filled with it.")
    elif ("yesno" in both and both & {"number", "date"}) or (both == {"number", "list"} and _bands(first, second)):
        value, answer = ("number" if "number" in both else "date"), ("yesno" if "yesno" in both else "list")
        yield Finding("recast", reason, f"Ask for {SAY[value]} once; {SAY[answer]} follows from it by a roll-up.")
    else:
        yield Finding("apart", reason)


def _text_fits(text: QueryProfile, other: str) -> bool:
    """Whether a free text could hold the other's answer: "Cause of death" holds no date."""
    return other not in ("date", "time", "yesno") or text.intent == other


def _bands(first: QueryProfile, second: QueryProfile) -> bool:
    """Whether a list beside a number offers ranges of numbers."""
    told = [o.label for q in (first, second) for o in q.query.options if values.answer(o.label) not in values.MISSING]
    return bool(told) and sum(bool(re.search(r"\d", label)) for label in told) >= len(told) / 2


def _lists(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    ours, theirs = first.query.options, second.query.options
    if not ours or not theirs:
        return
    if values.apart(ours, theirs):
        yield Finding("apart", "Their answers have nothing in common.")
        return
    lined = values.align(ours, theirs)
    left = [o.label for o in ours if o.code not in lined and values.answer(o.label) not in values.MISSING]
    left += [o.label for o in theirs if o.code not in lined.values() and values.answer(o.label) not in values.MISSING]
    said = f"{len(lined)} answers line up of {len(ours)} and {len(theirs)}."
    if left:
        alone = f"“{left[0]}”" + (f" and {len(left) - 1} more" if len(left) > 1 else "")
        yield Finding("recast", said, f"A value map; {alone} needs a rule of its own.")
    elif any(one != other for one, other in lined.items()):
        yield Finding("same", said, "Map both to one element; a value map turns its answers into the codes of each.")


def _unit(first: QueryProfile, second: QueryProfile) -> Iterator[Finding]:
    a, b = first.unit, second.unit
    if a and b and a.ucum != b.ucum:
        rule = units.factor(a, b, ())
        if rule is None:
            yield Finding("apart", f"Unit: {a.ucum} cannot become {b.ucum}.")
        else:
            by = f" by {rule}" if rule not in ("", "x") else ""
            yield Finding("recast", f"Unit: {a.ucum} and {b.ucum}.", f"A unit conversion: {a.ucum} to {b.ucum}{by}.")
    elif (a is None) != (b is None) and first.value_class == second.value_class == "number":
        said = a or b
        name = "first" if a else "second"
        if said and said.scale:
            yield Finding("unsaid", f"Unit: only the {name} names one, {said.ucum}.", "State the unit in both.")


def _coarse(read: QueryProfile) -> bool:
    return read.query.date_format == "my" or bool(read.said.get("date precision"))


def _say(period: str) -> str:
    return recall.SAY.get(period, period)


def _one(words: frozenset[str]) -> str:
    return next(iter(words))


def _numbers(words: frozenset[str]) -> set[str]:
    return {word for word in words if re.fullmatch(r"\d+(\.\d+)?", word)}
