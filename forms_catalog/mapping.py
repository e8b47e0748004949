"""Step 2b: the decisions on field requests. Every decision keeps who, when, why; a wrong one can be undone.

Called by the review page, loading and the machine (proposing). `decided` hands a program to merging.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction

from forms_catalog import intake, mapping_checks, remembering, seeding, serial
from forms_catalog.drafts import draft_element, draft_id
from forms_catalog.mapping_rows import (
    MappingConflict,
    MappingError,
    field_of,
    locked,
    ref,
    refs,
    reopen,
    request_of,
    spec_of,
)
from forms_catalog.models import DictionaryVersion, Element, FieldRequest, Mapping, MappingSource, Proposal
from forms_catalog.refusing import mark_not_same, reconsider, reject, reject_many
from forms_catalog.specs import AskSpec, FieldSpec, MappingSpec, ProgramSpec, Source
from forms_catalog.suggesting import DIRECT
from sites import trail
from sites.models import Program
from sites.trail import Actor

__all__ = [
    "MappingConflict",
    "MappingError",
    "confirm",
    "confirm_many",
    "decided",
    "mark_not_same",
    "reconsider",
    "ref",
    "refs",
    "reject",
    "reject_many",
    "says",
    "spec_of",
    "undo",
]


@transaction.atomic
def confirm(
    program: Program,
    spec: MappingSpec,
    *,
    actor: Actor,
    reason: str,
    by_machine: bool = False,
    seen_version: int | None = None,
) -> Mapping:
    """Decide that a field request means these elements in this way. A new decision replaces the earlier one.

    `seen_version` is the mapping version the person looked at (0 = none). The same decision again changes nothing.
    Raises MappingError, MappingConflict, ReasonMissing.
    """
    why = trail.require_reason(reason)
    request = request_of(program, spec.path)
    standing = locked(program, request, seen_version)
    wanted = _whole(program, spec, why)
    if by_machine:
        _only_what_the_matcher_accepts(program, request, wanted, standing)
    elif standing and _same(standing, wanted):
        return standing
    _check(request, wanted)
    _refuse_marked(program, request, wanted)
    sources = _elements(program, request, wanted, actor=actor, reason=why)
    saved = _save(standing, program, wanted, request, actor=actor, reason=why, by_machine=by_machine)
    _replace_sources(saved, wanted, sources)
    if not by_machine:
        remembering.remember(program, field_of(request), sources[0], wanted, ref(saved), actor=actor)
    details = {"version": saved.version, "machine": by_machine, "decision": serial.dump(wanted)}
    trail.record(actor, "confirm_mapping", f"mapping:{saved.uuid}", reason=why, details=details)
    return saved


@transaction.atomic
def confirm_many(
    program: Program, specs: Sequence[tuple[MappingSpec, int | None]], *, actor: Actor, reason: str
) -> list[Mapping]:
    """Confirm (decision, version seen) pairs with one reason: all of them or, where one cannot be, none."""
    return [confirm(program, spec, actor=actor, reason=reason, seen_version=seen) for spec, seen in specs]


def _whole(program: Program, spec: MappingSpec, reason: str) -> MappingSpec:
    """The decision as it is kept: under its program, with its reason, `new` reading its draft element."""
    sources = (Source(draft_id(program.code, spec.path)),) if spec.relation == "new" else spec.sources
    return replace(spec, program=program.code, sources=sources, reason=reason)


def _same(standing: Mapping, wanted: MappingSpec) -> bool:
    """Whether a person decided exactly this before; the reason given then stays."""
    return not standing.by_machine and says(standing, wanted)


def says(standing: Mapping, wanted: MappingSpec) -> bool:
    """Whether this is what stands decided, whoever decided it and why."""
    if standing.state != Mapping.State.CONFIRMED:
        return False
    whole = _whole(standing.program, wanted, "")
    pair = (serial.dump(replace(spec, reason="")) for spec in (spec_of(standing), whole))
    return len({serial.digest(data) for data in pair}) == 1


def _only_what_the_matcher_accepts(
    program: Program, request: FieldRequest, spec: MappingSpec, standing: Mapping | None
) -> None:
    """The machine decides once, only the candidate it accepts, and nothing a guard or a person objected to."""
    first = (
        Proposal.objects.filter(program=program, path=request.path, meaning_hash=request.meaning_hash, rank=1)
        .filter(decision="accept", state=Proposal.State.PROPOSED, element__key__in=[s.element for s in spec.sources])
        .first()
    )
    if standing or first is None or first.guards or first.relation != spec.relation or spec.relation not in DIRECT:
        raise MappingError(f"{request.path}: a person has to decide this.", "needs_person")


def _check(request: FieldRequest, spec: MappingSpec) -> None:
    names = mapping_checks.named(spec)
    wrong = mapping_checks.problems(spec, field_of(request), seeding.elements(names), seeding.standings(names))
    if wrong:
        raise MappingError(f"{spec.path}: {' '.join(wrong)}")


def _refuse_marked(program: Program, request: FieldRequest, spec: MappingSpec) -> None:
    """A pair marked as not the same stays apart until that is taken back; a rejected one a person may choose again."""
    keys = [s.element for s in spec.sources]
    rows = Proposal.objects.filter(program=program, path=spec.path, element__key__in=keys).select_related("element")
    for row in rows.exclude(state=Proposal.State.PROPOSED):
        if row.state == Proposal.State.NOT_SAME:
            message = f"{spec.path}: {row.element} is marked as not the same by {row.decided_by}. Take that back first."
            raise MappingError(message, "marked_not_same")
        if row.meaning_hash == request.meaning_hash:
            row.state = Proposal.State.PROPOSED
            row._change_reason = "chosen after all"  # type: ignore[attr-defined]
            row.save()


def _elements(
    program: Program,
    request: FieldRequest,
    spec: MappingSpec,
    *,
    actor: Actor,
    reason: str,
) -> list[Element]:
    """The rows of the sources; a new field brings its draft element, which asks for its program only."""
    if spec.relation == "new":
        draft = draft_element(program.code, field_of(request))
        return [seeding.save_element(draft, Element.State.DRAFT, actor=actor, reason=reason)]
    found = {e.key: e for e in Element.objects.filter(key__in=[s.element for s in spec.sources])}
    return [found[s.element] for s in spec.sources]


def _save(
    standing: Mapping | None,
    program: Program,
    spec: MappingSpec,
    request: FieldRequest,
    *,
    actor: Actor,
    reason: str,
    by_machine: bool,
) -> Mapping:
    row = standing or Mapping(program=program, path=spec.path, meaning_hash=request.meaning_hash, version=0)
    row.relation, row.transform = spec.relation, serial.dump(list(spec.transform))
    row.condition, row.qualifier_question = spec.condition, spec.qualifier_question
    row.qualifier_options = serial.dump(list(spec.qualifier_options))
    row.state, row.version, row.by_machine = Mapping.State.CONFIRMED, row.version + 1, by_machine
    row.decided_by, row.decided_at, row.reason, row.carried = actor.name, actor.now, reason, {}
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save()
    return row


def _replace_sources(mapping: Mapping, spec: MappingSpec, elements: Iterable[Element]) -> None:
    mapping.sources.all().delete()
    pairs = enumerate(zip(spec.sources, elements, strict=True))
    MappingSource.objects.bulk_create(
        [MappingSource(mapping=mapping, element=e, qualifier=s.qualifier, ordinal=i) for i, (s, e) in pairs]
    )


@transaction.atomic
def undo(mapping: Mapping, *, actor: Actor, reason: str, seen_version: int | None = None) -> Mapping:
    """Send a decided field back to review. `refs` names it on the deliveries that used it; capture lists them.

    Raises MappingError where it is not decided, MappingConflict, ReasonMissing.
    """
    why = trail.require_reason(reason)
    row = Mapping.objects.select_for_update(of=("self",)).select_related("program").get(pk=mapping.pk)
    if seen_version is not None and row.version != seen_version:
        raise MappingConflict(row)
    if row.state != Mapping.State.CONFIRMED:
        raise MappingError(f"{row.path} is not decided; there is nothing to undo.")
    return reopen(row, actor=actor, reason=why)


def decided(version: DictionaryVersion) -> ProgramSpec:
    """The version as a program of a release: every field with its confirmed mapping, None where undecided."""
    rows = Mapping.objects.filter(program=version.program, state=Mapping.State.CONFIRMED)
    mappings = {
        (m.path, m.meaning_hash): m for m in rows.select_related("program").prefetch_related("sources__element")
    }
    asks = []
    for request in version.fields.order_by("order"):
        found = mappings.get((request.path, request.meaning_hash))
        field = serial.load(FieldSpec, request.spec)
        asks.append(AskSpec(field, spec_of(found) if found else None, ref(found) if found else ""))
    plan = intake.schedule_of(version)
    return ProgramSpec(
        code=version.program.code,
        title=version.program.title,
        version=str(version.number),
        asks=tuple(asks),
        entries=plan.entries if plan else (),
        tracks=plan.tracks if plan else (),
        rules=plan.rules if plan else {},
    )
