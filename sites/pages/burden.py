"""Pages of step 8: what data entry costs a site, the network, a program. From ledger and load; no person is named."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from sites import access
from sites.access import require_roles, user_of
from sites.burden import dashboards
from sites.models import Program, Role, Site, User
from sites.pages import burden_csv, csv_file, period

AT_SITE = (Role.COORDINATOR, Role.SITE_MANAGER)
EVERYWHERE = (Role.ADMIN, Role.AUDITOR)
READERS = (*AT_SITE, *EVERYWHERE)
ASKERS = (Role.SPONSOR, *EVERYWHERE)
SHOWN = 40  # sites, the fullest first, until all are asked for


@require_GET
@require_roles(*READERS, Role.SPONSOR)
def burden(request: HttpRequest) -> HttpResponse:
    """The network for those who see many sites; the one site or program of those who see one."""
    user = user_of(request)
    sites = list(access.sites_for(user, *READERS))
    programs = list(_asked_by(user)) if access.has_role(user, *ASKERS) else []
    if not access.has_role(user, *EVERYWHERE) and len(sites) + len(programs) == 1:
        return _site(request, sites[0], many=False) if sites else _program(request, programs[0])
    span = period.read(request.GET.dict(), timezone.now().date())
    board = dashboards.of_network(sites, span.start, span.end) if sites else None
    if board and request.GET.get("format") == "csv":
        return csv_file.answer("burden-network", burden_csv.of_network(board, span))
    every = request.GET.get("heat") == "all"
    rows = board.heat.rows[: None if every else SHOWN] if board else ()
    shown = {row.site.code for row in rows}
    lines = [line for line in board.sites if line.site.code in shown] if board else []
    link = _link(request, "burden")
    context: dict[str, object] = {"board": board, "programs": programs, "period": span, "link": link}
    may_price = access.has_role(user, *EVERYWHERE)
    context |= {"rows": rows, "every": every, "lines": lines, "may_price": may_price}
    return render(request, "sites/burden_network.html", context)


@require_GET
@require_roles(*READERS)
def burden_site(request: HttpRequest, code: str) -> HttpResponse:
    """The dashboard of one site, or its table as CSV."""
    user = user_of(request)
    site = access.site_or_404(user, code, *READERS)
    return _site(request, site, many=access.sites_for(user, *READERS).count() > 1)


@require_GET
@require_roles(*ASKERS)
def burden_program(request: HttpRequest, code: str) -> HttpResponse:
    """What one program's asks cost all its sites together: for its sponsor and the network."""
    user = user_of(request)
    return _program(request, access.one_or_404(access.programs_for(user), _asked_by(user), {"code": code}))


def _site(request: HttpRequest, site: Site, *, many: bool) -> HttpResponse:
    span = period.read(request.GET.dict(), dashboards.today_at(site))
    board = dashboards.of_site(site, span.start, span.end)
    if request.GET.get("format") == "csv":
        return csv_file.answer(f"burden-{site.code}", burden_csv.of_site(board, span))
    may = access.sites_for(user_of(request), Role.SITE_MANAGER, Role.ADMIN).filter(pk=site.pk).exists()
    link = _link(request, "burden_site", site.code)
    context = {"board": board, "site": site, "period": span, "many": many, "may_budget": may, "link": link}
    return render(request, "sites/burden_site.html", context)


def _program(request: HttpRequest, program: Program) -> HttpResponse:
    span = period.read(request.GET.dict(), timezone.now().date())
    board = dashboards.of_program(program, span.start, span.end)
    if request.GET.get("format") == "csv":
        return csv_file.answer(f"burden-{program.code}", burden_csv.of_program(board, span))
    link = _link(request, "burden_program", program.code)
    context = {"board": board, "program": program, "period": span, "link": link}
    return render(request, "sites/burden_program.html", context)


def _link(request: HttpRequest, name: str, *codes: str) -> str:
    """The page's own address, the same for everyone who may open it."""
    return request.build_absolute_uri(reverse(name, args=codes))


def _asked_by(user: User) -> QuerySet[Program]:
    """Programs whose cost the user may see as the one who asks."""
    return Program.objects.filter(sponsor__in=access.sponsors_for(user)).select_related("sponsor")
