"""Mappings that still read a retired element, and one act that moves them to its replacement.

They go on delivering until they are moved. A moved one counts from the next acceptance of its program on.
"""

from __future__ import annotations

from collections.abc import Mapping as Named
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import OuterRef, Subquery

from forms_catalog import lifecycle, mapping, mapping_checks, seeding, serial
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.models import FieldRequest, Mapping, Proposal
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec, Source
from sites import trail
from sites.models import Program
from sites.trail import Actor


@dataclass(frozen=True, slots=True)
class Move:
    """One standing mapping on a retired element. `after` is None and `problems` say why where a person must decide."""

    program: Program
    field: FieldSpec
    before: MappingSpec
    after: MappingSpec | None
    version: int
    ref: str
    problems: tuple[str, ...] = ()


def moves(key: str) -> tuple[str, list[Move]]:
    """The released replacement of an element ('' = none) and the mappings of newest versions that still read it."""
    target = lifecycle.successor(key, seeding.standings())
    target = "" if target == key else target
    rows = _standing(key)
    if not rows:
        return target, []
    names = {target, *(name for row in rows for name in mapping_checks.named(mapping.spec_of(row)))}
    facts = (seeding.elements(names), seeding.standings(names), _marks(target))
    fields = _fields(rows)
    return target, [_move(row, fields[row.pk], key, target, *facts) for row in rows if row.pk in fields]


def _standing(key: str) -> list[Mapping]:
    rows = Mapping.objects.filter(sources__element__key=key, state=Mapping.State.CONFIRMED).distinct()
    related = rows.select_related("program").prefetch_related("sources__element")
    return list(related.order_by("program__code", "path"))


def _fields(rows: list[Mapping]) -> dict[int, FieldSpec]:
    """Mapping → its field, of those whose field is in the program's newest version with the same meaning. 1 query."""
    newest = FieldRequest.objects.filter(version__program=OuterRef("version__program")).order_by("-version__number")
    found = FieldRequest.objects.filter(
        version=Subquery(newest.values("version")[:1]),
        version__program__in={row.program_id for row in rows},
        path__in={row.path for row in rows},
    )
    specs = {(p, path, meaning): spec for p, path, meaning, spec in found.values_list(
        "version__program", "path", "meaning_hash", "spec")}  # fmt: skip
    keys = {row.pk: (row.program_id, row.path, row.meaning_hash) for row in rows}
    return {pk: serial.load(FieldSpec, specs[key]) for pk, key in keys.items() if key in specs}


def _marks(target: str) -> set[tuple[int, str]]:
    """(program, path) pairs for which the replacement is marked as not the same."""
    rows = Proposal.objects.filter(element__key=target, state=Proposal.State.NOT_SAME)
    return set(rows.values_list("program", "path"))


def _move(
    row: Mapping,
    field: FieldSpec,
    key: str,
    target: str,
    elements: Named[str, ElementSpec],
    standings: Named[str, lifecycle.Standing],
    marks: set[tuple[int, str]],
) -> Move:
    before = mapping.spec_of(row)
    after = replace(
        before, sources=tuple(Source(target, s.qualifier) if s.element == key else s for s in before.sources)
    )
    wrong = (
        list(_unlike(elements.get(key), elements.get(target), before)) if target else ["There is no replacement yet."]
    )
    if target and not wrong:
        wrong = list(mapping_checks.problems(after, field, elements, standings))
    if (row.program_id, row.path) in marks:
        wrong.append(f"'{target}' is marked as not the same as this field.")
    return Move(row.program, field, before, None if wrong else after, row.version, str(row.uuid), tuple(wrong))


def _unlike(old: ElementSpec | None, new: ElementSpec | None, spec: MappingSpec) -> list[str]:
    """Why the steps of a mapping on `old` would not hold on `new`."""
    if old is None or new is None:
        return ["The element is gone."]
    if spec.relation == "new":
        return ["It is the program's own draft: promote that instead."]
    wrong = [
        f"The {word} differs." for name, word in lifecycle.MEANING.items() if getattr(old, name) != getattr(new, name)
    ]
    codes = {o.code for o in new.options}
    gone = [o.code for o in old.options if o.code not in codes]
    return wrong + ([f"'{new.id}' has no choice {', '.join(gone)}."] if gone else [])


@transaction.atomic
def move(key: str, chosen: Named[str, int], *, actor: Actor, reason: str) -> list[Mapping]:
    """Move these mappings (uuid → version seen) to the replacement: all or, where one cannot be, none.

    Raises GoverningError, ElementConflict (one is gone meanwhile), MappingConflict, MappingError, ReasonMissing.
    """
    why = trail.require_reason(reason)
    if not chosen:
        raise GoverningError("Choose at least one mapping to move.", "nothing_chosen")
    target, found = moves(key)
    able = {m.ref: m for m in found}
    if any(ref not in able for ref in chosen):
        raise ElementConflict(key)
    done = []
    for ref, seen in chosen.items():
        one = able[ref]
        if one.after is None:
            raise GoverningError(f"{one.program.code}.{one.field.path}: {' '.join(one.problems)}", "move_refused")
        done.append(mapping.confirm(one.program, one.after, actor=actor, reason=why, seen_version=seen))
    details = {"from": key, "to": target, "mappings": sorted(chosen)}
    trail.record(actor, "move_mappings", f"catalog:{key}", reason=why, details=details)
    return done
