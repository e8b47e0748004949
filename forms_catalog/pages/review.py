"""Mapping review: the programs to review, and every field of one beside its candidates. Deciding is in decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_catalog import access, progress, reviewing
from forms_catalog.models import Mapping
from forms_catalog.pages import chosen as choosing
from forms_catalog.pages import measured
from forms_catalog.pages import panel as panels
from forms_catalog.pages.panel import Panel
from forms_catalog.reviewing import FILTERS, FieldRow, Review
from sites.access import has_role, require_roles, user_of
from sites.models import Program

ON_A_PAGE = 100


@require_GET
@require_roles(*access.READERS)
def mapping_review(request: HttpRequest) -> HttpResponse:
    """The programs with an uploaded dictionary, most to review first."""
    programs = access.programs_as(user_of(request), *access.READERS).select_related("sponsor")
    rows = [row for row in progress.of(list(programs)) if row.version]
    rows.sort(key=lambda row: -row.left)
    return render(request, "forms_catalog/review_list.html", {"rows": rows})


@require_GET
@require_roles(*access.READERS)
def mapping_program(request: HttpRequest, code: str) -> HttpResponse:
    """The fields a filter and a search leave, and one of them in full; asked by htmx, that one alone."""
    program = access.program_or_404(user_of(request), code, *access.READERS)
    review = reviewing.review(program)
    wanted, chosen = request.GET.get("field", ""), request.GET.get("element", "")
    row = review.row(wanted)
    if wanted and row is None:
        raise Http404("There is no such field in the newest version.")
    if chosen in review.elements and not access.elements_for(user_of(request), [review.elements[chosen]]):
        raise Http404("There is no such element.")  # the draft of a program this person does not see
    context = page(request, program, review, row, chosen)
    part = request.headers.get("HX-Target") == "panel"
    return render(request, "forms_catalog/review_panel.html" if part else "forms_catalog/review.html", context)


def page(
    request: HttpRequest, program: Program, review: Review, row: FieldRow | None, chosen: str = ""
) -> dict[str, object]:
    """What review.html and its panel show; the first field of the list where none is named."""
    may_decide = has_role(user_of(request), *access.CURATORS)
    asked = request.GET if request.method == "GET" else request.POST
    view = choosing.of(asked, "review" if may_decide else "all")
    rows = [r for r in review.rows if r.shown_under(view.show) and r.says(view.search)]
    listed = Paginator(rows, ON_A_PAGE).get_page(asked.get("page") or _page_of(rows, row))
    row = row or next(iter(listed), None)
    return {
        "program": program,
        "review": review,
        "page": listed,
        "counts": [(name, words, sum(r.shown_under(name) for r in review.rows)) for name, words in FILTERS.items()],
        "chosen": view,
        "show": view.show,
        "search": view.q,
        "query": view.q or None,
        "following": following(rows, row),
        "panel": whole(panels.panel(review, row, program.code, chosen), program) if row else None,
        "may_decide": may_decide,
        **measured.shown(request, program, review, row.field.path if row else ""),
    }


def _page_of(rows: Sequence[FieldRow], row: FieldRow | None) -> int:
    """The page of the list that has the chosen field on it."""
    return rows.index(row) // ON_A_PAGE + 1 if row in rows else 1


def whole(found: Panel, program: Program) -> Panel:
    """The panel with the history of its decision, newest first."""
    if found.row.seen == 0:
        return found
    rows = Mapping.history.filter(program=program, path=found.row.field.path).order_by("-history_date", "-version")
    return replace(found, history=tuple(rows[:20]))


def following(rows: Sequence[FieldRow], row: FieldRow | None) -> str:
    """The path of the field after this one in the list, else of the one before; '' where it is alone."""
    paths = [r.field.path for r in rows]
    if row is None or row.field.path not in paths:
        return next((p for p in paths if row is None or p != row.field.path), "")
    at = paths.index(row.field.path)
    return next(iter(paths[at + 1 : at + 2] or paths[at - 1 : at]), "")
