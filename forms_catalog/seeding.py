"""The catalog in the database: its only writer, its readers, and the shipped programs made known. Safe to repeat.

Called by load_catalog, the demo seed, mapping (draft elements), and by whoever merges or matches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from forms_catalog import serial, starter
from forms_catalog.drafts import is_draft
from forms_catalog.lifecycle import Standing
from forms_catalog.models import Element, ElementVersion, RecordGroup
from forms_catalog.specs import ElementSpec, RecordGroupSpec
from sites import trail
from sites.models import Program, Sponsor
from sites.trail import Actor


@dataclass(frozen=True, slots=True)
class Known:
    """A shipped program: who asks and what it is. All names are invented."""

    sponsor: str
    sponsor_name: str
    kind: str


PROGRAMS = {
    "car_pass_sponsor": Known("aurelia", "Aurelia Cell Therapies", Program.Kind.SAFETY_STUDY),
    "car_registry_eu": Known("eu-registry", "European Cell Therapy Registry", Program.Kind.REGISTRY),
    "car_registry_na": Known("na-registry", "North American Cell Therapy Registry", Program.Kind.REGISTRY),
    "hemo_registry_global": Known("hemo-registry", "Global Hemophilia Registry", Program.Kind.REGISTRY),
    "hemo_sponsor_aav": Known("northbridge", "Northbridge Gene Medicines", Program.Kind.SAFETY_STUDY),
    "payer_outcomes_scd": Known("clearwater", "Clearwater Payers", Program.Kind.OUTCOMES),
    "scd_gt_ltfu": Known("northbridge", "Northbridge Gene Medicines", Program.Kind.SAFETY_STUDY),
    "sma_registry": Known("sma-network", "SMA Registry Network", Program.Kind.REGISTRY),
}


@transaction.atomic
def load_catalog(*, actor: Actor, reason: str) -> dict[str, int]:
    """Bring the starter catalog in; a changed element becomes a new version. Gives how many were added and changed.

    An element that a person edited stays as that person left it.
    """
    theirs = _edited_by_people()
    wanted = [spec for key, spec in starter.elements().items() if key not in theirs]
    done = save_elements(wanted, Element.State.RELEASED, actor=actor, reason=reason)
    stored = {g.key: g.spec for g in RecordGroup.objects.all()}
    groups = {key: serial.dump(spec) for key, spec in starter.record_groups().items()}
    changed = [key for key, spec in groups.items() if serial.digest(stored.get(key)) != serial.digest(spec)]
    for key in changed:
        RecordGroup.objects.update_or_create(key=key, defaults={"spec": groups[key]})
    if changed:
        trail.record(actor, "save_record_groups", "catalog", reason=reason, details={"groups": changed})
    return done


def _edited_by_people() -> frozenset[str]:
    """Keys whose newest version a person wrote."""
    rows = ElementVersion.objects.order_by("number").values_list("element__key", "created_by")
    return frozenset(key for key, name in dict(rows).items() if not name.startswith("system:"))


@transaction.atomic
def save_elements(specs: Iterable[ElementSpec], state: str, *, actor: Actor, reason: str) -> dict[str, int]:
    """Write new elements in `state`, and a new version of those whose content differs. {"added": n, "changed": n}."""
    wanted = {spec.id: serial.dump(spec) for spec in specs}
    known = set(Element.objects.filter(key__in=list(wanted)).values_list("key", flat=True))
    fresh = [Element(key=key, state=state) for key in wanted if key not in known]
    bulk_create_with_history(fresh, Element, batch_size=500, default_change_reason=reason)
    rows = {e.key: e for e in Element.objects.select_for_update().filter(key__in=list(wanted))}
    versions = ElementVersion.objects.filter(element__key__in=list(wanted)).select_related("element")
    newest = {v.element.key: v for v in versions.order_by("number")}
    written = [
        ElementVersion(
            element=rows[key],
            number=newest[key].number + 1 if key in newest else 1,
            spec=spec,
            created_at=actor.now,
            created_by=actor.name,
            reason=reason,
        )
        for key, spec in wanted.items()
        if key not in newest or serial.digest(newest[key].spec) != serial.digest(spec)
    ]
    ElementVersion.objects.bulk_create(written, batch_size=500)
    if written:
        numbers = {v.element.key: v.number for v in written}
        trail.record(actor, "save_elements", "catalog", reason=reason, details={"versions": numbers})
    return {"added": len(fresh), "changed": len(written) - len(fresh)}


def save_element(spec: ElementSpec, state: str, *, actor: Actor, reason: str) -> Element:
    """One element, new or in a new version where its content differs."""
    save_elements([spec], state, actor=actor, reason=reason)
    return Element.objects.get(key=spec.id)


def elements(keys: Collection[str] | None = None) -> Mapping[str, ElementSpec]:
    """Every element's newest spec by catalog id, in the order they came in; of `keys` only where given. 1 query."""
    return {key: serial.load(ElementSpec, spec) for key, (spec, _) in _newest(keys).items()}


def elements_and_closed() -> tuple[Mapping[str, ElementSpec], frozenset[str]]:
    """Every element's newest spec, and the keys of those that are not released. 1 query."""
    newest = _newest()
    closed = frozenset(key for key, (_, state) in newest.items() if state != Element.State.RELEASED)
    return {key: serial.load(ElementSpec, spec) for key, (spec, _) in newest.items()}, closed


def _newest(keys: Collection[str] | None = None) -> dict[str, tuple[Any, str]]:
    """Key → (newest spec as JSON, state)."""
    rows = ElementVersion.objects.order_by("number", "pk")
    if keys is not None:
        rows = rows.filter(element__key__in=list(keys))
    return {key: (spec, state) for key, spec, state in rows.values_list("element__key", "spec", "element__state")}


def frozen() -> Mapping[str, ElementSpec]:
    """What a release freezes: every element, retired ones too, without catalog drafts that nobody can use yet."""
    drafts = {key for key, found in standings().items() if found.state == Element.State.DRAFT and not is_draft(key)}
    return {key: spec for key, spec in elements().items() if key not in drafts}


def standings(keys: Collection[str] | None = None) -> dict[str, Standing]:
    """The elements that are not simply released, by key: drafts, and retired ones with their replacement. 1 query."""
    rows = Element.objects.exclude(state=Element.State.RELEASED)
    if keys is not None:
        rows = rows.filter(key__in=list(keys))
    return {
        key: Standing(state, other or "") for key, state, other in rows.values_list("key", "state", "replaced_by__key")
    }


def groups() -> Mapping[str, RecordGroupSpec]:
    """Every record group, by id."""
    return {row.key: serial.load(RecordGroupSpec, row.spec) for row in RecordGroup.objects.order_by("pk")}


@transaction.atomic
def program(code: str, *, actor: Actor, reason: str) -> Program:
    """The shipped program with its sponsor, made where it is not there yet. Raises StarterError for an unknown code."""
    if found := Program.objects.filter(code=code).first():
        return found
    if code not in PROGRAMS:
        raise starter.StarterError(f"There is no starter program {code}. Known: {', '.join(starter.program_codes())}.")
    known = PROGRAMS[code]
    made = Program(
        code=code, title=starter.schedule(code).title, sponsor=_sponsor(known, actor, reason), kind=known.kind
    )
    made._change_reason = reason  # type: ignore[attr-defined]
    made.save()
    trail.record(actor, "add_program", f"program:{code}", reason=reason, details={"sponsor": known.sponsor})
    return made


def _sponsor(known: Known, actor: Actor, reason: str) -> Sponsor:
    if found := Sponsor.objects.filter(code=known.sponsor).first():
        return found
    made = Sponsor(code=known.sponsor, name=known.sponsor_name)
    made._change_reason = reason  # type: ignore[attr-defined]
    made.save()
    trail.record(actor, "add_sponsor", f"sponsor:{known.sponsor}", reason=reason)
    return made
