"""The import report of one dictionary version: what was read, what is odd, how far the matcher is, the files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from forms_catalog import access, intake, proposal_runs
from forms_catalog.formats import triggers
from forms_catalog.models import DictionaryVersion, ProposalRun
from forms_catalog.specs import FieldSpec
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Program
from sites.pages import csv_file

ON_A_PAGE = 20  # as cards on a telephone, still a page one can scroll
OPEN_PROBLEMS, MOST_PROBLEMS = 10, 200  # beyond the first they are folded, beyond the second in the CSV alone
WORST = {"error": 0, "warning": 1, "info": 2}
LOGIC = ("branching", "calculation")
State = ProposalRun.State


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of the list: the file's own words of its condition and calculation where they are not what is shown,
    whether these could not be read, and the filled cells of its row or element."""

    field: FieldSpec
    as_written: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    original: tuple[tuple[str, str], ...]


@require_GET
@require_roles(*access.READERS)
def request_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The import report: counts, problems with line and what to do, fields that a search leaves, schedule."""
    program, version = _version(request, code, number)
    search, show = request.GET.get("q", "").strip(), request.GET.get("show", "all")
    fields = [f for f in intake.fields_of(version) if _found(f, search.casefold(), show)]
    page = Paginator(fields, ON_A_PAGE).get_page(request.GET.get("page"))
    problems, plan = _problems(version), intake.schedule_of(version)
    context = {
        "page": page,
        "fields": _shown(list(page.object_list), problems),
        "search": search,
        "show": show,
        "schedule": plan,
        "triggers": triggers.of_rules(plan.rules) if plan else (),
        "caption": _caption(problems),
        "problems": problems[:OPEN_PROBLEMS],
        "folded": problems[OPEN_PROBLEMS:MOST_PROBLEMS],
        "more_problems": max(0, len(problems) - MOST_PROBLEMS),
        "newest": _newest(program),
        **_of_version(request, program, version),
    }
    return render(request, "forms_catalog/version.html", context)


@require_http_methods(["GET", "POST"])
@require_roles(*access.READERS)
def request_proposing(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """How far the matcher is, as a part of the report that asks again by itself. POST takes a run up that gave up."""
    program, version = _version(request, code, number)
    if request.method == "POST":
        return _again(request, access.program_or_404(user_of(request), program.code, *access.UPLOADERS), version)
    if not request.headers.get("HX-Request"):
        return redirect("request_version", code=code, number=number)
    return render(request, "forms_catalog/version_proposing.html", _of_version(request, program, version))


@require_GET
@require_roles(*access.READERS)
def request_original(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The file as it was handed in; never opened in the browser, whatever it is."""
    _, version = _version(request, code, number)
    headers = {
        "Content-Disposition": content_disposition_header(True, version.file_name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(version.original), content_type="application/octet-stream", headers=headers)


@require_GET
@require_roles(*access.READERS)
def request_problems(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Every problem of the report as CSV, the worst first."""
    program, version = _version(request, code, number)
    head = ("severity", "line", "field", "code", "message")
    rows = [(p["severity"], p["line"] or "", p["path"], p["code"], p["message"]) for p in _problems(version)]
    return csv_file.answer(f"{program.code}-v{version.number}-problems", (head, rows))


def waits(run: ProposalRun) -> bool:
    """Whether the matcher has still to look at fields of this version."""
    return run.state in (State.QUEUED, State.RUNNING)


def _version(request: HttpRequest, code: str, number: int) -> tuple[Program, DictionaryVersion]:
    program = access.program_or_404(user_of(request), code, *access.READERS)
    version = DictionaryVersion.objects.filter(program=program, number=number).defer("original").first()
    if version is None:
        raise Http404("There is no such version.")
    return program, version


def _newest(program: Program) -> int | None:
    found = DictionaryVersion.objects.filter(program=program).order_by("-number")
    return found.values_list("number", flat=True).first()


def _again(request: HttpRequest, program: Program, version: DictionaryVersion) -> HttpResponse:
    run = proposal_runs.of(version)
    if run and proposal_runs.again(run, actor=acting_as(request, *access.UPLOADERS)):
        messages.success(request, "Taken up again where it stopped.")
    else:
        messages.info(request, "It had not stopped. Nothing was changed.")
    return redirect("request_version", code=program.code, number=version.number)


def _of_version(request: HttpRequest, program: Program, version: DictionaryVersion) -> dict[str, Any]:
    run = proposal_runs.of(version)
    return {
        "program": program,
        "dictionary": version,
        "run": run,
        "waits": bool(run and waits(run)),
        "given_up": bool(run and run.state == State.DEAD),
        "polled": bool(request.headers.get("HX-Request")),
        "may_upload": has_role(user_of(request), *access.UPLOADERS),
    }


def _problems(version: DictionaryVersion) -> list[dict[str, Any]]:
    return sorted(version.problems, key=lambda p: (WORST.get(p["severity"], 3), p["line"]))


def _caption(problems: list[dict[str, Any]]) -> str:
    found = Counter(p["severity"] for p in problems)
    return f"What to look at: {found['error']} errors, {found['warning']} warnings, {found['info']} notes"


def _shown(fields: list[FieldSpec], problems: list[dict[str, Any]]) -> list[ShownField]:
    found = {(p["path"], p["code"]) for p in problems}
    unread = {(path, code.removesuffix(end)) for end in ("_unreadable", "_unchecked") for path, code in found}
    return [_field(f, tuple(what for what in LOGIC if (f.path, what) in unread)) for f in fields]


def _field(field: FieldSpec, unread: tuple[str, ...]) -> ShownField:
    texts = [(what, _own_words(field, what, what in unread)) for what in LOGIC]
    filled = [(name, value) for name, value in field.original if value.strip()]
    return ShownField(field, tuple((what, text) for what, text in texts if text), unread, tuple(filled))


def _own_words(field: FieldSpec, what: str, unread: bool) -> str:
    read, written = str(getattr(field, what)), str(getattr(field, f"{what}_as_written"))
    return written or (read if unread else "")


def _found(field: FieldSpec, text: str, show: str) -> bool:
    """Whether a search and the choice all | questions | silent | display leave this field."""
    if show == "questions" and not field.asks:
        return False
    if show == "display" and field.kind != "display":
        return False
    if show == "silent" and (field.asks or field.kind == "display"):
        return False
    return text in f"{field.path} {field.label} {field.form} {field.section}".casefold()
