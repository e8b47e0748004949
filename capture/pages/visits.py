"""The visit: open, save a draft, submit, and see every ask with its reason. One step function a view."""

from __future__ import annotations

import uuid as uuids
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.ask import load, sheet
from capture.ask.asksheet import AskSheet
from capture.ask.entered import with_dates
from capture.ask.facts import VisitFacts
from capture.enter import drafts, posted, recording
from capture.enter.drafts import Typed
from capture.models import Visit
from capture.pages import conflict, visit_form
from capture.plan.worklist import local_today
from capture.query.checks import Finding
from sites.access import acting_as, require_roles, user_of
from sites.models import Role

WRITERS = access.WRITERS
READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)


@require_GET
@require_roles(*READERS)
def visit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form of an open visit with the person's draft, or the read-only record of a submitted one."""
    found = access.visit_or_404(user_of(request), uuid, *READERS)
    if found.submitted_at:
        return render(request, "capture/visit/submitted.html", conflict.submitted_context(found))
    draft = drafts.of(found, user_of(request))
    return _form(request, found, Typed.load(draft.values if draft else None))


@require_POST
@require_roles(*WRITERS)
def visit_draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep what is typed. Answers which questions are visible now; a plain post comes back to the form."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    if found.submitted_at:
        return JsonResponse({"code": "submitted", "message": "This visit was submitted meanwhile."}, status=409)
    facts, typed = _typed(request, found)
    draft = drafts.save(
        found,
        user_of(request),
        sequence=_number(request, "sequence"),
        typed=typed,
        active_centiseconds=_number(request, "active"),
    )
    if request.headers.get("X-Autosave") != "1":
        return redirect("visit", uuid=uuid)
    made = sheet.build(facts, typed.entered)
    shown = {q.key: q.visible for q in made.questions}
    view = visit_form.view(made, facts, typed)
    saved = {"sequence": draft.sequence, "visible": shown, "answered": view.answered, "of": view.visible}
    return JsonResponse(saved | {"stale": found.version != draft.visit_version})


@require_POST
@require_roles(*WRITERS)
def visit_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Submit the whole visit, or say what needs a look (422), or show both sides of a conflict (409)."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    facts, typed = _typed(request, found)
    actor = acting_as(request, *WRITERS)
    post = recording.Post(
        client_uuid=_uuid(request.POST.get("client_uuid", "")),
        version=_number(request, "version"),
        entered=typed.entered,
        as_of=typed.as_of,
        active_centiseconds=_active(found, request),
    )
    try:
        recording.submit(found, post, actor=actor, today=local_today(found.site))
    except recording.SubmitError as error:
        return _form(request, found, typed, error.findings, status=422)
    except (recording.StaleVisit, recording.OtherContent) as error:
        drafts.keep(found, user_of(request), typed=typed)
        return render(request, "capture/visit/conflict.html", conflict.context(found, typed, error), status=409)
    messages.success(request, f"Submitted. {len(facts.occasions)} programs get their part of it.")
    return redirect("visit", uuid=uuid)


@require_POST
@require_roles(*WRITERS)
def visit_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw the own draft away."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    drafts.discard(found, user_of(request))
    messages.info(request, "Your draft was thrown away.")
    return redirect("visit", uuid=uuid)


@require_GET
@require_roles(*READERS)
def visit_asks(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every ask of the visit, shown or not, with its state and why: what an auditor asks to see."""
    found = access.visit_or_404(user_of(request), uuid, *READERS)
    last = found.submissions.order_by("-revision").first()
    made = conflict.frozen_sheet(last) if last else _sheet(found, Typed.load(_draft_values(request, found)))
    return render(request, "capture/visit/asks.html", {"visit": found, "sheet": made, "counts": dict(made.counts())})


def facts_of(found: Visit, today: date) -> VisitFacts:
    """The facts of one visit."""
    return load.for_visits([found.pk], today=today)[found.pk]


def _draft_values(request: HttpRequest, found: Visit) -> Any:
    draft = drafts.of(found, user_of(request))
    return draft.values if draft else None


def _sheet(found: Visit, typed: Typed) -> AskSheet:
    facts = with_dates(facts_of(found, local_today(found.site)), typed.as_of)
    return sheet.build(facts, typed.entered)


def _typed(request: HttpRequest, found: Visit) -> tuple[VisitFacts, Typed]:
    facts = facts_of(found, local_today(found.site))
    blank = sheet.build(facts)
    offers = {q.key: q.offer_value for q in blank.questions if q.offer_value}
    typed = posted.read(list(request.POST), request.POST.getlist, offers)
    return with_dates(facts, typed.as_of), typed


def _form(
    request: HttpRequest, found: Visit, typed: Typed, findings: list[Finding] | None = None, status: int = 200
) -> HttpResponse:
    facts = with_dates(facts_of(found, local_today(found.site)), typed.as_of)
    view = visit_form.view(sheet.build(facts, typed.entered), facts, typed, findings or ())
    draft = drafts.of(found, user_of(request))
    context = {
        "visit": found,
        "facts": facts,
        "form": view,
        "draft": draft,
        "others": drafts.others(found, user_of(request)),
        "findings": findings or [],
        "client_uuid": request.POST.get("client_uuid") or uuids.uuid4(),
        "sequence": draft.sequence if draft else 0,
        "visit_version": draft.visit_version if draft else found.version,
        "missing_choices": visit_form.missing_choices(),
        "may_write": access.visits_for(user_of(request), *WRITERS).filter(pk=found.pk).exists(),
    }
    return render(request, "capture/visit/form.html", context, status=status)


def _active(found: Visit, request: HttpRequest) -> int:
    draft = drafts.of(found, user_of(request))
    return (draft.active_centiseconds if draft else 0) + min(_number(request, "active"), drafts.LONGEST_STEP)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() and len(text) < 18 else 0


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuids.uuid4()
