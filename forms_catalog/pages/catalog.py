"""The catalog: search, and one element with every program that asks for it in its own words."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_catalog import intake, seeding
from forms_catalog.models import MappingSource
from forms_catalog.specs import ElementSpec
from sites.access import programs_for, require_roles, user_of
from sites.models import Role

READERS = tuple(Role)


@require_GET
@require_roles(*READERS)
def catalog(request: HttpRequest) -> HttpResponse:
    """Elements found by id, label, definition, unit or code."""
    search = request.GET.get("q", "").strip().casefold()
    found = [e for e in seeding.elements().values() if not search or search in _text(e)]
    page = Paginator(found, 40).get_page(request.GET.get("page"))
    return render(request, "forms_catalog/catalog.html", {"page": page, "search": search})


@require_GET
@require_roles(*READERS)
def element(request: HttpRequest, key: str) -> HttpResponse:
    """One element; programs the user may not see are only counted."""
    spec = seeding.elements().get(key)
    if spec is None:
        raise Http404("There is no such element.")
    rows = MappingSource.objects.filter(element__key=key, mapping__state="confirmed").select_related("mapping__program")
    seen = set(programs_for(user_of(request)))
    mine = [(r.mapping, _label(r)) for r in rows if r.mapping.program in seen]
    context = {"element": spec, "asks": mine, "others": len(rows) - len(mine)}
    return render(request, "forms_catalog/element.html", context)


def _label(row: MappingSource) -> str:
    version = intake.latest(row.mapping.program)
    found = version.fields.filter(path=row.mapping.path).first() if version else None
    return str(found.spec["label"]) if found else ""


def _text(spec: ElementSpec) -> str:
    codes = " ".join(code for _, code, _ in spec.bindings)
    return f"{spec.id} {spec.label} {spec.definition} {spec.unit} {codes}".casefold()
