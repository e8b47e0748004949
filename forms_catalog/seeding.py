"""The starter catalog into the database, once: elements with their versions and the record groups. Safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from forms_catalog import serial, starter
from forms_catalog.models import Element, ElementVersion, RecordGroup
from forms_catalog.specs import ElementSpec, RecordGroupSpec
from sites import trail
from sites.trail import Actor


@transaction.atomic
def load_catalog(*, actor: Actor, reason: str) -> dict[str, int]:
    """Bring the starter catalog in; a changed element becomes a new version. Gives how many were added and changed."""
    now = {e.key: e for e in Element.objects.all()}
    current = elements()
    added = changed = 0
    for spec in starter.elements().values():
        if spec.id not in now:
            save_element(spec, Element.State.RELEASED, actor=actor, reason=reason)
            added += 1
        elif current[spec.id] != spec:
            _version(now[spec.id], spec, actor=actor, reason=reason)
            changed += 1
    for group in starter.record_groups().values():
        RecordGroup.objects.update_or_create(key=group.id, defaults={"spec": serial.dump(group)})
    if added or changed:
        trail.record(
            actor, "load_catalog", "catalog:starter", reason=reason, details={"added": added, "changed": changed}
        )
    return {"added": added, "changed": changed}


def save_element(spec: ElementSpec, state: str, *, actor: Actor, reason: str) -> Element:
    """A new element with its first version."""
    element = Element(key=spec.id, state=state)
    element._change_reason = reason  # type: ignore[attr-defined]
    element.save()
    _version(element, spec, actor=actor, reason=reason)
    return element


def _version(element: Element, spec: ElementSpec, *, actor: Actor, reason: str) -> None:
    last = element.versions.aggregate(n=Max("number"))["n"] or 0
    ElementVersion.objects.create(
        element=element,
        number=last + 1,
        spec=serial.dump(spec),
        created_at=actor.now,
        created_by=actor.name,
        reason=reason,
    )


def elements() -> Mapping[str, ElementSpec]:
    """Every element's newest spec, by catalog id, starter order first and drafts after."""
    rows = ElementVersion.objects.select_related("element").order_by("number", "pk")
    newest = {row.element.key: row for row in rows}
    return {key: serial.load(ElementSpec, row.spec) for key, row in newest.items()}


def groups() -> Mapping[str, RecordGroupSpec]:
    """Every record group, by id."""
    return {row.key: serial.load(RecordGroupSpec, row.spec) for row in RecordGroup.objects.order_by("pk")}
