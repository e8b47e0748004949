"""Many ticked fields on the review page: a preview of what would be done, then all of them in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
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
from forms_catalog.pages import decision_form
from forms_catalog.reviewing import FieldRow, Review
from forms_catalog.specs import MappingSpec
from sites.access import acting_as, require_roles, user_of
from sites.models import Program
from sites.trail import Actor, ReasonMissing

DONE = {"confirm": "confirmed", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Line:
    """One ticked field in the preview; `problem` says why it cannot be done with the others."""

    row: FieldRow
    spec: MappingSpec | None
    problem: str = ""


@require_POST
@require_roles(*access.CURATORS)
def mapping_bulk(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm or reject many: first a preview of what would be done, then all of them in one transaction."""
    program = access.program_or_404(user_of(request), code, *access.CURATORS)
    act = request.POST.get("act", "")
    review, paths = reviewing.review(program), request.POST.getlist("path")
    lines = [_line(program, row, review) for row in review.rows if row.field.path in paths]
    if not lines or act not in ("confirm", "reject"):
        messages.error(request, "Tick at least one field, then choose what to do.")
        return redirect(_back(request, program))
    reason, fit = request.POST.get("reason", "").replace("\x00", "").strip(), [line for line in lines if line.spec]
    context = {
        "program": program,
        "lines": lines,
        "fit": fit,
        "act": act,
        "reason": reason,
        "chosen": choosing.of(request.POST),
    }
    token = request.POST.get("shown", "")
    context["shown"] = efforts.still_shown(token, program, MANY, user_of(request), timezone.now())
    if request.POST.get("step") != "apply" or not fit:
        return render(request, "forms_catalog/review_bulk.html", context)
    actor = acting_as(request, *access.CURATORS)
    try:
        done = _apply(program, act, fit, request, reason, actor)
    except (MappingError, MappingConflict, ReasonMissing) as error:
        status = 409 if isinstance(error, MappingConflict) else 422
        return render(request, "forms_catalog/review_bulk.html", {**context, "problem": str(error)}, status=status)
    efforts.record(program, act, done, actor=actor, token=token, keys=request.POST.get("keys", ""))
    messages.success(request, f"{len(fit)} field{'s' if len(fit) != 1 else ''} {DONE[act]}.")
    return redirect(_back(request, program))


def _line(program: Program, row: FieldRow, review: Review) -> Line:
    if row.status == "decided":
        return Line(row, None, "A person has decided this field already.")
    try:
        spec = decision_form.as_proposed(program.code, row)
    except MappingError as error:
        return Line(row, None, str(error))
    wrong = mapping_checks.problems(spec, row.field, review.elements)
    return Line(row, None, f"Decide it by itself: {' '.join(wrong)}") if wrong else Line(row, spec)


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


def _back(request: HttpRequest, program: Program) -> str:
    return choosing.of(request.POST).address(program)
