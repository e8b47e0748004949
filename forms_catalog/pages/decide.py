"""What a curator decides on the review page: one field at a time. Many are in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from forms_catalog import access, efforts, mapping, reviewing
from forms_catalog.efforts import Done
from forms_catalog.mapping import MappingConflict, MappingError
from forms_catalog.mapping_rows import request_of
from forms_catalog.models import Mapping as Decided
from forms_catalog.pages import chosen as choosing
from forms_catalog.pages import decision_form, skipped
from forms_catalog.pages import panel as panels
from forms_catalog.pages import review as review_page
from forms_catalog.reviewing import FieldRow, Review
from sites.access import acting_as, require_roles, user_of
from sites.models import Program
from sites.trail import Actor, ReasonMissing

DONE = {
    "confirm": "confirmed",
    "new": "marked as new",
    "not_same": "marked as not the same",
    "reject": "rejected",
    "undo": "sent back to review",
    "reconsider": "taken back",
    "skip": "skipped, it comes back at the end",
}
STAYS = ("undo", "reconsider", "not_same", "reject")  # the field is still to be decided


@require_POST
@require_roles(*access.CURATORS)
def mapping_decide(request: HttpRequest, code: str) -> HttpResponse:
    """Decide one field, then go on to the next. 409 where another curator was first, 422 where it cannot be."""
    program = access.program_or_404(user_of(request), code, *access.CURATORS)
    post = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    review = reviewing.review(program)
    row, act = review.row(post.get("path", "")), post.get("act", "")
    if row is None or act not in DONE:
        messages.error(request, "Choose a field and what to do with it.")
        return redirect("mapping_program", code=code)
    actor, after = acting_as(request, *access.CURATORS), review_page.next_of(request, program, review, row.field.path)
    try:
        done = _decide(program, review, row, act, post, actor)
    except MappingConflict as error:
        return _conflict(request, program, post, error)
    except (MappingError, ReasonMissing) as error:
        return _again(request, program, review, row, post, str(error))
    efforts.record(program, act, [done], actor=actor, token=post.get("shown", ""), keys=post.get("keys", ""))
    messages.success(request, f"{row.field.path}: {DONE[act]}.")
    (skipped.put_off if act == "skip" else skipped.forget)(request, program, row.field.path)
    return redirect(choosing.of(post).address(program, row.field.path if act in STAYS else after))


def _decide(program: Program, review: Review, row: FieldRow, act: str, post: Mapping[str, str], actor: Actor) -> Done:
    path, element, reason, seen = row.field.path, post.get("element", ""), post.get("reason", ""), _seen(post)
    if act in ("confirm", "new"):
        wanted = {**post, "relation": "new"} if act == "new" else post
        spec = decision_form.read(wanted, program.code, row, review.elements)
        made = mapping.confirm(program, spec, actor=actor, reason=reason, seen_version=seen)
        return Done(path, made.version)
    if act == "undo":
        return Done(path, mapping.undo(_standing(program, path), actor=actor, reason=reason, seen_version=seen).version)
    if act == "not_same":
        mapping.mark_not_same(program, path, element, actor=actor, reason=reason, seen_version=seen)
    elif act == "skip":
        return Done(path)
    elif act == "reject":
        mapping.reject(program, path, element, actor=actor, reason=reason, seen_version=seen)
    else:
        mapping.reconsider(program, path, element, actor=actor, reason=reason)
    return Done(path, element=element)


def _seen(post: Mapping[str, str]) -> int:
    text = post.get("seen", "")
    return int(text) if text.isdecimal() else 0


def _standing(program: Program, path: str) -> Decided:
    meaning = request_of(program, path).meaning_hash  # an earlier wording has its own decision, and keeps it
    rows = Decided.objects.filter(program=program, path=path, meaning_hash=meaning)
    found = rows.filter(state=Decided.State.CONFIRMED).first()
    if found is None:
        raise MappingError(f"{path} is not decided; there is nothing to undo.")
    return found


def _conflict(request: HttpRequest, program: Program, post: Mapping[str, str], error: MappingConflict) -> HttpResponse:
    """Both decisions side by side; nothing of the second one was written."""
    theirs = mapping.spec_of(error.theirs)
    kept = {k: v for k, v in post.items() if k not in ("csrfmiddlewaretoken", "seen")}
    context = {"program": program, "theirs": error.theirs, "spec": theirs, "mine": post, "kept": kept, "error": error}
    return render(request, "forms_catalog/review_conflict.html", context, status=409)


def _again(
    request: HttpRequest, program: Program, review: Review, row: FieldRow, post: Mapping[str, str], problem: str
) -> HttpResponse:
    """The page with all that was typed and why it cannot be taken."""
    context = review_page.page(request, program, review, row, post.get("element", ""))
    found = context["panel"]
    if isinstance(found, panels.Panel):
        context["panel"] = replace(found, texts={**found.texts, **_typed(post)}, map_rows=_mapped(found, post))
    return render(
        request, "forms_catalog/review.html", {**context, "problem": problem, "tried": post["act"]}, status=422
    )


def _typed(post: Mapping[str, str]) -> dict[str, str]:
    names = ("relation", "steps", "further", "condition", "question", "choices", "rollup")
    typed = {name: post[name] for name in names if name in post}
    words = {"not_same": "refusal", "reject": "refusal", "new": "new", "undo": "undo"}
    return {**typed, words.get(post.get("act", ""), "reason"): post.get("reason", "")}


def _mapped(found: panels.Panel, post: Mapping[str, str]) -> tuple[panels.MapRow, ...]:
    """The table of answers as the person left it."""
    name = decision_form.MAP
    return tuple(replace(r, target=post.get(f"{name}{r.code}", r.target)) for r in found.map_rows)
