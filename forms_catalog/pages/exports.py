"""Exports: choose what and as which format, see what the format cannot say, then download."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_catalog import access, export_choice, formats
from forms_catalog.export_choice import Export, ExportError
from forms_catalog.exporting import NAMES
from sites.access import require_roles, user_of
from sites.models import User

MOST_SHOWN = 200


@require_GET
@require_roles(*access.READERS)
def exports(request: HttpRequest) -> HttpResponse:
    """The choice, and once something is chosen the report of its file."""
    user, given = user_of(request), request.GET
    made, problem = None, ""
    if given.get("to"):
        try:
            made = chosen(user, given)
        except ExportError as error:
            problem = str(error)
    context = {
        "programs": access.programs_as(user, *access.READERS).filter(dictionary_versions__isnull=False).distinct(),
        "names": [(name, NAMES.get(name, name)) for name in formats.writers()],
        "what": given.get("what", "catalog"),
        "to": given.get("to", ""),
        "picked": given.getlist("program"),
        "version": given.get("version", ""),
        "problem": problem,
        "made": made,
        "kinds": sorted(Counter(loss.what for loss in made.losses).items()) if made else (),
        "losses": made.losses[:MOST_SHOWN] if made else (),
        "more": max(0, len(made.losses) - MOST_SHOWN) if made else 0,
        "query": urlencode([(k, v) for k, values in given.lists() for v in values]),
    }
    return render(request, "forms_catalog/exports.html", context, status=422 if problem else 200)


@require_GET
@require_roles(*access.READERS)
def export_file(request: HttpRequest) -> HttpResponse:
    """The file. 422 in words where nothing can be exported."""
    try:
        return attachment(chosen(user_of(request), request.GET))
    except ExportError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")


def chosen(user: User, given: QueryDict) -> Export:
    """What the query names, for what this person may see: 404 for other programs. Raises ExportError."""
    what, codes = given.get("what", "catalog"), given.getlist("program")
    if what == "catalog":
        found = export_choice.catalog()
    elif what == "program" and codes:
        number = given.get("version", "")
        if number and not (number.isascii() and number.isdecimal() and len(number) < 7):
            raise ExportError("A version is a whole number. Leave it empty for the newest.")
        program = access.program_or_404(user, codes[0], *access.READERS)
        found = export_choice.program(program, int(number) if number else None)
    elif what == "merged":
        unique = list(dict.fromkeys(codes))[: export_choice.MOST_PROGRAMS + 1]
        found = export_choice.merged([access.program_or_404(user, code, *access.READERS) for code in unique])
    else:
        raise ExportError("Choose the catalog, a program or a merged form of programs.")
    return export_choice.write(found, given.get("to", ""))


def attachment(made: Export) -> HttpResponse:
    """The file as a download that no browser opens by guessing."""
    headers: Mapping[str, str] = {
        "Content-Disposition": f'attachment; filename="{made.file_name}"',
        "X-Content-Type-Options": "nosniff",
        "X-AskOnce-Losses": str(len(made.losses)),
    }
    return HttpResponse(made.written.data, content_type=made.written.media_type, headers=dict(headers))
