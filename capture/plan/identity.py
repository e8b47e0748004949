"""Step 4: which stored visit goes on as which planned one, so that links, pages and reminders stay true. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from forms_catalog.specs import EntryKind


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """One visit of the plan: its day ordinal, its timepoints sorted, and the stored visit it is (None = a new one)."""

    kind: EntryKind
    date: int
    keys: tuple[str, ...]
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """A stored visit nobody has touched, with the timepoints it serves now."""

    id: str
    kind: EntryKind
    date: int
    keys: frozenset[str]


def keep(wanted: Iterable[VisitPlan], free: Sequence[Free]) -> tuple[VisitPlan, ...]:
    """The planned visits; new ones take the identity of the untouched visit with the most timepoints in common.

    Most in common first, then the least difference, then the nearest day; each stored visit goes on at most once.
    """
    planned = list(wanted)
    at = {key: visit for visit in free for key in visit.keys}
    pairs = set[tuple[int, int, int, str, int]]()
    for number, plan in enumerate(planned):
        for visit in {at[k].id: at[k] for k in plan.keys if k in at}.values() if plan.visit is None else ():
            if visit.kind == plan.kind:
                common, other = len(visit.keys & set(plan.keys)), len(visit.keys ^ set(plan.keys))
                pairs.add((-common, other, abs(visit.date - plan.date), visit.id, number))
    used: set[str] = set()
    for _, _, _, visit_id, number in sorted(pairs):
        if visit_id not in used and planned[number].visit is None:
            planned[number] = replace(planned[number], visit=visit_id)
            used.add(visit_id)
    return tuple(planned)
