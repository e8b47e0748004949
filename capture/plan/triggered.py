"""Occasions that come due by answers: records and deaths → the triggered slots of one enrolment. Pure.

openers fills the facts, load asks here, delta plans what comes out. One occasion for each record and trigger: its cycle
is the record's number, so that it is the same occasion whatever is re-planned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from capture.plan.delta import Slot, slot_key
from capture.plan.events import EnrolmentFact
from forms_catalog import triggering
from forms_catalog.specs import ProgramSpec
from forms_catalog.specs.triggers import TriggerSpec
from sites.clock import local_day

IN_ERROR = "entered in error"
UNDONE = "undone"
NOT_ANY_MORE = "no longer so"


@dataclass(frozen=True, slots=True)
class Opener:
    """A record or an event that may open occasions. `id` is o<occurrence> or the event's uuid, `kind` group or event.

    `on` is the day ordinal it happened, `aware_at` when the site knew, in its `zone`. `ended` says why it counts no
    more. `elsewhere`: it came with an opening balance.
    """

    id: str
    kind: str
    number: int
    on: int
    aware_at: datetime
    zone: str
    values: Mapping[str, str] = field(default_factory=dict)
    ended: str = ""
    elsewhere: bool = False

    @property
    def aware(self) -> int:
        """The site's own day of awareness, as an ordinal."""
        return local_day(self.aware_at, self.zone).toordinal()


def slots_of(
    program: ProgramSpec, enrolment: int, fact: EnrolmentFact, openers: Iterable[Opener], stored: Collection[str]
) -> Iterator[Slot]:
    """The occasions of one enrolment; those that should not be stand there closed where they are `stored` already."""
    found = list(openers)
    for trigger in triggering.of_program(program) if found else ():
        for opener in found:
            key = slot_key(enrolment, trigger.entry, opener.number)
            closed = _why_not(trigger, opener, fact)
            if opener.kind in (trigger.group, trigger.event) and (not closed or key in stored):
                yield _slot(key, enrolment, fact, trigger, opener, closed or "")


def due_day(trigger: TriggerSpec, opener: Opener) -> int:
    """Hours run from the minute of awareness, to the day of the site they end on; days from its day."""
    if trigger.due_hours is None:
        return opener.aware + (trigger.due_days or 0)
    return local_day(opener.aware_at + timedelta(hours=trigger.due_hours), opener.zone).toordinal()


def _why_not(trigger: TriggerSpec, opener: Opener, fact: EnrolmentFact) -> str:
    """Why the opener opens nothing here, '' where it does."""
    if opener.ended:
        return opener.ended
    if any(opener.values.get(name, "") not in codes for name, codes in trigger.where.items()):
        return NOT_ANY_MORE
    late = opener.aware < fact.owed_from and not fact.retrospective
    return NOT_ANY_MORE if opener.elsewhere or opener.on < fact.anchor or late else ""


def _slot(key: str, enrolment: int, fact: EnrolmentFact, trigger: TriggerSpec, opener: Opener, closed: str) -> Slot:
    aware, due = opener.aware, due_day(trigger, opener)
    return Slot(
        key=key,
        enrolment=enrolment,
        program=fact.program,
        code=trigger.entry,
        label=f"{trigger.label} {opener.number}",
        kind="triggered",
        start=aware,
        end=max(aware, due),
        due=due,
        target=aware,
        cycle=opener.number,
        opened_by=opener.id,
        closed=closed,
    )
