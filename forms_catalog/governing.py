"""The gateway of the catalog: an element is released, edited, retired, restored, or promoted from a program's draft.

Called by the element page and by importing. Every act has an actor, a reason, one trail entry and the row's history; a
person who looked at an older state is told so (ElementConflict). The rules are in lifecycle.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from forms_catalog import lifecycle, mapping, seeding, serial
from forms_catalog.drafts import is_draft
from forms_catalog.mapping_rows import request_of
from forms_catalog.models import Element, ElementVersion, Mapping, Proposal
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec, Source, Step
from forms_catalog.suggesting import DATES
from sites import trail
from sites.trail import Actor


class GoverningError(ValueError):
    """An act that the rules do not allow; the message says what to do."""

    def __init__(self, message: str, code: str = "act_refused") -> None:
        super().__init__(message)
        self.code = code


class ElementConflict(Exception):
    """Somebody else changed the element meanwhile; look at it again."""

    code = "element_conflict"

    def __init__(self, key: str) -> None:
        super().__init__(f"Somebody changed '{key}' while you looked at it. Look at it again, then decide.")


def stamp(element: Element) -> str:
    """What a person looks at: changes with every version and every act. 2 queries."""
    version = element.versions.order_by("-number").values_list("number", flat=True).first() or 0
    act = element.history.order_by("-history_date").values_list("history_id", flat=True).first() or 0
    return f"{version}.{act}"


def release(key: str, *, actor: Actor, reason: str, seen: str | None = None) -> Element:
    """A draft of the catalog becomes an element that mappings may use. Raises GoverningError, ElementConflict."""
    return _act("release", key, actor=actor, reason=reason, seen=seen)


def restore(key: str, *, actor: Actor, reason: str, seen: str | None = None) -> Element:
    """A retired element is released again and has no replacement any more. Raises GoverningError, ElementConflict."""
    return _act("restore", key, actor=actor, reason=reason, seen=seen)


def retire(key: str, *, replaced_by: str = "", actor: Actor, reason: str, seen: str | None = None) -> Element:
    """The element is not proposed or chosen any more. What it was asked for goes on, answers stay as they are.

    Raises GoverningError, ElementConflict, ReasonMissing.
    """
    return _act("retire", key, replaced_by, actor=actor, reason=reason, seen=seen)


@transaction.atomic
def _act(act: str, key: str, replaced_by: str = "", *, actor: Actor, reason: str, seen: str | None) -> Element:
    why = trail.require_reason(reason)
    row = _locked(key, seen)
    before, after = lifecycle.ACTS[act]
    if is_draft(key):
        raise GoverningError(f"'{key}' is the draft of one program: promote it to an element of the catalog.")
    if row.state != before:
        raise GoverningError(f"'{key}' is {row.state}; only what is {before} can be {after}.", "wrong_state")
    if act == "release" and (wrong := lifecycle.spec_problems(seeding.elements([key])[key])):
        raise GoverningError(f"'{key}' cannot be released yet. {' '.join(wrong)}", "not_whole")
    row.state, row.replaced_by = after, _replacement(key, replaced_by) if replaced_by else None
    _save(row, why)
    if act == "retire":
        _withdraw(row, why)
    details = {"replaced_by": replaced_by} if replaced_by else {}
    trail.record(actor, f"{act}_element", f"element:{row.uuid}", reason=why, details={"element": key, **details})
    return row


def _replacement(key: str, wanted: str) -> Element:
    found = Element.objects.select_for_update().filter(key=wanted).first()
    problem = lifecycle.replacement_problem(key, wanted, seeding.standings([wanted]), found is not None)
    if problem or found is None:
        raise GoverningError(problem, "replacement_refused")
    return found


def _withdraw(row: Element, reason: str) -> None:
    """It is nobody's candidate any more."""
    rows = list(Proposal.objects.filter(element=row, state=Proposal.State.PROPOSED, rank__gt=0))
    for proposal in rows:
        proposal.rank = 0
    bulk_update_with_history(rows, Proposal, ["rank"], default_change_reason=f"retired: {reason}")


@transaction.atomic
def edit(spec: ElementSpec, *, actor: Actor, reason: str, seen: str | None = None) -> ElementVersion | None:
    """The element's next version; None where nothing differs. A released one keeps its meaning.

    Raises GoverningError, ElementConflict, ReasonMissing.
    """
    why = trail.require_reason(reason)
    row = _locked(spec.id, seen)
    before = seeding.elements([spec.id])[spec.id]
    changed = lifecycle.changes(before, spec)
    if not changed:
        return None
    if wrong := lifecycle.edit_problems(before, spec, row.state):
        raise GoverningError(" ".join(wrong), "edit_refused")
    seeding.save_elements([spec], row.state, actor=actor, reason=why)
    trail.record(actor, "edit_element", f"element:{row.uuid}", reason=why, details={"changed": list(changed)})
    return row.versions.order_by("-number").first()


@transaction.atomic
def promote(draft: str, spec: ElementSpec, *, actor: Actor, reason: str, seen: str | None = None) -> Element:
    """A program's draft becomes a released element under `spec.id`; its field is mapped to that as exact.

    The draft is retired in favour of it and keeps the answers it has. Kind of answer, unit and codes stay the field's.
    Raises GoverningError, ElementConflict, ReasonMissing, MappingError.
    """
    why = trail.require_reason(reason)
    row = _locked(draft, seen)
    if not is_draft(draft) or row.state != Element.State.DRAFT:
        raise GoverningError(f"'{draft}' is no draft of a program that can be promoted.", "wrong_state")
    before = seeding.elements([draft])[draft]
    meaning = lifecycle.meaning_changes(replace(before, scope=spec.scope, recall=spec.recall), spec)
    wrong = (*lifecycle.spec_problems(spec), *(f"The {word} has to stay the field's." for word in meaning))
    if Element.objects.filter(key=spec.id).exists():
        wrong = (*wrong, f"The catalog already has '{spec.id}': map the field to it, or choose another id.")
    if wrong:
        raise GoverningError(" ".join(wrong), "promotion_refused")
    made = seeding.save_element(spec, Element.State.RELEASED, actor=actor, reason=why)
    moved = [_repoint(m, spec, actor, why) for m in _new_mappings(row)]
    row.state, row.replaced_by = Element.State.RETIRED, made
    _save(row, why)
    details = {"draft": draft, "element": spec.id, "mappings": moved}
    trail.record(actor, "promote_element", f"element:{made.uuid}", reason=why, details=details)
    return made


def _new_mappings(draft: Element) -> list[Mapping]:
    rows = Mapping.objects.filter(sources__element=draft, relation="new", state=Mapping.State.CONFIRMED)
    return [m for m in rows.select_related("program") if request_of(m.program, m.path).meaning_hash == m.meaning_hash]


def _repoint(row: Mapping, spec: ElementSpec, actor: Actor, reason: str) -> str:
    field = serial.load(FieldSpec, request_of(row.program, row.path).spec)
    wanted = MappingSpec(row.program.code, row.path, "exact", (Source(spec.id),), _as_it_is(field))
    return str(mapping.confirm(row.program, wanted, actor=actor, reason=reason, seen_version=row.version).uuid)


def _as_it_is(field: FieldSpec) -> tuple[Step, ...]:
    """The steps that hand the answer on unchanged: each code stays itself, dates take the program's format."""
    codes = (Step("recode", {"map": {o.code: o.code for o in field.options}}),) if field.options else ()
    dates = (Step("date", {"format": field.date_format or "ymd"}),) if field.kind in DATES else ()
    return (*codes, *dates)


def _locked(key: str, seen: str | None) -> Element:
    row = Element.objects.select_for_update(of=("self",)).filter(key=key).first()
    if row is None:
        raise GoverningError(f"There is no element '{key}'.", "element_unknown")
    if seen is not None and seen != stamp(row):
        raise ElementConflict(key)
    return row


def _save(row: Element, reason: str) -> None:
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save()
