"""The catalog: search, and one element with every program that asks for it in its own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_catalog import access, seeding
from forms_catalog.models import FieldRequest, MappingSource
from forms_catalog.specs import ElementSpec
from sites.access import programs_for, require_roles, user_of
from sites.models import Role

READERS = tuple(Role)
ON_A_PAGE = 40


@dataclass(frozen=True, slots=True)
class Ask:
    """One field that reads an element, in its program's words."""

    program: str
    title: str
    path: str
    label: str
    relation: str
    qualifier: str


@require_GET
@require_roles(*READERS)
def catalog(request: HttpRequest) -> HttpResponse:
    """Elements found by id, label, definition, unit, code or section."""
    search, section = request.GET.get("q", "").strip(), request.GET.get("section", "")
    seen = access.elements_for(user_of(request), seeding.elements().values())
    found = [e for e in seen if search.casefold() in _text(e) and section in ("", e.section)]
    context = {
        "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "section": section,
        "sections": sorted({e.section for e in seen if e.section}),
        "total": len(seen),
    }
    return render(request, "forms_catalog/catalog.html", context)


@require_GET
@require_roles(*READERS)
def element(request: HttpRequest, key: str) -> HttpResponse:
    """One element; programs the user may not see are only counted, their drafts are not there."""
    spec = next(iter(access.elements_for(user_of(request), seeding.elements([key]).values())), None)
    if spec is None:
        raise Http404("There is no such element.")
    rows = MappingSource.objects.filter(element__key=key, mapping__state="confirmed").select_related("mapping__program")
    seen = set(programs_for(user_of(request)))
    mine = [row for row in rows.order_by("mapping__program__code", "mapping__path") if row.mapping.program in seen]
    context = {"element": spec, "facts": _facts(spec), "asks": _asks(mine), "others": len(rows) - len(mine)}
    return render(request, "forms_catalog/element.html", context)


def _asks(rows: Iterable[MappingSource]) -> list[Ask]:
    """The fields in their own words, the newest where a program has several versions. 1 query."""
    rows = list(rows)
    wanted = FieldRequest.objects.filter(
        version__program__in=[r.mapping.program_id for r in rows], path__in=[r.mapping.path for r in rows]
    )
    labels = {
        (program, path): str(spec.get("label", ""))
        for program, path, spec in wanted.order_by("version__number").values_list("version__program", "path", "spec")
    }
    return [_ask(row, labels.get((row.mapping.program_id, row.mapping.path), "")) for row in rows]


def _ask(row: MappingSource, label: str) -> Ask:
    program = row.mapping.program
    return Ask(program.code, program.title, row.mapping.path, label, row.mapping.relation, row.qualifier)


def _facts(spec: ElementSpec) -> list[tuple[str, str]]:
    limits = f"{spec.minimum:g} to {spec.maximum:g}" if spec.minimum is not None and spec.maximum is not None else ""
    also = ", ".join(f"{u.ucum} ({u.to_canonical})" for u in spec.convertible_units)
    return [
        ("Answer", spec.datatype),
        ("Unit", spec.unit),
        ("Also taken in", also),
        ("Limits", limits),
        ("True for", spec.scope),
        ("Period", spec.recall),
        ("Used again", spec.reuse),
        ("Where it is found", spec.source),
        ("Seconds to enter", str(spec.effort_seconds or "")),
        ("Section", spec.section),
        ("Record group", spec.group),
        ("Detail of", spec.detail_of),
    ]


def _text(spec: ElementSpec) -> str:
    codes = " ".join(code for _, code, _ in spec.bindings)
    return f"{spec.id} {spec.label} {spec.definition} {spec.unit} {spec.section} {codes}".casefold()
