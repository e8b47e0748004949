"""Step 2b, the other half: pairs of field and element that are wrong, so that they are not proposed again.

Called through mapping by the review page and by loading.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from forms_catalog.mapping_rows import MappingError, locked, reopen, request_of
from forms_catalog.models import Element, FieldRequest, Mapping, Proposal
from sites import trail
from sites.models import Program
from sites.trail import Actor


@transaction.atomic
def mark_not_same(
    program: Program, path: str, element: str, *, actor: Actor, reason: str, seen_version: int | None = None
) -> Proposal:
    """Record that a tempting element is wrong for a field, whatever its wording becomes; it is never proposed again.

    A decision that stands on this element goes back to review. Raises MappingError, MappingConflict, ReasonMissing.
    """
    return _refuse(program, path, element, Proposal.State.NOT_SAME, actor, reason, seen_version)


@transaction.atomic
def reject(
    program: Program, path: str, element: str, *, actor: Actor, reason: str, seen_version: int | None = None
) -> Proposal:
    """Put a proposal aside for this wording of the field; a person may still choose the element."""
    return _refuse(program, path, element, Proposal.State.REJECTED, actor, reason, seen_version)


@transaction.atomic
def reject_many(program: Program, pairs: Iterable[tuple[str, str]], *, actor: Actor, reason: str) -> list[Proposal]:
    """Reject (path, element) pairs with one reason: all of them or, where one cannot be, none."""
    return [reject(program, path, element, actor=actor, reason=reason) for path, element in pairs]


@transaction.atomic
def reconsider(program: Program, path: str, element: str, *, actor: Actor, reason: str) -> Proposal:
    """Take a rejection or a not-the-same mark back: the element may be proposed and chosen again."""
    why = trail.require_reason(reason)
    request = request_of(program, path)
    locked(program, request)
    rows = Proposal.objects.select_for_update().filter(program=program, path=path, element__key=element)
    refused = [row for row in rows if row.state != Proposal.State.PROPOSED]
    if not refused:
        raise MappingError(f"{path}: {element} is not refused; there is nothing to take back.")
    for row in refused:
        _decide(row, Proposal.State.PROPOSED, actor, why)
    trail.record(actor, "reconsider", f"field:{program.code}.{path}", reason=why, details={"element": element})
    return refused[-1]


def _refuse(
    program: Program, path: str, element: str, state: Proposal.State, actor: Actor, reason: str, seen: int | None
) -> Proposal:
    why = trail.require_reason(reason)
    request = request_of(program, path)
    found = Element.objects.filter(key=element).first()
    if found is None:
        raise MappingError(f"{path}: {element or 'nothing'} is no element of the catalog.", "element_unknown")
    standing = locked(program, request, seen)
    if standing and _stands_on(standing, found):
        reopen(standing, actor=actor, reason=why)
    row = _decide(_pair(program, request, found), state, actor, why)
    trail.record(actor, str(state), f"field:{program.code}.{path}", reason=why, details={"element": element})
    return row


def _stands_on(mapping: Mapping, element: Element) -> bool:
    return mapping.state == Mapping.State.CONFIRMED and mapping.sources.filter(element=element).exists()


def _pair(program: Program, request: FieldRequest, element: Element) -> Proposal:
    key = {"program": program, "path": request.path, "meaning_hash": request.meaning_hash, "element": element}
    found = Proposal.objects.select_for_update().filter(**key).first()
    return found or Proposal(**key, relation="not_same", rank=0)


def _decide(row: Proposal, state: Proposal.State, actor: Actor, reason: str) -> Proposal:
    row.state, row.decided_by, row.decided_at, row.reason = state, actor.name, actor.now, reason
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save()
    return row
