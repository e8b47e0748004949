"""Taking elements of a file into the catalog: the preview on the database, and the one write. Safe to repeat.

Called by the import page and manage.py import_catalog.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from forms_catalog import exporting, governing, importing, matching, matching_index, seeding, serial
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.importing import Incoming, Known, Row
from forms_catalog.matching import Matcher
from forms_catalog.models import Element, ElementVersion, RecordGroup
from forms_catalog.specs import ElementSpec
from forms_catalog.suggesting import DIRECT
from sites import trail
from sites.trail import Actor

LIKE = 0.8  # a candidate of this score that no guard objects to is worth a look


def preview(incoming: Incoming, most_compared: int | None = None) -> tuple[Row, ...]:
    """Each element of the file and what taking it in would mean; writes nothing.

    `most_compared` bounds how many new ones the matcher looks at: a page cannot wait for thousands.
    """
    known = _known()
    fresh = [spec for spec in incoming.elements if spec.id not in known]
    groups = set(RecordGroup.objects.values_list("key", flat=True))
    return importing.plan(incoming, known, groups, _twins(fresh[:most_compared], known))


def _known() -> dict[str, Known]:
    """Everything in the catalog, by id. 1 query."""
    rows = ElementVersion.objects.order_by("number", "pk")
    newest = {
        key: (spec, state, number)
        for key, spec, state, number in rows.values_list("element__key", "spec", "element__state", "number")
    }
    return {key: Known(serial.load(ElementSpec, spec), state, n) for key, (spec, state, n) in newest.items()}


def _twins(fresh: list[ElementSpec], known: Mapping[str, Known]) -> dict[str, str]:
    """New id → the released element it is probably the same as."""
    released = [k.spec for k in known.values() if k.state == Element.State.RELEASED]
    if not fresh or not released:
        return {}
    queries = [matching.query_of_field(exporting.field_of(spec, spec.id, n)) for n, spec in enumerate(fresh, 1)]
    entries = [matching.entry_of_element(spec) for spec in released]
    decisions = Matcher(entries, tables=matching_index.of(entries)).match(queries, 1)
    found = {}
    for spec, decision in zip(fresh, decisions, strict=True):
        first = next(iter(decision.candidates), None)
        if first is None or first.guards or first.relation not in DIRECT:
            continue
        if decision.decision == "accept" or first.score >= LIKE:
            found[spec.id] = first.id
    return found


@transaction.atomic
def take(
    incoming: Incoming, chosen: Mapping[str, int], *, actor: Actor, reason: str, file_name: str = ""
) -> dict[str, int]:
    """Take in the chosen elements (id → version seen in the preview, 0 = none): new ones as drafts, changed ones as new
    versions. {"added": n, "changed": n}. Raises ElementConflict, GoverningError, ReasonMissing; then nothing is taken.
    """
    why = trail.require_reason(reason)
    wanted = {spec.id: spec for spec in incoming.elements if spec.id in chosen}
    list(Element.objects.select_for_update().filter(key__in=list(wanted)).order_by("pk"))
    rows = [row for row in _planned(incoming) if row.spec.id in wanted]
    for row in rows:
        if row.version != chosen[row.spec.id]:
            raise ElementConflict(row.spec.id)
        if row.status == "refused":
            raise GoverningError(f"{row.spec.id}: {row.problem}", "import_refused")
    added = [row.spec for row in rows if row.status == "new"]
    changed = [row.spec for row in rows if row.status == "changed"]
    seeding.save_elements(added, Element.State.DRAFT, actor=actor, reason=why)
    for spec in changed:
        governing.edit(spec, actor=actor, reason=why)
    done = {"added": len(added), "changed": len(changed)}
    if added or changed:
        details = {"file": file_name[:200], "format": incoming.format, **done}
        trail.record(actor, "import_catalog", "catalog", reason=why, details=details)
    return done


def _planned(incoming: Incoming) -> tuple[Row, ...]:
    """The plan without the search for twins: who chose an element has seen what it is like."""
    groups = set(RecordGroup.objects.values_list("key", flat=True))
    return importing.plan(incoming, _known(), groups, {})


def takeable(rows: Collection[Row], *, twins: bool = False) -> dict[str, int]:
    """Id → version of every row that can be taken in; likely twins only where asked for."""
    able = {"new", "changed", "twin"} if twins else {"new", "changed"}
    return {row.spec.id: row.version for row in rows if row.status in able}
