"""What programs ask: the list of requests, handing in a dictionary, the import report."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from forms_catalog import intake, proposing
from forms_catalog.models import DictionaryVersion, Mapping
from sites.access import acting_as, program_or_404, programs_for, require_roles, user_of
from sites.models import Program, Role

READERS = (Role.SPONSOR, Role.CURATOR, Role.ADMIN, Role.AUDITOR)
UPLOADERS = (Role.SPONSOR, Role.CURATOR, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Row:
    """One program on the list: its newest version and how far its mappings are."""

    program: Program
    version: DictionaryVersion | None
    decided: int
    asked: int

    @property
    def left(self) -> int:
        """Fields that wait for a person."""
        return self.asked - self.decided


@require_GET
@require_roles(*READERS)
def requests(request: HttpRequest) -> HttpResponse:
    """Programs the user may see, with the state of their request."""
    programs = list(programs_for(user_of(request)).select_related("sponsor"))
    return render(request, "forms_catalog/requests.html", {"rows": rows_of(programs)})


def rows_of(programs: list[Program]) -> list[Row]:
    """The rows of many programs. 2 queries."""
    asked = Count("fields", filter=Q(fields__asks=True))
    versions = DictionaryVersion.objects.filter(program__in=programs).defer("original", "problems").annotate(n=asked)
    newest = {v.program_id: v for v in versions.order_by("number")}
    decided = dict(
        Mapping.objects.filter(program__in=programs, state=Mapping.State.CONFIRMED)
        .values_list("program")
        .annotate(Count("pk"))
    )
    return [_row(p, newest.get(p.pk), decided.get(p.pk, 0)) for p in programs]


def _row(program: Program, version: DictionaryVersion | None, decided: int) -> Row:
    asked = getattr(version, "n", 0)
    return Row(program, version, min(decided, asked), asked)


@require_http_methods(["GET", "POST"])
@require_roles(*UPLOADERS)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Hand in a dictionary with its schedule; the report follows."""
    program = program_or_404(user_of(request), code)
    if request.method == "GET":
        return render(request, "forms_catalog/upload.html", {"program": program})
    dictionary, schedule = request.FILES.get("dictionary"), request.FILES.get("schedule")
    if dictionary is None:
        context = {"program": program, "problem": "Choose the dictionary file first."}
        return render(request, "forms_catalog/upload.html", context, status=422)
    actor = acting_as(request, *UPLOADERS)
    try:
        plan = schedule.read() if schedule else None
        version = intake.receive(program, dictionary.read(), dictionary.name or "", plan, actor=actor)
    except intake.IntakeError as error:
        return render(request, "forms_catalog/upload.html", {"program": program, "problem": str(error)}, status=422)
    proposing.propose(version, actor=actor)
    messages.success(request, f"Taken in as version {version.number}. Mappings are proposed for review.")
    return redirect("request_version", code=code, number=version.number)


@require_GET
@require_roles(*READERS)
def request_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The import report: counts, problems with line and what to do, fields, schedule."""
    program = program_or_404(user_of(request), code)
    version = DictionaryVersion.objects.filter(program=program, number=number).defer("original").first()
    if version is None:
        raise Http404("There is no such version.")
    context = {
        "program": program,
        "version": version,
        "fields": intake.fields_of(version),
        "schedule": intake.schedule_of(version),
        "problems": sorted(version.problems, key=lambda p: (p["severity"] != "error", p["line"])),
    }
    return render(request, "forms_catalog/version.html", context)
