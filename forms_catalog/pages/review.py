"""Mapping review: the programs to review, and every field of one beside its candidates. Deciding is in decide."""

from __future__ import annotations

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from forms_catalog import access, presence, progress, reviewing
from forms_catalog.models import Mapping
from forms_catalog.pages import chosen as choosing
from forms_catalog.pages import listing, measured, skipped
from forms_catalog.pages import panel as panels
from forms_catalog.pages.chosen import Chosen
from forms_catalog.pages.keys import KEYS
from forms_catalog.pages.listing import Item
from forms_catalog.pages.panel import Panel
from forms_catalog.reviewing import FieldRow, Review
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
    network = has_role(user_of(request), *access.NETWORK)
    return render(request, "forms_catalog/review_list.html", {"rows": rows, "may_see_conflicts": network})


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
    busy = presence.others(program, user_of(request), at=timezone.now()) if may_decide else {}
    items = listing.items(review, program.code, skipped.of(request, program), busy, user_of(request).username)
    found = listing.within(items, view)
    listed = [item for item in found if item.under(view.show)]
    shown = Paginator(listed, ON_A_PAGE).get_page(asked.get("page") or _page_of(listed, row))
    row = row or next((i.row for i in shown if not i.elsewhere), next((i.row for i in shown), None))
    return {
        "program": program,
        "review": review,
        "page": shown,
        "counts": listing.counts(found),
        "parts": listing.parts(items, view),
        "ready": sum(item.under("ready") for item in found),
        "chosen": view,
        "busy": busy,
        "keys": KEYS,
        "opened": bool(asked.get("field")),
        "may_decide": may_decide,
        "may_exchange": has_role(user_of(request), *access.GOVERNORS),
        **(_one(program, review, row, chosen, view, listed) if row else {"panel": None}),
        **measured.shown(request, program, review, row.field.path if row else ""),
    }


def _one(
    program: Program, review: Review, row: FieldRow, chosen: str, view: Chosen, listed: list[Item]
) -> dict[str, object]:
    """The panel of one field, and the ways from it: its candidates, the field after and the one before."""
    path = row.field.path
    panel = whole(panels.panel(review, row, program.code, chosen), program)
    addresses = [view.address(program, path, p.element) for p in row.proposals]
    place = panel.place
    return {
        "panel": panel,
        "item": next((item for item in listed if item.path == path), None),
        "candidates": list(zip(row.proposals, addresses, strict=True)),
        "candidate_before": addresses[place - 2] if place > 1 else "",
        "candidate_after": addresses[place] if place < len(addresses) else "",
        "field_before": _way(program, view, listed, path, -1),
        "field_after": _way(program, view, listed, path, 1),
    }


def _way(program: Program, view: Chosen, listed: list[Item], path: str, step: int) -> tuple[str, bool] | None:
    """The address of the field beside this one, and whether the page shown lists it too; None at the ends."""
    item = listing.beside(listed, path, step)
    if item is None:
        return None
    here = next((n for n, i in enumerate(listed) if i.path == path), 0)
    same = listed.index(item) // ON_A_PAGE == here // ON_A_PAGE
    return view.address(program, item.path), same


def _page_of(listed: list[Item], row: FieldRow | None) -> int:
    """The page of the list that has the chosen field on it."""
    at = next((n for n, item in enumerate(listed) if item.row is row), 0)
    return at // ON_A_PAGE + 1


def whole(found: Panel, program: Program) -> Panel:
    """The panel with the history of its decision, newest first."""
    if found.row.seen == 0:
        return found
    rows = Mapping.history.filter(program=program, path=found.row.field.path).order_by("-history_date", "-version")
    return replace(found, history=tuple(rows[:20]))


def next_of(request: HttpRequest, program: Program, review: Review, path: str) -> str:
    """The field to open once this one is decided or skipped; `review` is as it was before. '' where none is left."""
    view = choosing.of(request.POST)
    busy = presence.others(program, user_of(request), at=timezone.now())
    items = listing.items(review, program.code, skipped.of(request, program), busy, user_of(request).username)
    return listing.following([item for item in listing.within(items, view) if item.under(view.show)], path)
