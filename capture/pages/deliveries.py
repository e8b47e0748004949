"""Deliveries: the list, one in full, its file, and the copy helper for portals that must be typed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.deliver import receipts, redcap_file
from capture.deliver.slicing import CellOut, Slice
from capture.models import Delivery
from forms_catalog import serial
from sites.access import acting_as, require_roles, user_of
from sites.models import Role
from sites.trail import ReasonMissing

WRITERS = access.WRITERS
READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR, Role.SPONSOR, Role.MONITOR)


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One field in the copy helper: the program's own label and code, what was copied before, whether it is ticked."""

    cell: CellOut
    ticked: bool
    before: str
    changed: bool
    new_section: bool


@require_GET
@require_roles(*READERS)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Deliveries the user may see, newest first; filtered by state and program."""
    rows = (
        access.deliveries_for(user_of(request), *READERS)
        .select_related(
            "timepoint__enrollment__program", "timepoint__enrollment__treatment__patient", "timepoint__visit"
        )
        .defer("payload")
    )
    state, program = request.GET.get("state", ""), request.GET.get("program", "")
    if state:
        rows = rows.filter(state=state)
    if program:
        rows = rows.filter(timepoint__enrollment__program__code=program)
    mine = access.deliveries_for(user_of(request), *READERS)
    programs = mine.order_by("timepoint__enrollment__program__code").values_list(
        "timepoint__enrollment__program__code", "timepoint__enrollment__program__title"
    )
    context = {
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "states": Delivery.State.choices,
        "state": state,
        "program": program,
        "programs": list(dict.fromkeys(programs)),
    }
    return render(request, "capture/deliveries/list.html", context)


@require_GET
@require_roles(*READERS)
def delivery(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One delivery: every field in the program's terms, notes, receipts and revisions."""
    row = access.delivery_or_404(user_of(request), uuid, *READERS)
    context = {
        "delivery": row,
        "slice": serial.load(Slice, row.payload),
        "receipts": row.receipts.all(),
        "revisions": row.timepoint.deliveries.defer("payload").order_by("-revision"),
        "may_write": _writes(request, row),
    }
    return render(request, "capture/deliveries/detail.html", context)


@require_GET
@require_roles(*READERS)
def delivery_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The import file of a delivery, always the same bytes."""
    row = access.delivery_or_404(user_of(request), uuid, *READERS)
    if row.state == Delivery.State.HELD:
        return HttpResponse("This delivery is held and may not leave.", status=409, content_type="text/plain")
    response = HttpResponse(
        redcap_file.write([serial.load(Slice, row.payload)]), content_type="text/csv; charset=utf-8"
    )
    name = f"{row.timepoint.enrollment.program.code}_{row.timepoint.entry_code}_r{row.revision}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@require_roles(*WRITERS)
def copy_helper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The program's own order and codes for typing into its portal: one key copies, one ticks."""
    row = access.delivery_or_404(user_of(request), uuid, *WRITERS)
    rows = copy_rows(row)
    done = sum(1 for r in rows if r.ticked)
    context = {"delivery": row, "slice": serial.load(Slice, row.payload), "rows": rows, "done": done}
    return render(request, "capture/deliveries/copy.html", context)


def copy_rows(row: Delivery) -> list[CopyRow]:
    """The fields to copy, in the program's order, with what was copied in an earlier revision."""
    ticked, before = receipts.ticked(row), receipts.last_copied(row)
    found, section = [], None
    for cell in serial.load(Slice, row.payload).cells:
        here = (cell.form, cell.section)
        old = before.get(cell.path, "")
        changed = cell.path in before and old != cell.value
        done = cell.path in ticked or (cell.path in before and not changed)
        found.append(CopyRow(cell, done, old, changed, here != section))
        section = here
    return found


@require_POST
@require_roles(*WRITERS)
def copy_tick(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tick or untick one field. Answers the row again for htmx, else the page."""
    row = access.delivery_or_404(user_of(request), uuid, *WRITERS)
    path, done = request.POST.get("path", ""), request.POST.get("done") == "1"
    cell = next((c for c in serial.load(Slice, row.payload).cells if c.path == path), None)
    if cell is not None:
        receipts.tick(row, path, cell.value, done=done, actor=acting_as(request, *WRITERS))
    if request.headers.get("HX-Request"):
        found = next((r for r in copy_rows(row) if r.cell.path == path), None)
        return render(request, "capture/deliveries/copy_row.html", {"delivery": row, "row": found})
    return redirect("copy_helper", uuid=uuid)


@require_POST
@require_roles(*WRITERS)
def delivery_act(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mark as copied, confirm by name, or record that the program rejected it."""
    row = access.delivery_or_404(user_of(request), uuid, *WRITERS)
    actor, act = acting_as(request, *WRITERS), request.POST.get("act", "")
    note = request.POST.get("reason", "")
    try:
        if act == "transcribed":
            receipts.mark_transcribed(row, actor=actor)
        elif act == "confirm":
            receipts.confirm(row, actor=actor, note=note)
        elif act == "reject":
            receipts.reject(row, path=request.POST.get("path", ""), text=note, actor=actor)
        else:
            messages.error(request, "Choose what to do with this delivery.")
    except (receipts.ReceiptError, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("delivery", uuid=uuid)


def _writes(request: HttpRequest, row: Delivery) -> bool:
    return access.deliveries_for(user_of(request), *WRITERS).filter(pk=row.pk).exists()
