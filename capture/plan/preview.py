"""What differs between two pictures of a patient's plan, report by report and visit by visit. Pure.

enter.rehearsing takes both pictures around the very act that is previewed; pages show the changes before and after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

OfReport = Literal["opened", "closed", "not_owed", "moved", "restated", "delivery"]
OfVisit = Literal["dropped", "made", "shifted", "split", "merged", "serves", "site", "pinned", "unpinned"]
OfReminder = Literal["reminder_stops", "reminder_starts"]
Kind = OfReport | OfVisit | OfReminder
OF_REPORTS: tuple[OfReport, ...] = get_args(OfReport)
OF_VISITS: tuple[OfVisit, ...] = get_args(OfVisit)


@dataclass(frozen=True, slots=True)
class Report:
    """One stored timepoint: its state with the reason, its days, its visit, and how its newest delivery stands."""

    key: str
    program: str
    label: str
    state: str
    reason: str
    opens: date
    closes: date
    due: date
    visit: str | None = None
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """One stored visit. `reminder` says whether anybody will be reminded of it."""

    id: str
    kind: str
    on: date
    site: str
    submitted: bool = False
    pinned: bool = False
    reminder: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A patient's whole plan as it is stored: reports by slot key, visits by id."""

    reports: Mapping[str, Report]
    visits: Mapping[str, Occasion]

    def served(self) -> dict[str, frozenset[str]]:
        """Visit → the keys of the open reports it serves."""
        found: dict[str, set[str]] = {}
        for key, report in self.reports.items():
            if report.visit and report.state == "planned":
                found.setdefault(report.visit, set()).add(key)
        return {visit: frozenset(keys) for visit, keys in found.items()}

    def day_of(self, report: Report) -> date | None:
        """The day of the visit that serves an open report."""
        visit = self.visits.get(report.visit or "") if report.state == "planned" else None
        return visit.on if visit else None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is other. `program` is '' for visits; `before` and `after` are days, states or sites."""

    kind: Kind
    program: str
    label: str
    before: str
    after: str
    why: str = ""


def changes(before: Picture, after: Picture) -> tuple[Change, ...]:
    """Every difference, reports first (by program and day), then visits, then reminders; empty where there is none."""
    return (*_reports(before, after), *_visits(before, after), *_reminders(before, after))


def fingerprint(found: Sequence[Change]) -> str:
    """The same for the same changes: what a page showed can be compared with what would happen now."""
    return hashlib.sha256(repr(list(found)).encode()).hexdigest()


def by_program(found: Iterable[Change]) -> dict[str, list[Change]]:
    """The changes of reports, by program title."""
    groups: dict[str, list[Change]] = {}
    for change in found:
        if change.kind in OF_REPORTS:
            groups.setdefault(change.program, []).append(change)
    return groups


def of(found: Iterable[Change], kinds: Sequence[Kind]) -> list[Change]:
    """The changes of these kinds."""
    return [change for change in found if change.kind in kinds]


def _reports(before: Picture, after: Picture) -> Iterator[Change]:
    for key in _ordered(before, after):
        old, new = before.reports.get(key), after.reports.get(key)
        for change in (_report(before, after, old, new), _delivery(old, new)):
            if change:
                yield change


def _ordered(before: Picture, after: Picture) -> list[str]:
    every = dict(before.reports) | dict(after.reports)
    return sorted(every, key=lambda key: (every[key].program, every[key].opens, key))


def _report(before: Picture, after: Picture, old: Report | None, new: Report | None) -> Change | None:
    if new is None:
        return Change("closed", old.program, old.label, _days(before, old), "") if old else None
    was, now = old.state if old else "", new.state
    if was != now and now == "planned":
        why = f"was {_words(old)}" if old else "new"
        return Change("opened", new.program, new.label, "", _days(after, new), new.reason or why)
    if was != now and now in ("closed", "not_owed"):
        left = _days(before, old) if old and was == "planned" else _words(old) if old else ""
        return Change("closed" if now == "closed" else "not_owed", new.program, new.label, left, "", new.reason)
    if old is None or ((was, old.reason) != (now, new.reason) and now != "planned"):
        return Change("restated", new.program, new.label, _words(old) if old else "", _words(new))
    first, then = _days(before, old), _days(after, new)
    if first != then or (old.opens, old.closes) != (new.opens, new.closes) or old.reason != new.reason:
        return Change("moved", new.program, new.label, first, then, _window(old, new) or new.reason)
    return None


def _words(report: Report | None) -> str:
    """A state with its reason: 'closed (death)'."""
    if report is None:
        return ""
    state = report.state.replace("_", " ")
    return f"{state} ({report.reason.replace('_', ' ')})" if report.reason else state


def _days(picture: Picture, report: Report) -> str:
    on = picture.day_of(report)
    return f"{on}, due {report.due}" if on else f"due {report.due}"


def _window(old: Report, new: Report) -> str:
    if (old.opens, old.closes) == (new.opens, new.closes):
        return ""
    return f"{new.reason + ': ' if new.reason else ''}window {old.opens} to {old.closes} becomes {_span(new)}"


def _span(report: Report) -> str:
    return str(report.opens) if report.opens == report.closes else f"{report.opens} to {report.closes}"


def _delivery(old: Report | None, new: Report | None) -> Change | None:
    first, then = old.delivery if old else "", new.delivery if new else ""
    if new is None or first == then:
        return None
    return Change("delivery", new.program, new.label, first, then, "what was reported")


def _visits(before: Picture, after: Picture) -> Iterator[Change]:
    was, now = before.served(), after.served()
    every = dict(before.visits) | dict(after.visits)
    for visit in sorted(every, key=lambda v: (every[v].on, v)):
        old, new = before.visits.get(visit), after.visits.get(visit)
        mine, theirs = was.get(visit, frozenset()), now.get(visit, frozenset())
        if mine and not theirs:
            yield _gone(before, after, visit, mine)
        elif theirs and not mine:
            yield _new(before, after, visit, theirs)
        elif mine != theirs:
            yield _other(before, after, visit, mine, theirs)
        if old and new:
            yield from _same(old, new, open_=bool(mine and theirs), gone=bool(mine and not theirs))


def _gone(before: Picture, after: Picture, visit: str, keys: frozenset[str]) -> Change:
    """A visit that serves nothing any more: what it served is closed, or goes into other visits."""
    on = str(before.visits[visit].on)
    days = _where(after, keys)
    served = _labels(before, keys)
    if not days:
        return Change("dropped", "", served, on, "")
    return Change("merged" if len(days) == 1 else "split", "", served, on, ", ".join(days))


def _new(before: Picture, after: Picture, visit: str, keys: frozenset[str]) -> Change:
    """A visit that served nothing before: new reports, or reports taken out of other visits."""
    on, days = str(after.visits[visit].on), _where(before, keys)
    return Change("split" if days else "made", "", _labels(after, keys), ", ".join(days), on)


def _other(before: Picture, after: Picture, visit: str, mine: frozenset[str], theirs: frozenset[str]) -> Change:
    """A visit that goes on and serves other reports."""
    gives, takes = _labels(before, mine - theirs), _labels(after, theirs - mine)
    on = after.visits[visit].on
    return Change("serves", "", f"Visit of {on}", gives and f"without {gives}", takes and f"with {takes}")


def _where(picture: Picture, keys: Iterable[str]) -> list[str]:
    """The days on which a picture serves these reports, earliest first."""
    days = {picture.day_of(picture.reports[k]) for k in keys if k in picture.reports}
    return [str(day) for day in sorted(d for d in days if d)]


def _labels(picture: Picture, keys: Iterable[str]) -> str:
    found = (picture.reports[k] for k in sorted(keys) if k in picture.reports)
    return "; ".join(f"{r.program}, {r.label}" for r in found)


def _same(old: Occasion, new: Occasion, *, open_: bool, gone: bool) -> Iterator[Change]:
    """What is other about a visit that goes on."""
    label = f"{new.kind.capitalize()} visit of {new.on}"
    if old.on != new.on and open_:
        yield Change("shifted", "", f"{new.kind.capitalize()} visit", str(old.on), str(new.on))
    if old.site != new.site:
        yield Change("site", "", label, old.site, new.site)
    if old.pinned != new.pinned and not gone:
        yield Change("pinned" if new.pinned else "unpinned", "", label, "", str(new.on) if new.pinned else "")


def _reminders(before: Picture, after: Picture) -> Iterator[Change]:
    every = dict(before.visits) | dict(after.visits)
    for visit in sorted(every, key=lambda v: (every[v].on, v)):
        old, new = before.visits.get(visit), after.visits.get(visit)
        first, then = bool(old and old.reminder), bool(new and new.reminder)
        if first and not then and old:
            yield Change("reminder_stops", "", f"Visit of {old.on}", str(old.on), "")
        elif then and not first and new:
            yield Change("reminder_starts", "", f"Visit of {new.on}", "", str(new.on))
