"""Many ticked fields on the review page: a preview of what would be done, then all of them in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from forms_catalog import access, efforts, mapping, mapping_checks, reviewing
from forms_catalog.efforts import MANY, Done
from forms_catalog.mapping import MappingConflict, MappingError
from forms_catalog.pages import chosen as choosing
from forms_catalog.pages import decision_form, listing
from forms_catalog.pages import panel as panels
from forms_catalog.pages.chosen import Chosen
from forms_catalog.pages.keys import KEYS
from forms_catalog.pages.panel import Panel
from forms_catalog.reviewing import FieldRow, Review
from forms_catalog.specs import MappingSpec
from sites.access import acting_as, require_roles, user_of
from sites.models import Program
from sites.trail import Actor, ReasonMissing

DONE = {"confirm": "confirmed", "reject": "rejected"}


REASON = "Looked through side by side: the same question, answers and unit."


@dataclass(frozen=True, slots=True)
class Line:
    """One field in the preview as the panel would show it; `problem` says why it cannot be done with the others."""

    row: FieldRow
    spec: MappingSpec | None
    problem: str = ""
    panel: Panel | None = None


@require_POST
@require_roles(*access.CURATORS)
def mapping_bulk(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm or reject many, ticked ones or a class: first a preview, then all of them in one transaction."""
    program = access.program_or_404(user_of(request), code, *access.CURATORS)
    act, view = request.POST.get("act", ""), choosing.of(request.POST)
    review = reviewing.review(program)
    paths = _paths(request, program, review, view)
    lines = [_line(program, row, review) for row in review.rows if row.field.path in paths]
    if not lines or act not in ("confirm", "reject"):
        messages.error(request, "Tick at least one field, then choose what to do.")
        return redirect(view.address(program))
    first = request.POST.get("step") != "apply"
    fit = [line for line in lines if line.spec]
    token, now = request.POST.get("shown", ""), timezone.now()
    context = {"program": program, "lines": lines, "fit": fit, "act": act, "chosen": view, "keys": KEYS}
    context["reason"] = _reason(request) or (REASON if first and act == "confirm" else "")
    context["shown"] = efforts.still_shown(token, program, MANY, user_of(request), now)
    if first or not fit:
        return render(request, "forms_catalog/review_bulk.html", context)
    actor = acting_as(request, *access.CURATORS)
    try:
        done = _apply(program, act, fit, request, _reason(request), actor)
    except (MappingError, MappingConflict, ReasonMissing) as error:
        status = 409 if isinstance(error, MappingConflict) else 422
        return render(request, "forms_catalog/review_bulk.html", {**context, "problem": str(error)}, status=status)
    efforts.record(program, act, done, actor=actor, token=token, keys=request.POST.get("keys", ""))
    messages.success(request, f"{len(fit)} field{'s' if len(fit) != 1 else ''} {DONE[act]}.")
    return redirect(view.address(program))


def _paths(request: HttpRequest, program: Program, review: Review, view: Chosen) -> Collection[str]:
    """The ticked fields, or those of the class that was asked for within the form and the search chosen."""
    wanted = request.POST.get("class", "")
    if not wanted:
        return request.POST.getlist("path")
    items = listing.items(review, program.code, (), {}, user_of(request).username)
    return {item.path for item in listing.within(items, view) if item.call == wanted}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\x00", "").strip()


def _line(program: Program, row: FieldRow, review: Review) -> Line:
    if row.status == "decided":
        return Line(row, None, "A person has decided this field already.")
    try:
        spec = decision_form.as_proposed(program.code, row)
    except MappingError as error:
        return Line(row, None, str(error))
    wrong = mapping_checks.problems(spec, row.field, review.elements)
    if wrong:
        return Line(row, None, f"Decide it by itself: {' '.join(wrong)}")
    best = next(p for p in row.proposals if p.spec is not None)
    element = review.elements[spec.sources[0].element]
    return Line(row, spec, panel=panels.of_draft(row, element, best, spec, review.elements))


def _apply(
    program: Program, act: str, lines: Sequence[Line], request: HttpRequest, reason: str, actor: Actor
) -> list[Done]:
    specs = [line.spec for line in lines if line.spec]
    if act == "reject":
        pairs = [(spec.path, spec.sources[0].element) for spec in specs]
        mapping.reject_many(program, pairs, actor=actor, reason=reason)
        return [Done(path, element=element) for path, element in pairs]
    seen = [int(value) if (value := request.POST.get(f"seen:{s.path}", "")).isdecimal() else None for s in specs]
    made = mapping.confirm_many(program, list(zip(specs, seen, strict=True)), actor=actor, reason=reason)
    return [Done(row.path, row.version) for row in made]
