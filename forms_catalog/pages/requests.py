"""What programs ask: the list of requests, handing in a dictionary."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from forms_catalog import access, handing_in, intake, progress, proposal_runs
from forms_catalog.formats.containers import MAX_BYTES
from forms_catalog.models import DictionaryVersion
from forms_catalog.pages import report
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Program

MOST_SCHEDULES = 8


@require_GET
@require_roles(*access.READERS)
def requests(request: HttpRequest) -> HttpResponse:
    """Programs the user may see, with the state of their request."""
    programs = access.programs_as(user_of(request), *access.READERS).select_related("sponsor")
    may_upload = has_role(user_of(request), *access.UPLOADERS)
    context = {"rows": progress.of(list(programs)), "may_upload": may_upload}
    return render(request, "forms_catalog/requests.html", context)


@require_http_methods(["GET", "POST"])
@require_roles(*access.UPLOADERS)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Hand in a dictionary with its schedule; the report follows. 422 with what to do where it cannot be taken in."""
    program = access.program_or_404(user_of(request), code, *access.UPLOADERS)
    if request.method == "GET":
        return _form(request, program)
    dictionary = request.FILES.get("dictionary")
    if dictionary is None:
        return _form(request, program, "Choose the dictionary file first.")
    actor, reason = acting_as(request, *access.UPLOADERS), request.POST.get("reason", "").replace("\x00", "")
    data = _bytes(dictionary)
    plans = [_bytes(f) for f in request.FILES.getlist("schedule")[:MOST_SCHEDULES]]
    try:
        version, fresh = handing_in.hand_in(
            program, data, dictionary.name or "", [p for p in plans if p] or None, actor=actor, reason=reason
        )
    except intake.IntakeError as error:
        return _form(request, program, str(error))
    _say(request, version, fresh)
    return redirect("request_version", code=code, number=version.number)


def _say(request: HttpRequest, version: DictionaryVersion, fresh: bool) -> None:
    if fresh:
        run = proposal_runs.of(version)
        follow = " Proposals follow; this page shows how far they are." if run and report.waits(run) else ""
        messages.success(request, f"Taken in as version {version.number}.{follow}")
    else:
        messages.info(request, f"These files are version {version.number} already. Nothing was changed.")


def _bytes(file: UploadedFile[bytes] | None) -> bytes:
    """The content, at most one byte more than is ever taken in: the gateway says that it is too large."""
    return bytes(file.read(MAX_BYTES + 1)) if file else b""


def _form(request: HttpRequest, program: Program, problem: str = "") -> HttpResponse:
    last = intake.latest(program)
    context = {"program": program, "problem": problem, "last": last}
    return render(request, "forms_catalog/upload.html", context, status=422 if problem else 200)
