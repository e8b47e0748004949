"""The visit column of a request sheet to time points: 'Day 100', 'M6', 'yearly from year 1 to 5' and the like. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from forms_catalog.specs import EventSpec

EVERY = re.compile(r"(?:all|every|each)(?: (?:visits?|time ?points?|follow[- ]?ups?))?", re.IGNORECASE)
_DAYS = {"d": 1.0, "w": 7.0, "m": 365.25 / 12, "y": 365.25}
_UNIT = r"(d(?:ays?)?|w(?:(?:ee)?ks?)?|m(?:o(?:nths?|s)?)?|y(?:(?:ea)?rs?)?)"
_UNIT_FIRST = re.compile(rf"(?:visit\s+)?{_UNIT}\.?\s*[-+]?\s*(\d{{1,5}})(?:\s+.*)?", re.IGNORECASE)
_NUMBER_FIRST = re.compile(rf"(\d{{1,5}})[\s-]*{_UNIT}\b\.?(?:\s+.*)?", re.IGNORECASE)
_SPAN = re.compile(rf"{_UNIT}\.?\s*(\d{{1,3}})\s*(?:-|–|to|\.\.)\s*(?:{_UNIT}\.?\s*)?(\d{{1,3}})", re.IGNORECASE)
_BASELINE = re.compile(
    r"base ?line|screening|enrol|inclusion|pre[- ]?(?:infusion|treatment|hct|transplant)", re.IGNORECASE
)
LONGEST_SPAN = 60
FURTHEST = 73_000  # days, 200 years: beyond it is a typing error


def names_of(cell: str) -> tuple[str, ...]:
    """The time points a cell names, each once, spans ('Year 1-5') written out; () where it names none."""
    named: dict[str, None] = {}
    for part in re.split(r"[,;|\n]|\band\b|&", cell):
        for name in _spelt(" ".join(part.split())):
            named.setdefault(name, None)
    return tuple(named)


def _spelt(part: str) -> Iterable[str]:
    span = _SPAN.fullmatch(part)
    if not span:
        return [part] if part else []
    first, last = int(span[2]), int(span[4])
    if not first <= last <= first + LONGEST_SPAN or (span[3] and span[3][0].lower() != span[1][0].lower()):
        return [part]
    return [f"{span[1]} {number}" for number in range(first, last + 1)]


def day_of(name: str) -> int | None:
    """Days from the anchor where the name says them: 'Day 100', 'M6', '2 years'; None otherwise."""
    first, second = _UNIT_FIRST.fullmatch(name), _NUMBER_FIRST.fullmatch(name)
    if not first and not second:
        return None
    unit, number = (first[1], first[2]) if first else (second[2], second[1]) if second else ("", "")
    days = round(int(number) * _DAYS[unit[0].lower()])
    return days if days <= FURTHEST else None


def written_out(named: Sequence[str], everywhere: Sequence[str]) -> tuple[str, ...]:
    """'All visits' as the visits the sheet names anywhere; 'each follow-up' leaves baseline visits out."""
    every = next((name for name in named if EVERY.fullmatch(name)), "")
    if not every:
        return tuple(named)
    return tuple(v for v in everywhere if "follow" not in every.casefold() or not _BASELINE.search(v))


def short(named: Sequence[str]) -> str:
    """A few words for a set of visits, to name a form by."""
    if len(named) <= 3:
        return ", ".join(named) or "no visit"
    return f"{named[0]} to {named[-1]}, {len(named)} visits"


def events_of(visits: Mapping[str, Sequence[str]]) -> tuple[EventSpec, ...]:
    """Form → the time points it is asked at, to time points with their forms, those with days in order of days."""
    forms: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for form, names in visits.items():
        for name in names:
            labels.setdefault(name.casefold(), name)
            forms.setdefault(name.casefold(), []).append(form)
    made = [_event(labels[key], tuple(forms[key])) for key in forms]
    return tuple(sorted(made, key=lambda e: (e.kind != "baseline", e.day is None, e.day or 0)))


def _event(label: str, forms: tuple[str, ...]) -> EventSpec:
    code = re.sub(r"[^A-Za-z0-9]+", "_", label).strip("_")[:40] or "visit"
    day = day_of(label)
    kind = "baseline" if _BASELINE.search(label) else "followup" if day is not None else ""
    return EventSpec(code, label, forms, day, kind=kind)  # type: ignore[arg-type]
