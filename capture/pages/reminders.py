"""The reminder log: what was sent to whom, what it mentioned, what failed; and the switch to stop it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture.models import Digest, Visit
from capture.remind import switch
from sites.access import acting_as, has_role, require_roles, sites_for, user_of
from sites.models import Role

READERS = (Role.COORDINATOR, Role.INVESTIGATOR, Role.SITE_MANAGER, Role.ADMIN, Role.AUDITOR)


@require_GET
@require_roles(*READERS)
def reminders(request: HttpRequest) -> HttpResponse:
    """Own digests; site managers see their site's, network roles all."""
    user = user_of(request)
    mine = Q(user=user)
    if has_role(user, Role.SITE_MANAGER, Role.ADMIN, Role.AUDITOR):
        mine |= Q(user__home_site__in=sites_for(user, Role.SITE_MANAGER, Role.ADMIN, Role.AUDITOR))
    page = Paginator(Digest.objects.filter(mine).select_related("user__home_site"), 25).get_page(
        request.GET.get("page")
    )
    wanted = {uuid for row in page for uuid in row.visits}
    visits = {str(v.uuid): v for v in Visit.objects.filter(uuid__in=wanted).select_related("patient")}
    rows = [(row, [visits[u] for u in row.visits if u in visits]) for row in page]
    return render(request, "capture/reminders/list.html", {"page": page, "rows": rows, "me": user})


@require_POST
@require_roles(*READERS)
def reminders_switch(request: HttpRequest) -> HttpResponse:
    """Turn the own digest on or off."""
    on = request.POST.get("on") == "1"
    switch.digest(user_of(request), on=on, actor=acting_as(request, *READERS))
    messages.success(request, "You get one digest a day when there is something to do." if on else "No more digests.")
    return redirect("reminders")
