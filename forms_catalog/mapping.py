"""Step 2b: the decisions on field requests. Every decision keeps who, when, why; a wrong one can be undone.

Called by the review page, load_decisions and the machine; proposals come from proposing. Read by decided().
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from forms_catalog import intake, seeding, serial
from forms_catalog.drafts import draft_element, draft_id
from forms_catalog.models import Alias, DictionaryVersion, Element, FieldRequest, Mapping, MappingSource, Proposal
from forms_catalog.specs import AskSpec, FieldSpec, MappingSpec, Option, ProgramSpec, Source, Step
from sites import trail
from sites.models import Program
from sites.trail import Actor


class MappingError(ValueError):
    """A decision that cannot be taken; the message names the field and what to do."""

    code = "mapping_refused"


class MappingConflict(Exception):
    """Somebody else decided this field meanwhile; `theirs` stands."""

    code = "mapping_conflict"

    def __init__(self, theirs: Mapping) -> None:
        super().__init__(f"{theirs.decided_by} has decided {theirs.path} meanwhile. Look at it and decide again.")
        self.theirs = theirs


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

    `seen_version` is the mapping version the person looked at (0 = none); another one raises MappingConflict.
    """
    request = _request(program, spec.path)
    mapping = (
        Mapping.objects.select_for_update()
        .filter(program=program, path=spec.path, meaning_hash=request.meaning_hash)
        .first()
    )
    if mapping and seen_version is not None and mapping.version != seen_version:
        raise MappingConflict(mapping)
    sources = _elements(program, spec, request, actor=actor, reason=reason)
    saved = _save(mapping, program, spec, request, actor=actor, reason=reason, by_machine=by_machine)
    saved.sources.all().delete()
    MappingSource.objects.bulk_create(
        [
            MappingSource(mapping=saved, element=e, qualifier=s.qualifier, ordinal=i)
            for i, (s, e) in enumerate(zip(_sources(program, spec), sources, strict=True))
        ]
    )
    _remember(program, request, sources, spec, actor=actor)
    details = {"relation": spec.relation, "elements": [e.key for e in sources], "machine": by_machine}
    trail.record(actor, "confirm_mapping", f"mapping:{saved.uuid}", reason=reason, details=details)
    return saved


def _request(program: Program, path: str) -> FieldRequest:
    version = intake.latest(program)
    found = FieldRequest.objects.filter(version=version, path=path).first() if version else None
    if found is None:
        raise MappingError(f"{program.code} has no field {path}. Upload its dictionary first.")
    return found


def _sources(program: Program, spec: MappingSpec) -> tuple[Source, ...]:
    return (Source(draft_id(program.code, spec.path)),) if spec.relation == "new" else spec.sources


def _elements(
    program: Program, spec: MappingSpec, request: FieldRequest, *, actor: Actor, reason: str
) -> list[Element]:
    """The elements a mapping reads; a new field brings its draft element, which asks for its program only."""
    if spec.relation == "new" and not Element.objects.filter(key=draft_id(program.code, spec.path)).exists():
        draft = draft_element(program.code, serial.load(FieldSpec, request.spec))
        seeding.save_element(draft, Element.State.DRAFT, actor=actor, reason=reason)
    keys = [s.element for s in _sources(program, spec)]
    found = {e.key: e for e in Element.objects.filter(key__in=keys)}
    unknown = [k for k in keys if k not in found]
    if unknown or not keys:
        raise MappingError(f"{spec.path}: choose an element of the catalog; {', '.join(unknown) or 'none'} is not one.")
    refused = Proposal.objects.filter(
        program=program, path=spec.path, element__key__in=keys, state=Proposal.State.NOT_SAME
    ).first()
    if refused and spec.relation in ("exact", "recode", "unit_conversion"):
        raise MappingError(f"{spec.path}: {refused.element} is marked as not the same. Undo that first.")
    return [found[k] for k in keys]


def _save(
    mapping: Mapping | None,
    program: Program,
    spec: MappingSpec,
    request: FieldRequest,
    *,
    actor: Actor,
    reason: str,
    by_machine: bool,
) -> Mapping:
    row = mapping or Mapping(program=program, path=spec.path, meaning_hash=request.meaning_hash, version=0)
    row.relation, row.transform = spec.relation, serial.dump(list(spec.transform))
    row.condition, row.qualifier_question = spec.condition, spec.qualifier_question
    row.qualifier_options = serial.dump(list(spec.qualifier_options))
    row.state, row.version, row.by_machine = Mapping.State.CONFIRMED, row.version + 1, by_machine
    row.decided_by, row.decided_at, row.reason = actor.name, actor.now, reason or spec.reason
    row._change_reason = row.reason  # type: ignore[attr-defined]
    row.save()
    return row


def _remember(
    program: Program, request: FieldRequest, sources: Iterable[Element], spec: MappingSpec, *, actor: Actor
) -> None:
    """The confirmed wording becomes an alias of its element, for the next version and the next program."""
    first = next(iter(sources))
    wording = str(request.spec.get("label", ""))
    if spec.relation in ("exact", "recode", "unit_conversion") and wording:
        known = Alias.objects.filter(element=first, program=program.code, wording=wording)
        if not known.exists():
            Alias.objects.create(
                element=first, program=program.code, wording=wording, created_at=actor.now, created_by=actor.name
            )


@transaction.atomic
def mark_not_same(program: Program, path: str, element: str, *, actor: Actor, reason: str) -> Proposal:
    """Record that a tempting element is wrong for a field; it is never proposed for it again."""
    return _refuse(program, path, element, Proposal.State.NOT_SAME, actor=actor, reason=reason)


@transaction.atomic
def reject(program: Program, path: str, element: str, *, actor: Actor, reason: str) -> Proposal:
    """Put a proposal aside; it is not proposed for this field again."""
    return _refuse(program, path, element, Proposal.State.REJECTED, actor=actor, reason=reason)


def _refuse(program: Program, path: str, element: str, state: str, *, actor: Actor, reason: str) -> Proposal:
    request = _request(program, path)
    found = Element.objects.filter(key=element).first()
    if found is None:
        raise MappingError(f"{path}: {element} is no element of the catalog.")
    row = Proposal.objects.select_for_update().filter(
        program=program, path=path, meaning_hash=request.meaning_hash, element=found
    ).first() or Proposal(
        program=program, path=path, meaning_hash=request.meaning_hash, element=found, relation="not_same"
    )
    row.state, row.decided_by, row.decided_at, row.reason = state, actor.name, actor.now, reason
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save()
    trail.record(actor, str(state), f"field:{program.code}.{path}", reason=reason, details={"element": element})
    return row


@transaction.atomic
def undo(mapping: Mapping, *, actor: Actor, reason: str) -> Mapping:
    """Send a decided field back to review. Deliveries that used it are listed by capture."""
    why = trail.require_reason(reason)
    row = Mapping.objects.select_for_update().get(pk=mapping.pk)
    row.state, row.version = Mapping.State.OPEN, row.version + 1
    row.decided_by, row.decided_at, row.reason = actor.name, actor.now, why
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    trail.record(actor, "undo_mapping", f"mapping:{row.uuid}", reason=why)
    return row


def ref(mapping: Mapping) -> str:
    """How deliveries name the decision they used."""
    return f"{mapping.uuid}@{mapping.version}"


def spec_of(mapping: Mapping) -> MappingSpec:
    """A stored decision as a spec."""
    return MappingSpec(
        program=mapping.program.code,
        path=mapping.path,
        relation=mapping.relation,  # type: ignore[arg-type]
        sources=tuple(Source(s.element.key, s.qualifier) for s in mapping.sources.all()),
        transform=tuple(serial.load(Step, s) for s in mapping.transform),
        condition=mapping.condition,
        qualifier_question=mapping.qualifier_question,
        qualifier_options=tuple(serial.load(Option, o) for o in mapping.qualifier_options),
        reason=mapping.reason,
    )


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
