"""Enter or mend a program's follow-up schedule by hand: rows in, a new version of the same dictionary out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from forms_catalog import access, formats, handing_in, intake
from forms_catalog.formats import schedule_json
from forms_catalog.models import DictionaryVersion
from forms_catalog.pages import schedule_rows
from forms_catalog.pages.schedule_rows import Row
from forms_catalog.specs import ProgramSchedule
from sites.access import acting_as, require_roles, user_of
from sites.models import Program

NEW_ROWS = 3
TICKED_OPEN = 5  # forms up to here are shown at once, more of them fold away


@require_http_methods(["GET", "POST"])
@require_roles(*access.UPLOADERS)
def request_schedule(request: HttpRequest, code: str) -> HttpResponse:
    """The schedule of the newest version as rows. Saving answers 422 with the rows marked where one is wrong."""
    program = access.program_or_404(user_of(request), code, *access.UPLOADERS)
    last = intake.latest(program)
    if last is None:
        messages.error(request, "Upload the dictionary first; its forms are what a schedule is made of.")
        return redirect("request_upload", code=code)
    before = intake.schedule_of(last)
    if request.method == "GET":
        rows = schedule_rows.of_plan(before) if before else _of_file(last)
        shown = schedule_rows.checked(code, rows, before)[0] if before else rows
        return _page(request, program, last, shown)
    rows = schedule_rows.of_post(request.POST, dict(request.POST.lists()))
    if request.POST.get("act") == "more":
        return _page(request, program, last, [row for row in rows if not row.blank], new=NEW_ROWS * 3)
    return _save(request, program, last, before, rows)


def _of_file(version: DictionaryVersion) -> list[Row]:
    """The time points that the dictionary itself names."""
    try:
        return schedule_rows.of_events(formats.read(bytes(version.original), version.file_name).events)
    except formats.UnreadableFile:  # taken in by an older reader
        return []


def _save(
    request: HttpRequest,
    program: Program,
    last: DictionaryVersion,
    before: ProgramSchedule | None,
    rows: list[Row],
) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    rows, plan = schedule_rows.checked(program.code, rows, before)
    if request.POST.get("seen") != str(last.number):
        text = f"Version {last.number} came while you were typing. Look at it in another tab, then save again here."
        return _page(request, program, last, rows, problem=text, status=409)
    if not rows or any(row.wrong for row in rows):
        text = "Mend the rows that are marked." if rows else "Fill in at least one time point."
        return _page(request, program, last, rows, problem=text, status=422)
    if not reason:
        return _page(request, program, last, rows, problem="Say why the schedule changes.", status=422)
    if plan == before:
        messages.info(request, f"This is the schedule of version {last.number}. Nothing was changed.")
        return redirect("request_version", code=program.code, number=last.number)
    actor = acting_as(request, *access.UPLOADERS)
    data = schedule_json.write(plan)
    try:
        version, _ = handing_in.hand_in(program, bytes(last.original), last.file_name, data, actor=actor, reason=reason)
    except intake.IntakeError as error:
        return _page(request, program, last, rows, problem=str(error), status=422)
    messages.success(request, f"Saved as version {version.number}: the same dictionary with this schedule.")
    return redirect("request_version", code=program.code, number=version.number)


def _page(
    request: HttpRequest,
    program: Program,
    last: DictionaryVersion,
    rows: list[Row],
    *,
    new: int = NEW_ROWS,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = dict.fromkeys(spec["form"] for spec in last.fields.order_by("order").values_list("spec", flat=True))
    shown = [*rows, *(Row() for _ in range(min(new, schedule_rows.MOST_ROWS - len(rows))))]
    lines = [(row, [*asked, *(form for form in row.forms if form not in asked)]) for row in shown]
    context = {
        "program": program,
        "last": last,
        "lines": lines,
        "forms": asked,
        "fold": len(asked) > TICKED_OPEN,
        "problem": problem,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "forms_catalog/schedule.html", context, status=status)
