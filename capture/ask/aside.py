"""What becomes of typed values when the form under them changes: they stay, or they are set aside. Pure.

Nothing typed is ever dropped here: each value is in the result, typed or set aside, unless the same value stands in the
same place twice. Only a person dismisses one (capture.enter.migrating). Called by drafts and migrating.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from capture.ask.facts import Entered, EnteredRecord, Entry
from capture.ask.form_changes import Asked, Form, record_place, span

NUMBERS = ("integer", "decimal")
LISTS = ("choice", "multichoice")
WHY = {
    "gone": "This form does not ask it.",
    "period": "It was typed for another span of time.",
    "offer": "The value that was kept is no longer offered.",
    "unit": "The unit is another one now.",
    "kind": "It is answered in another way now.",
    "option": "The chosen option is gone.",
    "reworded": "The chosen option reads otherwise now.",
    "single": "Only one option may be chosen now.",
    "replaced": "Another value was put in its place.",
}
_WORDS = re.compile(r"[^\W_]+|[<>≤≥=%+/-]")


@dataclass(frozen=True, slots=True)
class SetAside:
    """A typed value without a place on the form. `asked` is the question as it was, `release` that form's number."""

    place: str
    entry: Entry
    why: str
    asked: Asked
    release: int

    @property
    def id(self) -> str:
        """Names it on a page."""
        text = "\n".join((self.place, self.entry.value, self.entry.missing, str(self.entry.observed_on)))
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    @property
    def reason(self) -> str:
        """Why it has no place, in words."""
        tail = f" It is about {span(self.asked)}." if self.why == "period" else ""
        return WHY.get(self.why, self.why) + tail


@dataclass(frozen=True, slots=True)
class Typing:
    """Typed values, and what is set aside beside them."""

    entered: Entered
    aside: tuple[SetAside, ...] = ()


def moved(typing: Typing, before: Form, now: Form) -> Typing:
    """`typing` from one form to another: what fits stays typed, the rest is set aside, and what had been set aside
    comes back where its question is asked again as it was and nothing else is typed there.
    """
    places = places_of(typing.entered)
    asides = [a for place, entry in places.items() if (a := _without_place(place, entry, before, now))]
    stay = {place: entry for place, entry in places.items() if place not in {a.place for a in asides}}
    for one in typing.aside:
        asked = now.at(one.place)
        if one.place not in stay and asked is not None and not misfit(one.entry, one.asked, asked):
            stay[one.place] = one.entry
        else:
            asides.append(one)
    return tidy(stay, asides)


def merged(posted: Entered, stored: Typing, shown: Collection[str], then: Form, now: Form) -> Typing:
    """What a saved page leaves: what it posts, and what is stored in places that it did not show.

    `then` is the form the page showed, `now` the visit's form. What has no place on it is set aside. Something set
    aside earlier stays so: the page could not show it as typed.
    """
    places = places_of(posted)
    asides = [a for place, entry in places.items() if (a := _without_place(place, entry, then, now))]
    homeless = {a.place for a in asides}
    stay = {place: entry for place, entry in places.items() if place not in homeless}
    for place, entry in places_of(stored.entered).items():
        if place in stay or (place in shown and place not in homeless):
            continue
        if now.at(place) is not None:
            stay[place] = entry
        else:
            asides.append(SetAside(place, entry, "gone", _brief(then.known(place), entry), then.release))
    return tidy(stay, (*stored.aside, *asides))


def used(typing: Typing, one: SetAside, now: Form) -> Typing:
    """A person puts a value that was set aside into its place; what stood there is set aside for it."""
    places = places_of(typing.entered)
    asides = [a for a in typing.aside if a.id != one.id]
    if before := places.get(one.place):
        asides.append(SetAside(one.place, before, "replaced", _brief(now.known(one.place), before), now.release))
    return tidy({**places, one.place: replace(one.entry, confirmed=False)}, asides)


def usable(one: SetAside, now: Form) -> bool:
    """Whether a person can put it into its place: the question is there and its box can hold the value."""
    asked = now.at(one.place)
    return asked is not None and _holds(asked, one.entry)


def misfit(entry: Entry, was: Asked, now: Asked) -> str:
    """'' where an answer given to `was` answers `now` too, else why not (a key of WHY)."""
    if (was.covers_from, was.covers_to) != (now.covers_from, now.covers_to):
        return "period"
    if not entry.value:
        return ""
    if entry.confirmed and now.programs and entry.value != now.offer_value:  # nothing is offered while nobody asks
        return "offer"
    if was.unit != now.unit:
        return "unit"
    if was.datatype != now.datatype and not _converts(was.datatype, now.datatype, entry.value):
        return "single" if (was.datatype, now.datatype) == ("multichoice", "choice") else "kind"
    return _option(entry, was, now) if now.datatype in LISTS else ""


def places_of(entered: Entered) -> dict[str, Entry]:
    """Every given value by its place."""
    found = {key: entry for key, entry in entered.answers.items() if entry.given}
    for record in entered.records:
        for element, entry in record.values.items():
            if entry.given:
                found[record_place(record.group, record.id, element)] = entry
    return found


def tidy(stay: Mapping[str, Entry], asides: Sequence[SetAside]) -> Typing:
    """Values by place as typing; the same thing is set aside once, and not where the same value is typed."""
    records: dict[tuple[str, str], dict[str, Entry]] = {}
    for place, entry in stay.items():
        if place.startswith("r."):
            _, group, record, element = place.split(".", 3)
            records.setdefault((group, record), {})[element] = entry
    answers = {place: entry for place, entry in stay.items() if not place.startswith("r.")}
    entered = Entered(answers, tuple(EnteredRecord(r, group, values) for (group, r), values in records.items()))
    kept = {a.id: a for a in asides if not _same(stay.get(a.place), a.entry)}
    return Typing(entered, tuple(kept.values()))


def words(entry: Entry, asked: Asked, missing: Mapping[str, str]) -> str:
    """A typed value as a person reads it; `missing` are the words of the missing codes."""
    if not entry.value:
        return missing.get(entry.missing, entry.missing)
    labels = {o.code: o.label for o in asked.options}
    text = ", ".join(labels.get(code, code) for code in entry.value.split("|")) if labels else entry.value
    return f"{text} {asked.unit}" if asked.unit and not asked.unit.startswith("{") else text


def _same(typed: Entry | None, entry: Entry) -> bool:
    return typed is not None and (typed.value, typed.missing) == (entry.value, entry.missing)


def _without_place(place: str, entry: Entry, before: Form, now: Form) -> SetAside | None:
    asked, was = now.at(place), before.known(place)
    why = misfit(entry, was, asked) if asked is not None and before.at(place) is not None else ""
    if asked is None:
        why = "gone"
    return SetAside(place, entry, why, _brief(was, entry), before.release) if why else None


def _brief(asked: Asked, entry: Entry) -> Asked:
    """Of a long list only what was chosen is kept with the value."""
    chosen = entry.value.split("|")
    return replace(asked, options=tuple(o for o in asked.options if o.code in chosen))


def _converts(was: str, now: str, value: str) -> bool:
    if {was, now} <= set(NUMBERS):
        return _number(value, whole=now == "integer")
    return {was, now} <= set(LISTS) and not (now == "choice" and "|" in value)


def _number(value: str, *, whole: bool) -> bool:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and (not whole or number == number.to_integral_value())


def _option(entry: Entry, was: Asked, now: Asked) -> str:
    before, after = ({o.code: o.label for o in q.options} for q in (was, now))
    codes = entry.value.split("|")
    if any(code not in after for code in codes):
        return "option"
    changed = (c for c in codes if c in before and _plain(before[c]) != _plain(after[c]))
    return "reworded" if next(changed, None) else ""


def _plain(label: str) -> list[str]:
    return _WORDS.findall(label.casefold())


def _holds(asked: Asked, entry: Entry) -> bool:
    if not entry.value:
        return True
    if asked.datatype in LISTS:
        codes = {o.code for o in asked.options}
        chosen = entry.value.split("|")
        return set(chosen) <= codes and (asked.datatype == "multichoice" or len(chosen) == 1)
    return _number(entry.value, whole=False) if asked.datatype in NUMBERS else True
