"""Deliveries: the list, one in full with its revisions and receipts, its import file, a print view, and acts on it.

Sites see their own patients; sponsors and monitors only their own program, by the program's own number of the person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.deliver import data_files, receipts, sending, slices, states
from capture.deliver.outbox import WrongState
from capture.enter import delivering
from capture.models import Delivery
from capture.plan.worklist import local_today
from sites import trail
from sites.access import acting_as, require_roles, user_of
from sites.models import Role
from sites.trail import Actor, ReasonMissing

WRITERS = access.WRITERS
INSIDE = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)
READERS = (*INSIDE, Role.SPONSOR, Role.MONITOR)
CURRENT, ALL = "", "all"


@require_GET
@require_roles(*READERS)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Deliveries the user may see, newest first; filtered by state, program and site."""
    mine = access.deliveries_for(user_of(request), *READERS)
    chosen = {name: request.GET.get(name, "").strip() for name in ("state", "program", "site")}
    places = mine.order_by("timepoint__enrollment__program__code", "timepoint__visit__site__code").values_list(
        "timepoint__enrollment__program__code",
        "timepoint__enrollment__program__title",
        "timepoint__visit__site__code",
        "timepoint__visit__site__name",
    )
    found = list(places.distinct())
    context = {
        "page": Paginator(_filtered(mine, chosen), 25).get_page(request.GET.get("page")),
        "states": Delivery.State.choices,
        "chosen": chosen,
        "programs": list(dict.fromkeys((code, title) for code, title, _, _ in found)),
        "sites": sorted({(code, name) for _, _, code, name in found}),
        "outside": not access.deliveries_for(user_of(request), *INSIDE).exists(),
    }
    return render(request, "capture/deliveries/list.html", context)


def _filtered(mine: QuerySet[Delivery], chosen: dict[str, str]) -> QuerySet[Delivery]:
    """All but replaced revisions unless a state says otherwise."""
    related = ("timepoint__enrollment__program", "timepoint__enrollment__treatment__patient", "timepoint__visit__site")
    rows = mine.select_related(*related)
    if chosen["state"] == CURRENT:
        rows = rows.exclude(state=states.SUPERSEDED)
    elif chosen["state"] != ALL:
        rows = rows.filter(state=chosen["state"])
    if chosen["program"]:
        rows = rows.filter(timepoint__enrollment__program__code=chosen["program"])
    return rows.filter(timepoint__visit__site__code=chosen["site"]) if chosen["site"] else rows


@require_GET
@require_roles(*READERS)
def delivery(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One delivery: every field in the program's terms, notes, receipts, revisions with what changed."""
    row = access.delivery_or_404(user_of(request), uuid, *READERS)
    context = _shown(request, row) | {
        "receipts": row.receipts.all(),
        "revisions": _revisions(row),
        "acts": _acts(row) if _may(request, row, WRITERS) else {},
    }
    return render(request, "capture/deliveries/detail.html", context)


@require_GET
@require_roles(*READERS)
def delivery_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The delivery on paper: the program's own order and words, a box to tick for each value."""
    row = access.delivery_or_404(user_of(request), uuid, *READERS)
    return render(request, "capture/deliveries/print.html", _shown(request, row))


def _shown(request: HttpRequest, row: Delivery) -> dict[str, Any]:
    """What the user may see of it: people outside the site see nothing of a held one, and no pseudonym of the site."""
    inside = _may(request, row, INSIDE)
    patient = row.timepoint.enrollment.treatment.patient if inside else None
    slice_ = slices.load(row.payload)
    return {
        "delivery": row,
        "slice": slice_,
        "program": row.timepoint.enrollment.program,
        "inside": inside,
        "closed": row.state == states.HELD and not inside,
        "subject": ", ".join(str(name) for name in (patient, slice_.subject_id) if name) or "no number yet",
    }


def _may(request: HttpRequest, row: Delivery, roles: tuple[Role, ...]) -> bool:
    return access.deliveries_for(user_of(request), *roles).filter(pk=row.pk).exists()


def _revisions(row: Delivery) -> list[tuple[Delivery, list[slices.Change]]]:
    """Newest first, each with what changed since the revision before; the first has no changes."""
    found: list[tuple[Delivery, list[slices.Change]]] = []
    before: slices.Slice | None = None
    for one in row.timepoint.deliveries.order_by("revision"):
        now = slices.load(one.payload)
        found.append((one, slices.changes(before, now) if before else []))
        before = now
    return found[::-1]


def _acts(row: Delivery) -> dict[str, bool]:
    """What a person of the site can do with it now."""
    return {
        "copy": row.state in states.COPIES and row.mode != "pull",
        "confirm": states.allows(row.state, states.CONFIRMED),
        "reject": states.allows(row.state, states.REJECTED),
        "retry": row.dead_at is not None and row.state == states.PREPARED,
        "lock": not row.timepoint.locked,
        "unlock": row.timepoint.locked,
    }


@require_GET
@require_roles(*READERS)
def delivery_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The import file, or with `to` ODM, FHIR or XForm data. Each download is a disclosure, written to the trail."""
    row = access.delivery_or_404(user_of(request), uuid, *READERS)
    if row.state == states.HELD or (row.state == states.SUPERSEDED and not row.file_path):
        text = "This delivery is held or replaced and may not leave. Look at its page."
        return HttpResponse(text, status=409, content_type="text/plain")
    to = request.GET.get("to", "")
    try:
        data, media_type, ending = _file(row, to)
    except ValueError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    details = {"format": to} if to else {}
    trail.record(acting_as(request, *READERS), "download_delivery", f"delivery:{row.uuid}", details=details)
    response = HttpResponse(data, content_type=media_type)
    report = slices.load(row.payload).report.replace("#", "-")
    name = f"{row.timepoint.enrollment.program.code}_{report}_r{row.revision}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file(row: Delivery, to: str) -> tuple[bytes, str, str]:
    """Bytes, media type and ending. Raises ValueError in words."""
    if not to:
        return sending.file_of(row)[0], "text/csv; charset=utf-8", "csv"
    return data_files.named(row, to)


@require_POST
@require_roles(*WRITERS)
def delivery_act(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mark as copied, confirm by name, note that the program rejected, locked or unlocked it, or send a stopped one."""
    row = access.delivery_or_404(user_of(request), uuid, *WRITERS)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        messages.error(request, "Choose what to do with this delivery.")
        return redirect("delivery", uuid=uuid)
    try:
        messages.success(request, act(request, row, acting_as(request, *WRITERS)))
    except (WrongState, ReasonMissing, receipts.UnknownField, delivering.DeliveringError) as error:
        messages.error(request, str(error))
    return redirect("delivery", uuid=uuid)


def _transcribed(request: HttpRequest, row: Delivery, actor: Actor) -> str:
    active = request.POST.get("active", "")
    receipts.mark_transcribed(row, actor=actor, active_centiseconds=int(active) if active.isdecimal() else 0)
    return "Marked as copied. Confirm it here once you have seen it saved in the program's system."


def _confirm(request: HttpRequest, row: Delivery, actor: Actor) -> str:
    receipts.confirm(row, actor=actor, note=request.POST.get("reason", ""))
    return "Confirmed in your name."


def _reject(request: HttpRequest, row: Delivery, actor: Actor) -> str:
    text = request.POST.get("reason", "")
    receipts.reject(row, path=request.POST.get("path", ""), text=text, actor=actor)
    return "Noted. A query is open on this report; correct the answer and a new revision is prepared."


def _retry(request: HttpRequest, row: Delivery, actor: Actor) -> str:
    sending.retry(row, actor=actor, reason=request.POST.get("reason", ""))
    return "It is sent again with the next sweep, within a minute."


def _lock(request: HttpRequest, row: Delivery, actor: Actor) -> str:
    delivering.lock(row.timepoint, actor=actor, reason=request.POST.get("reason", ""), today=_today(row, actor))
    return "Noted as locked. Later changes are held until the program unlocks it."


def _unlock(request: HttpRequest, row: Delivery, actor: Actor) -> str:
    delivering.unlock(row.timepoint, actor=actor, reason=request.POST.get("reason", ""), today=_today(row, actor))
    return "Noted as unlocked. What was held for it is prepared."


def _today(row: Delivery, actor: Actor) -> date:
    return local_today(row.timepoint.enrollment.treatment.patient.site, actor.now)


ACTS: dict[str, Callable[[HttpRequest, Delivery, Actor], str]] = {
    "transcribed": _transcribed,
    "confirm": _confirm,
    "reject": _reject,
    "retry": _retry,
    "lock": _lock,
    "unlock": _unlock,
}
