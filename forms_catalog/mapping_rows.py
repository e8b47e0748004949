"""Step 2b, shared by mapping and refusing: the errors, the locked row of a field's decision, rows as specs."""

from __future__ import annotations

from collections.abc import Sequence

from forms_catalog import intake, serial
from forms_catalog.models import FieldRequest, Mapping, MappingSource
from forms_catalog.specs import FieldSpec, MappingSpec, Option, Source, Step
from sites import trail
from sites.models import Program
from sites.trail import Actor


class MappingError(ValueError):
    """A decision that cannot be taken; the message names the field and what to do."""

    def __init__(self, message: str, code: str = "mapping_refused") -> None:
        super().__init__(message)
        self.code = code


class MappingConflict(Exception):
    """Somebody else decided this field meanwhile; `theirs` stands, or None where their decision is the first."""

    code = "mapping_conflict"

    def __init__(self, theirs: Mapping) -> None:
        super().__init__(f"{theirs.decided_by} has decided {theirs.path} meanwhile. Look at it and decide again.")
        self.theirs = theirs


def request_of(program: Program, path: str) -> FieldRequest:
    """The field of the program's newest version. Raises MappingError."""
    version = intake.latest(program)
    found = FieldRequest.objects.filter(version=version, path=path).first() if version else None
    if found is None:
        raise MappingError(f"{program.code} has no field {path}. Upload its dictionary first.", "field_unknown")
    return found


def field_of(request: FieldRequest) -> FieldSpec:
    """A stored field as a spec."""
    return serial.load(FieldSpec, request.spec)


def locked(program: Program, request: FieldRequest, seen_version: int | None = None) -> Mapping | None:
    """The decision on a field, locked. `seen_version` is what the person looked at (0 = none decided yet).

    The lock is the program's: two people who decide one undecided field have no row to lock yet.
    Raises MappingConflict where the stored version is another one.
    """
    Program.objects.select_for_update().get(pk=program.pk)
    found = (
        Mapping.objects.select_for_update(of=("self",))
        .select_related("program")
        .filter(program=program, path=request.path, meaning_hash=request.meaning_hash)
        .first()
    )
    if found and seen_version is not None and found.version != seen_version:
        raise MappingConflict(found)
    return found


def reopen(row: Mapping, *, actor: Actor, reason: str) -> Mapping:
    """Send a locked decision back to review."""
    row.state, row.version, row.by_machine = Mapping.State.OPEN, row.version + 1, False
    row.decided_by, row.decided_at, row.reason = actor.name, actor.now, reason
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save()
    trail.record(actor, "undo_mapping", f"mapping:{row.uuid}", reason=reason, details={"version": row.version})
    return row


def ref(mapping: Mapping) -> str:
    """How deliveries name the decision they used."""
    return f"{mapping.uuid}@{mapping.version}"


def refs(mapping: Mapping) -> tuple[str, ...]:
    """Every ref this decision had since it was first taken, for the list of deliveries it touched."""
    return tuple(f"{mapping.uuid}@{number}" for number in range(1, mapping.version + 1))


def spec_of(mapping: Mapping, sources: Sequence[MappingSource] | None = None) -> MappingSpec:
    """A stored decision as a spec; `sources` are its rows in order where they are at hand."""
    rows = mapping.sources.all() if sources is None else sources
    return MappingSpec(
        program=mapping.program.code,
        path=mapping.path,
        relation=mapping.relation,  # type: ignore[arg-type]
        sources=tuple(Source(s.element.key, s.qualifier) for s in rows),
        transform=tuple(serial.load(Step, s) for s in mapping.transform),
        condition=mapping.condition,
        qualifier_question=mapping.qualifier_question,
        qualifier_options=tuple(serial.load(Option, o) for o in mapping.qualifier_options),
        reason=mapping.reason,
    )
