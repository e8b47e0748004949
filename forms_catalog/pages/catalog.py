"""The catalog: search, and one element with its history, its state, and everyone who asks for it in their own words."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_catalog import access, cataloguing, governing, lifecycle, moving, searching, seeding
from forms_catalog.drafts import is_draft
from forms_catalog.models import Element
from forms_catalog.specs import ElementSpec
from sites.access import has_role, programs_for, require_roles, user_of
from sites.models import Role, User

READERS = tuple(Role)
ON_A_PAGE = 40


@require_GET
@require_roles(*READERS)
def catalog(request: HttpRequest) -> HttpResponse:
    """Elements by id, label, confirmed wording, code, unit or definition, best first."""
    user, given = user_of(request), request.GET
    programs = dict(programs_for(user).order_by("title").values_list("code", "title"))
    filters = searching.Filters(given.get("section", ""), given.get("state", ""), given.get("asked", ""))
    search = given.get("q", "").replace("\x00", "").strip()
    seen = cataloguing.entries(programs)
    found = searching.search(seen, search, filters)
    context = {
        "page": Paginator(found, ON_A_PAGE).get_page(given.get("page")),
        "search": search,
        "filters": filters,
        "sections": sorted({e.section for e in seen if e.section}),
        "states": Element.State.choices,
        "programs": programs,
        "total": len(seen),
        "may_govern": has_role(user, *access.GOVERNORS),
        "may_export": has_role(user, *access.READERS),
    }
    return render(request, "forms_catalog/catalog.html", context)


@require_GET
@require_roles(*READERS)
def element(request: HttpRequest, key: str) -> HttpResponse:
    """One element; programs the user may not see are only counted, their drafts are not there."""
    return page(request, key)


def seen_or_404(user: User, key: str) -> ElementSpec:
    """The element's newest spec; 404 where there is none for this person."""
    spec = next(iter(access.elements_for(user, seeding.elements([key]).values())), None)
    if spec is None:
        raise Http404("There is no such element.")
    return spec


def page(request: HttpRequest, key: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The element's page, with what went wrong where an act was refused."""
    user = user_of(request)
    spec = seen_or_404(user, key)
    row = Element.objects.select_related("replaced_by").get(key=key)
    visible = set(programs_for(user).values_list("code", flat=True))
    asks, others = cataloguing.asked(spec, visible)
    may_govern = has_role(user, *access.GOVERNORS)
    retired = row.state == Element.State.RETIRED
    target, moves = moving.moves(key) if retired else ("", [])
    context = {
        "element": spec,
        "row": row,
        "seen": governing.stamp(row),
        "facts": _facts(spec),
        "asks": asks,
        "others": others,
        "history": cataloguing.history(row),
        "draft_of_program": is_draft(key),
        "may_govern": may_govern,
        "replaced": [e.key for e in row.element_set.all() if not is_draft(e.key) or e.key.split(":")[1] in visible],
        "target": target,
        "moves": [m for m in moves if m.program.code in visible],
        "others_to_move": sum(m.program.code not in visible for m in moves),
        "movable": sum(m.after is not None for m in moves),
        "offered": _offered(key) if may_govern and row.state == Element.State.RELEASED else (),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "forms_catalog/element.html", context, status=status)


def _offered(key: str) -> list[tuple[str, str]]:
    """The released elements that may replace this one."""
    elements, closed = seeding.elements_and_closed()
    return [(k, spec.label) for k, spec in elements.items() if k not in closed and k != key]


def _facts(spec: ElementSpec) -> list[tuple[str, str]]:
    limits = f"{spec.minimum:g} to {spec.maximum:g}" if spec.minimum is not None and spec.maximum is not None else ""
    also = ", ".join(f"{u.ucum} ({u.to_canonical})" for u in spec.convertible_units)
    found = [
        ("Answer", spec.datatype),
        ("Unit", spec.unit),
        ("Also taken in", also),
        ("Limits", limits),
        ("True for", spec.scope),
        ("Period", spec.recall),
        ("Used again", lifecycle.REUSES.get(spec.reuse, spec.reuse)),
        ("Where it is found", spec.source),
        ("Seconds to enter", str(spec.effort_seconds or "")),
        ("Section", spec.section),
        ("Record group", spec.group),
        ("Detail of", spec.detail_of),
    ]
    return [(label, value) for label, value in found if value]
