"""The duplicates page: pairs of asks and of elements that may be one, costliest first, decided by people."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from forms_catalog import access
from forms_catalog import duplicates as gateway
from forms_catalog.duplicates import DuplicateError
from forms_catalog.models import DuplicateFinding, FieldRequest
from sites.access import acting_as, has_role, require_roles, user_of
from sites.trail import ReasonMissing

ON_A_PAGE = 25
DONE = {"dismissed": "Put aside as not the same.", "settled": "Settled.", "open": "Open again."}
Kind, State = DuplicateFinding.Kind, DuplicateFinding.State


@require_GET
@require_roles(*access.READERS)
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs a kind, a program and a state leave."""
    return _page(request)


@require_POST
@require_roles(*access.GOVERNORS)
def duplicates_find(request: HttpRequest) -> HttpResponse:
    """Compare everything again; too much for a page is left to the command."""
    if FieldRequest.objects.filter(asks=True).count() > gateway.MOST_AT_ONCE:
        problem = "There is too much to compare while you wait. Ask for manage.py find_duplicates --store to be run."
        return _page(request, problem=problem, status=422)
    done = gateway.refresh(actor=acting_as(request, *access.GOVERNORS))
    messages.success(request, f"Compared: {done['found']} pairs, {done['new']} of them new.")
    return redirect("duplicates")


@require_POST
@require_roles(*access.GOVERNORS)
def duplicate_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a pair aside, settle it or open it again. 422 where the reason is missing or somebody was first."""
    post = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    actor = acting_as(request, *access.GOVERNORS)
    given = {"state": post.get("state", ""), "reason": post.get("reason", ""), "seen": post.get("seen", "")}
    try:
        row = gateway.decide(uuid, actor=actor, **given)
    except DuplicateFinding.DoesNotExist as error:
        raise Http404("There is no such pair.") from error
    except (DuplicateError, ReasonMissing) as error:
        return _page(request, problem=str(error), status=422)
    messages.success(request, DONE[row.state])
    return redirect(f"{reverse('duplicates')}?{request.GET.urlencode()}")  # the filter stays


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    programs = access.programs_as(user_of(request), *access.READERS)
    every = _seen(request).filter(current=True)
    kind, program, state = (request.GET.get(name, "") for name in ("kind", "program", "state"))
    state = state if state in State.values else State.OPEN
    rows = every.filter(state=state)
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    if program:
        rows = rows.filter(Q(first_program__code=program) | Q(second_program__code=program))
    compared = gateway.compared_at()
    context = {
        "page": Paginator(rows.select_related("first_program", "second_program"), ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "kinds": Kind.choices,
        "states": State.choices,
        "programs": list(programs.values_list("code", "title")),
        "counts": dict(every.order_by().values_list("state").annotate(n=Count("pk"))),
        "kind": kind,
        "program": program,
        "state": state,
        "compared": compared,
        "stale": gateway.is_stale(compared),
        "may_decide": has_role(user_of(request), *access.GOVERNORS),
        "problem": problem,
    }
    return render(request, "forms_catalog/duplicates.html", context, status=status)


def _seen(request: HttpRequest) -> QuerySet[DuplicateFinding]:
    """The pairs the person may see: sponsors those whose programs are both their own, and no pair of elements."""
    user = user_of(request)
    if has_role(user, *access.ALL_PROGRAMS):
        return DuplicateFinding.objects.all()
    mine = access.programs_as(user, *access.READERS)
    return DuplicateFinding.objects.filter(first_program__in=mine, second_program__in=mine)
