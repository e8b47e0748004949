"""A program's decisions as files: download what stands, hand a file in, see what it would change, then take it.

The preview carries the file in a signed field: nothing is stored before a person says so, and nothing uploaded is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from forms_catalog import access, decision_export, decision_files, decision_intake, intake, loading, seeding
from forms_catalog.decision_files import UnreadableTable
from forms_catalog.decision_intake import Given, Line
from forms_catalog.loading import LoadingError
from forms_catalog.mapping import MappingConflict, MappingError
from forms_catalog.specs import ElementSpec
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Program
from sites.trail import ReasonMissing

SALT = "decision-file"
A_DAY = 86_400
LARGEST = 6_000_000  # characters of the signed field
MOST_SHOWN = 300
WORDS = {
    "theirs": "decided otherwise by a person",
    "changed": "different from what stands",
    "new": "new",
    "same": "as it stands",
}
TAKEN = ("changed", "new")  # unless left out; what a person decided only where that is ticked
AGAIN = "This preview is too old or not yours. Choose the file again."


@require_http_methods(["GET", "POST"])
@require_roles(*access.GOVERNORS)
def mapping_decisions(request: HttpRequest, code: str) -> HttpResponse:
    """The downloads and the upload form; with a file its preview; with a preview's field the write."""
    program = access.program_or_404(user_of(request), code, *access.GOVERNORS)
    if request.method == "GET":
        return _page(request, program)
    if request.POST.get("read"):
        access.program_or_404(user_of(request), code, *access.CURATORS)  # as on the review page, curators decide
        return _take(request, program)
    file, codes = request.FILES.get("file"), request.FILES.get("values")
    if file is None:
        return _page(request, program, "Choose the file first.")
    try:
        text = decision_files.text_of(_bytes(file))
        values = _codes(codes) if codes else ""
    except UnreadableTable as error:
        return _page(request, program, str(error))
    kept = {"name": "".join(c for c in file.name or "" if c.isprintable())[-100:], "text": text, "values": values}
    return _preview(request, program, kept)


@require_GET
@require_roles(*access.GOVERNORS)
def mapping_decisions_file(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """What stands now: kind own, values (the codes of own) or usagi."""
    program = access.program_or_404(user_of(request), code, *access.GOVERNORS)
    version = intake.latest(program)
    if version is None or kind not in decision_export.ENDS:
        raise Http404("There is no such file.")
    headers = {
        "Content-Disposition": f'attachment; filename="{program.code}{decision_export.ENDS[kind]}.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    text = decision_export.standing(version, "usagi" if kind == "usagi" else "own").texts[kind]
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _bytes(file: UploadedFile[Any]) -> bytes:
    return bytes(file.read(decision_files.LARGEST + 1))


def _codes(file: UploadedFile[Any]) -> str:
    """The file of codes; the message says which of the two files is meant."""
    try:
        return decision_files.text_of(_bytes(file))
    except UnreadableTable as error:
        raise UnreadableTable(f"The file of codes: {error}") from error


def _take(request: HttpRequest, program: Program) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["read"], salt=_salt(request, program), max_age=A_DAY)
    except signing.BadSignature:
        return _page(request, program, AGAIN)
    try:
        given = decision_intake.read(program, kept["text"], kept["values"])
        if given.version != kept["version"]:
            text = "A new version of the dictionary came meanwhile. Look through the preview again."
            return _preview(request, program, kept, text, 409)
        done = decision_intake.take(
            program,
            given,
            _chosen(kept["rows"], request.POST),
            actor=acting_as(request, *access.CURATORS),
            reason=request.POST.get("reason", "").replace("\x00", ""),
            file_name=kept["name"],
        )
    except (UnreadableTable, LoadingError) as error:
        return _page(request, program, str(error))
    except MappingConflict as error:
        return _preview(request, program, kept, f"{error} What stands now is shown below.", 409)
    except (MappingError, ReasonMissing) as error:
        return _preview(request, program, kept, str(error), 422)
    messages.success(request, f"Taken from {kept['name']}: {_words(done)}.")
    return redirect("mapping_program", code=program.code)


def _words(done: Mapping[str, int]) -> str:
    said = f"{done['decided']} decision{'' if done['decided'] == 1 else 's'}"
    return f"{said}, {done['marked']} marked as not the same" if done["marked"] else said


def _chosen(rows: Mapping[str, Any], given: QueryDict) -> dict[str, int]:
    """Key → version seen: what is new or different but those to leave; a person's decisions only where ticked."""
    left, replaced = set(given.getlist("leave")), set(given.getlist("replace"))
    return {
        key: seen
        for key, (status, seen) in rows.items()
        if (status in TAKEN and key not in left) or (status == "theirs" and key in replaced)
    }


def _preview(
    request: HttpRequest, program: Program, kept: dict[str, Any], problem: str = "", status: int = 200
) -> HttpResponse:
    try:
        given = decision_intake.read(program, kept["text"], kept["values"])
    except (UnreadableTable, LoadingError) as error:
        return _page(request, program, str(error))
    lines = decision_intake.preview(program, given)
    rows = {line.key: (line.status, line.seen) for line in lines if line.status != "same"}
    token = signing.dumps({**kept, "version": given.version, "rows": rows}, salt=_salt(request, program), compress=True)
    if len(token) > LARGEST:
        return _page(request, program, "The file is too large for this page. Use manage.py load_decisions --from.")
    counts: Counter[str] = Counter(line.status for line in lines)
    elements = seeding.elements()
    return _page(request, program, problem, status, {
        "name": kept["name"],
        "given": given,
        "read": token,
        "counts": [(counts[key], words) for key, words in WORDS.items() if counts[key]],
        "lines": _shown(lines, elements),
        "hidden": max(0, len(rows) - MOST_SHOWN),
        "able": len(rows),
        "problems": given.problems[:MOST_SHOWN],
        "more_problems": max(0, len(given.problems) - MOST_SHOWN),
        "to_confirm": _named(given, elements)[:MOST_SHOWN],
        "left": set(request.POST.getlist("leave")),
        "replaced": set(request.POST.getlist("replace")),
        "reason": request.POST.get("reason", "").replace("\x00", "")[:500],
    })  # fmt: skip


def _shown(lines: list[Line], elements: Mapping[str, ElementSpec]) -> list[dict[str, Any]]:
    """The rows that would change something, with the names of elements in words."""
    found = []
    for line in [one for one in lines if one.status != "same"][:MOST_SHOWN]:
        stands = [s.element.key for s in line.standing.sources.all()] if line.standing else []
        says = [s.element for s in line.spec.sources] if line.spec else [line.pair.element] if line.pair else []
        found.append({
            "line": line,
            "words": WORDS[line.status],
            "says": [elements[key].label if key in elements else key for key in says],
            "stands": [elements[key].label if key in elements else key for key in stands],
        })  # fmt: skip
    return found


def _named(given: Given, elements: Mapping[str, ElementSpec]) -> list[dict[str, Any]]:
    """What was chosen in Usagi, with the element where the number is one of ours."""
    numbers = {str(decision_files.number(key)): spec for key, spec in elements.items()}
    return [{"problem": one, "element": numbers.get(one.concept)} for one in given.to_confirm]


def _salt(request: HttpRequest, program: Program) -> str:
    return f"{SALT}.{program.code}.{user_of(request).pk}"


def _page(
    request: HttpRequest,
    program: Program,
    problem: str = "",
    status: int = 422,
    preview: Mapping[str, Any] | None = None,
) -> HttpResponse:
    code = status if problem or preview else 200
    context: dict[str, Any] = {"program": program, "problem": problem, "version": intake.latest(program)}
    context["may_decide"] = has_role(user_of(request), *access.CURATORS)
    if not preview:
        context["undecided"] = loading.undecided(program)
    return render(request, "forms_catalog/decisions.html", {**context, **(preview or {})}, status=code)
