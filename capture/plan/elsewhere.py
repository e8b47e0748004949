"""Which slots of an enrolment were reported elsewhere by its opening balance, and what they are then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from capture.plan.events import Decision

BALANCE = "opening balance"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A report made elsewhere; `as_of` is the day it spoke for, None where only the last one's is known."""

    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """An enrolment's newest opening balance: its last report ('' = none), for which day, and what is owed before it."""

    last_entry: str
    last_as_of: date | None
    still_owed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Days:
    """A schedule entry as the balance looks at it."""

    code: str
    kind: str
    end: int


def told_by(balance: Balance | None, entries: Iterable[Days]) -> Iterator[tuple[str, Elsewhere]]:
    """Code → the report made elsewhere: the last one named, what ends before it, and the baseline.

    Where the schedule does not know the last entry any more, what had ended by the day it spoke for.
    """
    if balance is None or balance.last_as_of is None:
        return
    every, as_of = list(entries), balance.last_as_of.toordinal()
    last = next((e.end for e in every if e.code == balance.last_entry), as_of)
    for entry in every:
        before = entry.kind == "baseline" or entry.code == balance.last_entry or entry.end < last
        if before and entry.code not in balance.still_owed:
            yield entry.code, Elsewhere(as_of if entry.code == balance.last_entry else None)


def told(elsewhere: Elsewhere | None, decision: Decision) -> Decision:
    """The decision on a slot: what was reported elsewhere is neither owed nor reminded of."""
    if elsewhere is None:
        return decision
    return replace(decision, state="elsewhere", reason=BALANCE, as_of=elsewhere.as_of, event="")
