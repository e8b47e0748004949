"""The visit: open, save a draft, submit, and see every ask with its reason. One step function a view."""

from __future__ import annotations

import uuid as uuids
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture import access
from capture.ask import form_changes, sheet
from capture.ask.asksheet import AskSheet
from capture.ask.entered import with_dates
from capture.enter import drafts, opening, recording
from capture.enter.drafts import Typed
from capture.models import Draft, Visit
from capture.pages import conflict, newer, safety, typing, visit_form
from capture.plan.worklist import local_today
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
    read = typing.read(request, found)
    try:
        draft = _saved(request, found, read)
    except opening.NoRelease as error:
        return JsonResponse({"code": error.code, "message": str(error)}, status=409)
    if request.headers.get("X-Autosave") != "1":
        return _then(request, found)
    typed = Typed.load(draft.values)
    made = sheet.build(read.facts, typed.entered)
    shown = {q.key: q.visible for q in made.questions}
    view = visit_form.view(made, read.facts, typed)
    saved = {"sequence": draft.sequence, "visible": shown, "answered": view.answered, "of": view.visible}
    return JsonResponse(saved | {"stale": found.version != (read.version or draft.visit_version)})


@require_POST
@require_roles(*WRITERS)
def visit_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Submit the whole visit, or say what needs a look (422), or show both sides of a conflict (409)."""
    found = access.visit_or_404(user_of(request), uuid, *WRITERS)
    read = typing.read(request, found)
    typed = read.typed
    actor = acting_as(request, *WRITERS)
    post = recording.Post(
        client_uuid=_uuid(request.POST.get("client_uuid", "")),
        version=read.version,
        entered=typed.entered,
        as_of=typed.as_of,
        active_centiseconds=_active(found, request),
        release=typing.number(request, "release"),
    )
    try:
        recording.submit(found, post, actor=actor, today=local_today(found.site))
    except recording.SubmitError as error:
        return _form(request, found, _kept(request, found, read), error, status=422)
    except (recording.StaleVisit, recording.OtherContent) as error:
        drafts.keep(found, user_of(request), typed=typed, page=read.page)
        return render(request, "capture/visit/conflict.html", conflict.context(found, typed, error), status=409)
    messages.success(request, f"Submitted. {len(read.facts.occasions)} programs get their part of it.")
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


def _then(request: HttpRequest, found: Visit) -> HttpResponse:
    """Where a person goes on whose typing was kept: the form, its newer one, or a safety record saved apart from it."""
    if request.POST.get("then") == "safety":
        return redirect(safety.link(found))
    return redirect("visit_newer" if request.POST.get("then") == "newer" else "visit", uuid=found.uuid)


def _saved(request: HttpRequest, found: Visit, read: typing.Posted) -> Draft:
    return drafts.save(
        found,
        user_of(request),
        sequence=typing.number(request, "sequence") + (0 if request.headers.get("X-Autosave") == "1" else 1),
        typed=read.typed,
        active_centiseconds=typing.number(request, "active"),
        page=read.page,
    )


def _kept(request: HttpRequest, found: Visit, read: typing.Posted) -> Typed:
    """What was typed into a post that was refused, kept as a draft: the page is shown again from it."""
    try:
        drafts.keep(found, user_of(request), typed=read.typed, page=read.page, seen=read.version)
    except opening.NoRelease:
        return read.typed
    return Typed.load(_draft_values(request, found))


def _draft_values(request: HttpRequest, found: Visit) -> Any:
    draft = drafts.of(found, user_of(request))
    return draft.values if draft else None


def _sheet(found: Visit, typed: Typed) -> AskSheet:
    facts = with_dates(typing.facts_of(found, local_today(found.site)), typed.as_of)
    return sheet.build(facts, typed.entered)


def _form(
    request: HttpRequest,
    found: Visit,
    typed: Typed,
    refused: recording.SubmitError | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = with_dates(typing.facts_of(found, local_today(found.site)), typed.as_of)
    made = sheet.build(facts, typed.entered)
    findings = refused.findings if refused else []
    draft = drafts.of(found, user_of(request))
    release = opening.release_of(found)
    number = release.number if release else 0
    context = {
        "visit": found,
        "facts": facts,
        "form": visit_form.view(made, facts, typed, findings),
        "conditions": visit_form.conditions(facts),
        "draft": draft,
        "others": drafts.others(found, user_of(request)),
        "findings": findings,
        "refused": refused,
        "release": number,
        "newer": opening.newer_than(release) if found.release_id else None,
        "aside": newer.shown(typed, form_changes.form_of(made, facts, number)),
        "client_uuid": request.POST.get("client_uuid") or uuids.uuid4(),
        "sequence": draft.sequence if draft else 0,
        "visit_version": draft.visit_version if draft else found.version,
        "missing_choices": visit_form.missing_choices(),
        "may_write": access.visits_for(user_of(request), *WRITERS).filter(pk=found.pk).exists(),
    }
    return render(request, "capture/visit/form.html", context, status=status)


def _active(found: Visit, request: HttpRequest) -> int:
    draft = drafts.of(found, user_of(request))
    return (draft.active_centiseconds if draft else 0) + min(typing.number(request, "active"), drafts.LONGEST_STEP)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuids.uuid4()
