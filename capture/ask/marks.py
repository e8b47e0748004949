"""What a person says about a record beside its fields: that it still goes on, and which program is told of it. Pure.

A mark is kept as an answer of the record (context o<record>). Where a program's schedule has a rule `reportable` for
the group, the rule proposes and a person decides; without a mark a record is told like any other. Called by values and
slicing (what is told), checks and the form (what has to be decided), and answers (how it is kept).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from capture.ask import records
from capture.ask.facts import Record, field_key
from forms_catalog.specs import Option, RecordGroupSpec, ReleaseSpec

ONGOING = "ongoing"  # the record still goes on, as of the visit's day
REPORTABLE, REASON = "reportable", "reportable-why"
TELL, AGAIN, ELSEWHERE = "yes", "no", "elsewhere"
YES = (Option("yes", "Still going on"),)
TOLD = {
    TELL: "Report it",
    AGAIN: "Not again: part of what was reported",
    ELSEWHERE: "Reported on a form of its own",
}
NOT_TOLD_APART = ("none", "unknown", "other")  # two of these need not be the same
ANY = ""  # days of the rule for kinds it does not name


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a program's rule says of a record: the mark it proposes ('' leaves it to the person) and why."""

    mark: str
    why: str


def mark_of(program: str) -> str:
    """The name of a program's mark on a record."""
    return field_key(REPORTABLE, program)


def reason_of(program: str) -> str:
    """The name of the typed reason beside it."""
    return field_key(REASON, program)


def words(name: str) -> str:
    """A mark's name as people read it."""
    kind, _, program = name.partition("~")
    return {ONGOING: "Still going on", REPORTABLE: f"Report to {program}", REASON: f"Why, for {program}"}[kind]


def names(release: ReleaseSpec, group: str) -> tuple[str, ...]:
    """Every mark that a record of the group may carry."""
    programs = rules(release, group)
    closes = (ONGOING,) if release.groups[group].end else ()
    return (*closes, *(name for p in programs for name in (mark_of(p), reason_of(p))))


def rules(release: ReleaseSpec, group: str) -> Mapping[str, Mapping[str, Any]]:
    """Program → its rule for the group, lowest program code first."""
    found = {}
    for code in sorted(release.programs):
        written = release.programs[code].rules.get("reportable")
        rule = written.get(group) if isinstance(written, Mapping) else None
        if isinstance(rule, Mapping):
            found[code] = rule
    return found


def options(rule: Mapping[str, Any]) -> tuple[Option, ...]:
    """What a person may choose: `elsewhere` only where the program has a form of its own for it."""
    wanted = (TELL, AGAIN, ELSEWHERE) if rule.get("own_form") else (TELL, AGAIN)
    return tuple(Option(code, TOLD[code]) for code in wanted)


def tells(record: Record, program: str) -> bool:
    """Whether the program is told of the record in the report of its day."""
    return record.value(mark_of(program)) not in (AGAIN, ELSEWHERE)


def told_to(found: Iterable[Record], program: str) -> list[Record]:
    """The records a program is told of."""
    return [r for r in found if tells(r, program)]


def elsewhere(found: Iterable[Record], program: str) -> list[Record]:
    """The records that a person says were told on a form of their own."""
    return [r for r in found if r.value(mark_of(program)) == ELSEWHERE]


def going_on(found: Iterable[Record], group: RecordGroupSpec, upto: date) -> list[Record]:
    """The group's records that have begun and have no end yet: to be carried forward. A closed one is left out."""
    return [r for day, r in records.of_group(found, group) if group.end and day <= upto and _open(r, group)]


def _open(record: Record, group: RecordGroupSpec) -> bool:
    answer = record.values.get(group.end)
    if answer is None or answer.missing == "pending":
        return True
    return answer.value in group.open_values if answer.value else not answer.missing


def proposal(
    record: Record, group: RecordGroupSpec, rule: Mapping[str, Any], every: Sequence[Record]
) -> Proposal | None:
    """What the rule says of a record beside the earlier ones of its group; None where it is told like any other.

    `same` names the field that must share a code, `again_after_days` by code when it counts as new again after the end
    (or, without one, the onset) of the earlier one. An earlier one without an end persists. `own_form` leaves it to
    a person.
    """
    day = records.day_of(record, group)
    if day is None:
        return None
    for began, before in reversed(records.of_group(every, group)):
        if before.id == record.id or began > day or (began == day and before.id > record.id):
            continue
        if why := _why_again(record, before, began, day, group, rule):
            return Proposal(AGAIN, why)
    return (
        Proposal("", "Report it here, unless it was reported on a form of its own.") if rule.get("own_form") else None
    )


def _why_again(
    record: Record, before: Record, began: date, day: date, group: RecordGroupSpec, rule: Mapping[str, Any]
) -> str:
    days, field = rule.get("again_after_days"), str(rule.get("same", ""))
    kinds = _codes(record, field) & _codes(before, field) if field else {ANY}
    if not isinstance(days, Mapping) or not kinds:
        return ""
    what = " ".join(sorted(kinds)).strip()
    earlier = f"the {what} {group.id.replace('-', ' ')} of {began}".replace("  ", " ")
    if group.end and _open(before, group):
        return f"It persists: {earlier} has no end yet."
    end = records.latest_day(before.value(group.end)) if group.end else None
    limit = max((int(days.get(k, days.get(ANY, 0))) for k in kinds), default=0)
    gone = (day - (end or began)).days
    return f"It recurs {gone} days after {earlier}; within {limit} days it is the same." if gone <= limit else ""


def _codes(record: Record, field: str) -> set[str]:
    return {c for c in record.value(field).split("|") if c and c not in NOT_TOLD_APART}
