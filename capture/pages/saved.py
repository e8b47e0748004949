"""A person's saved views of the worklist: save the choice in the address, rename, open first, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from capture.enter import viewing
from capture.models import SavedView
from capture.pages.worklist import READERS, address
from capture.plan import choosing
from sites.access import acting_as, require_roles, site_or_404, user_of


@require_POST
@require_roles(*READERS)
def view_save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the choice that the form carries by name."""
    site = site_or_404(user_of(request), code, *READERS)
    choice = choosing.of_query(request.POST.get("query", ""))
    try:
        made = viewing.save(
            user_of(request), site, request.POST.get("name", ""), choice, actor=acting_as(request, *READERS)
        )
        messages.success(request, f"Saved as '{made.name}'. Its address stays the same.")
    except viewing.ViewError as error:
        messages.error(request, str(error))
    return redirect(address(site, choice.query()))


@require_POST
@require_roles(*READERS)
def view_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Rename, open first or delete an own view; nobody sees those of others."""
    view = SavedView.objects.filter(user=user_of(request), uuid=uuid).select_related("site", "user").first()
    if view is None:
        raise Http404("Nothing here under that name for you.")
    actor = acting_as(request, *READERS)
    try:
        match request.POST.get("act", ""):
            case "rename":
                viewing.rename(view, request.POST.get("name", ""), actor=actor)
            case "first":
                viewing.make_default(view, wanted=not view.is_default, actor=actor)
            case "delete":
                viewing.delete(view, actor=actor)
            case _:
                messages.error(request, "Choose what to do with the view.")
    except viewing.ViewError as error:
        messages.error(request, str(error))
    return redirect(address(view.site, view.query))
