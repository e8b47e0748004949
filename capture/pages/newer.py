"""A newer form for an open visit: what it would change, moving to it, and what becomes of values without a place."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.ask import aside
from capture.ask.aside import SetAside
from capture.ask.form_changes import Form
from capture.enter import drafts, migrating, opening
from capture.enter.drafts import Typed
from capture.enter.migrating import MigratingError
from capture.enter.recording import StaleVisit
from capture.models import Visit
from capture.pages import typing
from capture.plan.worklist import local_today
from forms_catalog.transforms import MISSING_CODES
from sites.access import acting_as, require_roles, user_of

WRITERS = access.WRITERS


@dataclass(frozen=True, slots=True)
class Aside:
    """A value set aside as the page shows it."""

    id: str
    label: str
    words: str
    reason: str
    usable: bool = False


def shown(typed: Typed, form: Form) -> list[Aside]:
    """What a draft holds beside its form, with whether the form has a place for it."""
    return [_aside(a, aside.usable(a, form)) for a in typed.aside]


def _aside(one: SetAside, usable: bool = False) -> Aside:
    return Aside(one.id, one.asked.label, aside.words(one.entry, one.asked, MISSING_CODES), one.reason, usable)


@require_GET
@require_roles(*WRITERS)
def visit_newer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What moving the visit to the newest form would change: its questions, and what is typed."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    try:
        made = migrating.preview(found, user_of(request), today=local_today(found.site))
    except MigratingError as error:
        messages.info(request, str(error))
        return redirect("visit", uuid=uuid)
    context = {
        "visit": found,
        "preview": made,
        "aside": [_aside(a) for a in made.aside],
        "back": [_aside(a) for a in made.back],
        "kinds": [(title, [c for c in made.changes if c.kind == kind]) for kind, title in KINDS],
    }
    return render(request, "capture/visit/newer.html", context)


KINDS = (
    ("changed", "Asked otherwise"),
    ("added", "Asked in addition"),
    ("removed", "No longer asked"),
)


@require_POST
@require_roles(*WRITERS)
def visit_migrate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Move the visit to the form that was looked at."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    try:
        made = migrating.migrate(
            found,
            to=typing.number(request, "to"),
            version=typing.number(request, "version"),
            actor=acting_as(request, *WRITERS),
            today=local_today(found.site),
            reason=request.POST.get("reason", "")[:500],
        )
    except MigratingError as error:
        messages.error(request, str(error))
        return redirect("visit", uuid=uuid)
    except StaleVisit as error:
        messages.error(request, str(error))
        return redirect("visit_newer", uuid=uuid)
    messages.success(request, _told(made))
    return redirect("visit", uuid=uuid)


def _told(made: migrating.Moved) -> str:
    """What happened, in words."""
    text = f"The visit has the newer form now. Typed values that stay: {made.stayed}."
    if made.back:
        text += f" Typed earlier and in place again: {made.back}."
    return text + (f" Set aside, see below: {made.aside}." if made.aside else "")


@require_POST
@require_roles(*WRITERS)
def visit_aside(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep what is typed, then use or dismiss one value that was set aside."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    act, _, id_ = request.POST.get("aside", "").partition(":")
    user = user_of(request)
    try:
        _keep(request, found)
        if act == "use":
            one = migrating.use(found, user, id_, today=local_today(found.site))
            messages.success(request, f"{one.asked.label}: put into its place. Check it before you submit.")
        elif act == "dismiss":
            one = migrating.dismiss(found, user, id_, actor=acting_as(request, *WRITERS))
            messages.info(request, f"{one.asked.label}: dismissed. It is kept as evidence, not as an answer.")
    except (MigratingError, opening.NoRelease) as error:
        messages.error(request, str(error))
    return redirect("visit", uuid=uuid)


def _keep(request: HttpRequest, found: Visit) -> None:
    if found.submitted_at:
        raise MigratingError("This visit was submitted meanwhile.")
    if "sequence" in request.POST:  # the buttons stand in the visit form: what is typed comes along
        read = typing.read(request, found)
        drafts.keep(found, user_of(request), typed=read.typed, page=read.page, seen=read.version)
