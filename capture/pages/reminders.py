"""The reminder log: what was sent to whom, what it mentioned, what failed; and the switch to stop it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.models import Digest, Visit
from capture.remind import switch
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Role, User

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)
STATES = [("", "All"), ("sent", "Sent"), ("queued", "Queued"), ("dead", "Given up"), ("empty", "Nothing left to say")]


@require_GET
@require_roles(*READERS)
def reminders(request: HttpRequest) -> HttpResponse:
    """Own messages; site managers see those of their site's people, network roles all."""
    user = user_of(request)
    rows = access.digests_for(user)
    state = request.GET.get("state", "")
    chosen = rows.filter(state=state) if state in dict(STATES) and state else rows
    page = Paginator(chosen.select_related("user__home_site"), 25).get_page(request.GET.get("page"))
    visits = _visits(user, page.object_list)
    context = {
        "page": page,
        "rows": [(row, [visits[uuid] for uuid in row.visits if uuid in visits]) for row in page],
        "me": user,
        "is_reader": has_role(user, Role.COORDINATOR),
        "states": STATES,
        "state": state,
        "given_up": rows.filter(state=Digest.State.DEAD).count(),
    }
    return render(request, "capture/reminders/list.html", context)


@require_POST
@require_roles(*READERS)
def reminders_switch(request: HttpRequest) -> HttpResponse:
    """Turn the own messages on or off."""
    on = request.POST.get("on") == "1"
    switch.digest(user_of(request), on=on, actor=acting_as(request, *READERS))
    messages.success(request, "You get a message on days with news, at most one a day." if on else "No more messages.")
    return redirect("reminders")


def _visits(user: User, rows: Iterable[Digest]) -> dict[str, Visit]:
    """The visits that digests mention, by uuid; only those the person may open. 1 query."""
    wanted = {uuid for row in rows for uuid in row.visits}
    found = access.visits_for(user, *READERS).filter(uuid__in=wanted).select_related("patient")
    return {str(visit.uuid): visit for visit in found}
