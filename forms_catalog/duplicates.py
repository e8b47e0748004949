"""Duplicates in this installation: find them, keep what people said of them. Nothing is merged by itself.

Called by the duplicates page and by find_duplicates --store. The comparison itself is in duplicating (pure).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from forms_catalog import duplicating, intake, matching, seeding, serial
from forms_catalog.drafts import is_draft
from forms_catalog.duplicating import Ask, Found
from forms_catalog.models import (
    DictionaryVersion,
    DuplicateFinding,
    ElementVersion,
    FieldRequest,
    MappingSource,
    Proposal,
)
from forms_catalog.models import Mapping as Decided
from forms_catalog.specs import ElementSpec
from sites import trail
from sites.models import LoadPeriod, Program, TrailEntry
from sites.trail import Actor

FIGURES = ("kind", "score", "reasons", "unify", "patient", "network", "shown", "current")
State = DuplicateFinding.State
COMPARED = "find_duplicates"
MOST_AT_ONCE = 3000  # fields compared while somebody or a worker waits: a few seconds
A_DAY = timedelta(days=1)


class DuplicateError(ValueError):
    """An act on a pair that cannot be; the message says what to do."""

    code = "duplicate_refused"


@dataclass(frozen=True, slots=True)
class Held:
    """What is decided of fields: (program, path, meaning) → elements that answer it, and those that are refused."""

    answered: Mapping[tuple[int, str, str], frozenset[str]]
    refused: Mapping[tuple[int, str, str], frozenset[str]]


def refresh(*, actor: Actor) -> dict[str, int]:
    """Compare everything again. {"found": pairs now, "new": of them, "gone": pairs that are none any more}.

    Pairs that a person put aside or settled stay so.
    """
    return _write({row.pair: row for row in _rows(actor)}, actor)  # compared before anything is locked: may be minutes


@transaction.atomic
def _write(wanted: Mapping[str, DuplicateFinding], actor: Actor) -> dict[str, int]:
    list(Program.objects.select_for_update().order_by("pk"))  # two refreshes take turns
    known = {row.pair: row for row in DuplicateFinding.objects.select_for_update()}
    fresh = [row for pair, row in wanted.items() if pair not in known]
    changed = [row for pair, row in known.items() if pair in wanted and _take(row, wanted[pair])]
    gone = [row for pair, row in known.items() if row.current and pair not in wanted]
    for row in gone:
        row.current = False
    bulk_create_with_history(fresh, DuplicateFinding, batch_size=500, default_change_reason="found")
    bulk_update_with_history(
        [*changed, *gone], DuplicateFinding, [*FIGURES], batch_size=500, default_change_reason="compared again"
    )
    done = {"found": len(wanted), "new": len(fresh), "gone": len(gone)}
    trail.record(actor, COMPARED, "catalog", details=done)
    return done


@transaction.atomic
def decide(uuid: UUID, state: str, *, actor: Actor, reason: str, seen: str = "") -> DuplicateFinding:
    """Put a pair aside as not the same, settle it, or open it again. `seen` is the state the person looked at.

    Raises DuplicateError, ReasonMissing, DuplicateFinding.DoesNotExist.
    """
    why = trail.require_reason(reason)
    row = DuplicateFinding.objects.select_for_update().get(uuid=uuid)
    if state not in State.values:
        raise DuplicateError("Choose what the pair is: not the same, settled, or open again.")
    if row.state == state:
        return row
    if seen and row.state != seen:
        raise DuplicateError(f"{row.decided_by} has decided this pair meanwhile. Look at it again, then decide.")
    row.state, row.reason, row.decided_by, row.decided_at = state, why, actor.name, actor.now
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    trail.record(actor, f"duplicate_{state}", f"duplicate:{row.uuid}", reason=why)
    return row


def compared_at() -> datetime | None:
    """When everything was compared last; None = never. 1 query."""
    found: datetime | None = TrailEntry.objects.filter(action=COMPARED).aggregate(at=Max("at"))["at"]
    return found


def due(now: datetime) -> bool:
    """Whether everything should be compared again by itself: never was, or a day ago and something came since.

    What is too much for a task of the worker is left to the command.
    """
    if FieldRequest.objects.filter(asks=True).count() > MOST_AT_ONCE:
        return False
    compared = compared_at()
    return (compared is None or now - compared >= A_DAY) and is_stale(compared)


def is_stale(compared: datetime | None) -> bool:
    """Whether a decision, a mark, a dictionary or an element came after the last comparison. 4 queries."""
    newest = (
        Decided.objects.aggregate(at=Max("decided_at"))["at"],
        Proposal.objects.aggregate(at=Max("decided_at"))["at"],
        DictionaryVersion.objects.aggregate(at=Max("created_at"))["at"],
        ElementVersion.objects.aggregate(at=Max("created_at"))["at"],
    )
    came = [at for at in newest if at]
    return bool(came) and (compared is None or max(came) > compared)


def _take(row: DuplicateFinding, new: DuplicateFinding) -> bool:
    """Give a known pair its new figures; False where none differs."""
    differ = [name for name in FIGURES if getattr(row, name) != getattr(new, name)]
    for name in differ:
        setattr(row, name, getattr(new, name))
    return bool(differ)


def _rows(actor: Actor) -> Iterator[DuplicateFinding]:
    elements, closed = seeding.elements_and_closed()
    programs = {p.code: p for p in Program.objects.exclude(state=Program.State.CLOSED)}
    held = _held()
    asks = [ask for program in programs.values() for ask in _asks(program, held, elements)]
    for found in duplicating.asks(asks, elements):
        first, second = asks[found.first], asks[found.second]
        sides = [[a.program, a.path, a.meaning] for a in (first, second)]
        shown = {"first": _ask_shown(first, elements), "second": _ask_shown(second, elements)}
        yield _row(found, sides, shown, actor, programs[first.program], programs[second.program])
    specs = [spec for key, spec in elements.items() if key not in closed and not is_draft(key)]
    for found in duplicating.twins(specs):
        pair = (specs[found.first], specs[found.second])
        shown = {"first": _element_shown(pair[0]), "second": _element_shown(pair[1])}
        yield _row(found, [["", one.id, serial.digest(serial.dump(one))] for one in pair], shown, actor)


def _row(
    found: Found,
    sides: list[list[str]],
    shown: dict[str, Any],
    actor: Actor,
    first: Program | None = None,
    second: Program | None = None,
) -> DuplicateFinding:
    return DuplicateFinding(
        pair=serial.digest(sorted(sides)),
        kind=found.kind,
        first_program=first,
        second_program=second,
        score=found.score,
        reasons=list(found.verdict.reasons),
        unify=list(found.verdict.unify),
        patient=found.patient,
        network=found.network,
        shown=shown,
        found_at=actor.now,
    )


def _held() -> Held:
    answered: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    rows = MappingSource.objects.filter(mapping__state=Decided.State.CONFIRMED)
    for *key, element in rows.values_list(
        "mapping__program_id", "mapping__path", "mapping__meaning_hash", "element__key"
    ):
        answered[tuple(key)].add(element)  # type: ignore[index]
    refused: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    marks = Proposal.objects.exclude(state=Proposal.State.PROPOSED)
    for *key, element in marks.values_list("program_id", "path", "meaning_hash", "element__key"):
        refused[tuple(key)].add(element)  # type: ignore[index]
    return Held(_frozen(answered), _frozen(refused))


def _frozen(found: Mapping[tuple[int, str, str], set[str]]) -> dict[tuple[int, str, str], frozenset[str]]:
    return {key: frozenset(values) for key, values in found.items()}


def _asks(program: Program, held: Held, elements: Mapping[str, ElementSpec]) -> Iterator[Ask]:
    """What the newest version of a program asks people, each with its answer, its cost and how often it is asked."""
    version = intake.latest(program)
    if version is None:
        return
    schedule, visits = intake.schedule_of(version), _planned(program.code)
    rows = {r.path: r for r in version.fields.filter(asks=True)}
    for query in matching.queries_of_fields(intake.fields_of(version)):
        row = rows.get(query.path)
        if row is None:
            continue
        key = (program.pk, row.path, row.meaning_hash)
        mine = held.answered.get(key, frozenset())
        often, share = duplicating.yearly(schedule, query.form)
        yield Ask(
            program=program.code,
            path=row.path,
            meaning=row.meaning_hash,
            query=query,
            elements=mine,
            refused=held.refused.get(key, frozenset()),
            seconds=duplicating.seconds(query.kind, mine, elements),
            yearly=often,
            visits=visits * share,
        )


def _planned(program: str) -> int:
    """Planned visits of a program in the year from its first open week on, over all sites."""
    rows = LoadPeriod.objects.filter(program=program).order_by("period")
    first = rows.values_list("period", flat=True).first()
    if first is None:
        return 0
    return int(rows.filter(period__lt=first + timedelta(weeks=52)).aggregate(n=Sum("visits"))["n"] or 0)


def _ask_shown(ask: Ask, elements: Mapping[str, ElementSpec]) -> dict[str, Any]:
    """What the page tells of one ask."""
    query = ask.query
    return {
        "program": ask.program,
        "path": ask.path,
        "label": query.label or query.name,
        "kind": query.kind,
        "unit": query.unit,
        "answers": _answers(o.label for o in query.options),
        "elements": [{"key": k, "label": elements[k].label if k in elements else k} for k in sorted(ask.elements)],
        "yearly": round(ask.yearly, 1),
        "seconds": ask.seconds,
    }


def _element_shown(spec: ElementSpec) -> dict[str, Any]:
    """What the page tells of one element."""
    answers = _answers(o.label for o in spec.options)
    return {"element": spec.id, "label": spec.label, "kind": spec.datatype, "unit": spec.unit, "answers": answers,
            "definition": spec.definition}  # fmt: skip


def _answers(labels: Iterable[str]) -> list[str]:
    """The first answers on offer; the rest is counted."""
    found = list(labels)
    return found if len(found) <= 8 else [*found[:7], f"and {len(found) - 7} more"]
