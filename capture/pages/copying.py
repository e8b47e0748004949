"""The copy helper for portals that must be typed: the program's own order and codes, one key copies, one ticks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.deliver import copied, slices, states
from capture.deliver.outbox import WrongState
from capture.models import Delivery
from sites.access import acting_as, require_roles, user_of

WRITERS = access.WRITERS


@require_GET
@require_roles(*WRITERS)
def copy_helper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every field to type, with what was copied before; works on half a screen, and without JavaScript."""
    row = access.delivery_or_404(user_of(request), uuid, *WRITERS)
    return render(request, "capture/deliveries/copy.html", _context(row))


def _context(row: Delivery) -> dict[str, object]:
    rows = [] if row.state == states.HELD else copied.copy_rows(row)
    done, wanted = copied.progress(rows)
    return {
        "delivery": row,
        "program": row.timepoint.enrollment.program,
        "slice": slices.load(row.payload),
        "rows": rows,
        "done": done,
        "wanted": wanted,
        "open": row.state in states.COPIES,
    }


@require_POST
@require_roles(*WRITERS)
def copy_tick(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tick or untick one field. Answers its row again for htmx, else the page at that row."""
    row = access.delivery_or_404(user_of(request), uuid, *WRITERS)
    key, path, value = (request.POST.get(name, "") for name in ("row", "path", "value"))
    mark = copied.tick if request.POST.get("done") == "1" else copied.untick
    try:
        mark(row, row=key, path=path, value=value, actor=acting_as(request, *WRITERS))
    except (WrongState, copied.NothingThere) as error:
        if request.headers.get("HX-Request"):
            return render(request, "parts/problem.html", {"title": "Not ticked", "text": str(error)}, status=409)
        messages.error(request, str(error))
    if request.headers.get("HX-Request"):
        rows = [r for r in copied.copy_rows(row) if (r.row.key, r.cell.path) == (key, path)]
        return render(request, "capture/deliveries/copy_row.html", {"delivery": row, "row": rows[0], "open": True})
    return redirect("copy_helper", uuid=uuid)
