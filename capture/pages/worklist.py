"""The worklist of a site: overdue, due, coming, by filters and saved views. Where the day starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from capture import access
from capture.models import SavedView, Visit
from capture.plan import choosing
from capture.plan import worklist as lists
from capture.plan.choosing import Choice, Open
from sites.access import require_roles, site_or_404, sites_for, user_of
from sites.models import Participation, Role, Site
from sites.pages import csv_file

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)
A_PAGE = 25
TABS = (("", "All"), ("overdue", "Overdue"), ("due", "Due"), ("coming", "Coming"))
SORTS = (("", "Due day"), ("closes", "Last day of the window"), ("planned", "Planned day"), ("patient", "Patient"))
CLOSING = ("7", "14", "30", "60")
HEAD = ("patient", "state", "due", "days", "opens", "last day", "kind", "draft", "serves")


@require_GET
@require_roles(*READERS)
def worklist(request: HttpRequest, code: str = "") -> HttpResponse:
    """Open visits of one site, by its own date. Without a site: the person's first view, else their home site."""
    mine = sites_for(user_of(request), *READERS)
    if not code and not request.GET and (first := _first_view(request, mine)):
        return redirect(address(first.site, first.query))
    site = site_or_404(user_of(request), code, *READERS) if code else _home(request)
    if site is None:
        return render(request, "capture/worklist/none.html", {"sites": mine})
    return render(request, "capture/worklist/list.html", context(request, site, sites=mine))


@require_GET
@require_roles(*READERS)
def worklist_file(request: HttpRequest, code: str) -> HttpResponse:
    """The chosen visits as CSV: patients by pseudonym, never by name, number or date of birth."""
    site = site_or_404(user_of(request), code, *READERS)
    today = lists.local_today(site)
    choice = choosing.read(request.GET.dict())
    found = choosing.choose(lists.open_at(site, today), choice, today)
    return csv_file.answer(f"worklist-{site.code}-{today}", (HEAD, _cells(found, today)))


def context(request: HttpRequest, site: Site, **more: Any) -> dict[str, Any]:
    """What the page shows for the choice of the address. The same number of queries whatever is open."""
    today = lists.local_today(site)
    choice = choosing.read(request.GET.dict())
    every = lists.open_at(site, today)
    found = choosing.choose(every, choice, today)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    views = list(SavedView.objects.filter(user=user_of(request), site=site).select_related("site"))
    return {
        "site": site,
        "today": today,
        "page": page,
        "groups": _grouped(lists.shown(list(page.object_list), today), found, choice),
        "total": len(every),
        "tabs": _tabs(every, choice, today, site),
        "views": [_view(v, every, choice, today) for v in views],
        "choice": choice,
        "here": address(site, choice.query()),
        "file": f"{reverse('worklist_file', args=[site.code])}?{choice.query()}",
        "programs": Participation.objects.filter(site=site).values_list("program__code", "program__title").distinct(),
        "kinds": Visit.Kind.choices,
        "sorts": SORTS,
        "closing": CLOSING if choice.closing in ("", *CLOSING) else (*CLOSING, choice.closing),
        **more,
    }


def address(site: Site, query: str) -> str:
    """The permanent link of a choice."""
    return reverse("worklist_site", args=[site.code]) + (f"?{query}" if query else "")


def _tabs(every: Sequence[Open], choice: Choice, today: date, site: Site) -> list[tuple[str, str, int, bool]]:
    """(link, label, how many with the other filters, whether it is this one)."""
    rest = choosing.choose(every, replace(choice, bucket=""), today)
    number = choosing.counts(rest) | {"": len(rest)}
    return [
        (address(site, replace(choice, bucket=bucket).query()), label, number[bucket], bucket == choice.bucket)
        for bucket, label in TABS
    ]


def _view(view: SavedView, every: Sequence[Open], choice: Choice, today: date) -> dict[str, Any]:
    wanted = choosing.of_query(view.query)
    return {
        "row": view,
        "link": address(view.site, view.query),
        "count": len(choosing.choose(every, wanted, today)),
        "current": wanted == choice,
    }


def _grouped(
    rows: Sequence[lists.Row], found: Iterable[Open], choice: Choice
) -> Iterator[tuple[str, int, list[lists.Row]]]:
    """(patient, their open visits in this choice, those on this page); one group without a name where not grouped."""
    if not choice.group:
        return iter([("", len(rows), list(rows))] if rows else [])
    number = Counter(row.patient for row in found)
    groups: dict[str, list[lists.Row]] = {}
    for row in rows:
        groups.setdefault(row.visit.patient.pseudonym, []).append(row)
    return ((name, number[name], many) for name, many in groups.items())


def _cells(found: Sequence[Open], today: date) -> Iterator[tuple[object, ...]]:
    for row in lists.shown(found, today):
        served, draft = "; ".join(row.programs), "yes" if row.drafted else "no"
        kind = row.visit.get_kind_display()
        yield row.visit.patient, row.bucket, row.due_on, row.days, row.opens_on, row.last_day, kind, draft, served


def _first_view(request: HttpRequest, mine: Iterable[Site]) -> SavedView | None:
    rows = SavedView.objects.filter(user=user_of(request), is_default=True, site__in=mine)
    return rows.select_related("site").first()


def _home(request: HttpRequest) -> Site | None:
    user = user_of(request)
    mine = sites_for(user, *READERS)
    return mine.filter(people=user).first() or mine.first()
