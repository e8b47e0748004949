"""Mapping review: every field of a program beside its candidates, with reasons; decide one or many."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from forms_catalog import intake, mapping, proposing, seeding
from forms_catalog.models import Mapping, Proposal
from forms_catalog.pages.requests import rows_of
from forms_catalog.specs import RELATIONS, ElementSpec, FieldSpec, MappingSpec, Relation, Source
from sites.access import acting_as, has_role, program_or_404, programs_for, require_roles, user_of
from sites.models import Program, Role
from sites.trail import Actor

READERS = (Role.CURATOR, Role.ADMIN, Role.AUDITOR, Role.SPONSOR)
FILTERS = ("all", "to_review", "decided", "machine", "guarded")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal beside its element."""

    proposal: Proposal
    element: ElementSpec | None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field with its decision and its candidates."""

    field: FieldSpec
    decision: Mapping | None
    elements: list[str]
    candidates: list[Candidate] = dataclasses.field(default_factory=list)
    refused: list[Proposal] = dataclasses.field(default_factory=list)


@require_GET
@require_roles(*READERS)
def mapping_review(request: HttpRequest) -> HttpResponse:
    """The programs with fields to review, most first."""
    programs = list(programs_for(user_of(request)).select_related("sponsor"))
    rows = [r for r in rows_of(programs) if r.version]
    rows.sort(key=lambda r: r.decided - r.asked)
    return render(request, "forms_catalog/review_list.html", {"rows": rows})


@require_GET
@require_roles(*READERS)
def mapping_program(request: HttpRequest, code: str) -> HttpResponse:
    """Every field of the newest version, filtered; curators decide here."""
    program = program_or_404(user_of(request), code)
    rows = rows_for(program)
    chosen = request.GET.get("show", "all")
    shown = [r for r in rows if _matches(r, chosen)]
    context = {
        "program": program,
        "rows": shown,
        "decided": sum(1 for r in rows if r.decision),
        "total": len(rows),
        "chosen": chosen,
        "filters": FILTERS,
        "relations": [r for r in RELATIONS if r != "not_same"],
        "elements": sorted(seeding.elements()),
        "may_decide": has_role(user_of(request), Role.CURATOR),
    }
    return render(request, "forms_catalog/review.html", context)


def rows_for(program: Program) -> list[FieldRow]:
    """Fields, decisions and candidates of the newest version, in dictionary order. 6 queries whatever the size."""
    version = intake.latest(program)
    if version is None:
        return []
    specs = seeding.elements()
    decided = {m.path: m for m in _decisions(program)}
    proposals: dict[str, list[Proposal]] = {}
    for p in Proposal.objects.filter(program=program).select_related("element").order_by("rank", "pk"):
        proposals.setdefault(p.path, []).append(p)
    fields = [f for f in intake.fields_of(version) if f.asks or f.field_type == "calc"]
    return [_row(f, decided.get(f.path), proposals.get(f.path, []), specs) for f in fields]


def _decisions(program: Program) -> list[Mapping]:
    rows = Mapping.objects.filter(program=program, state=Mapping.State.CONFIRMED)
    return list(rows.prefetch_related("sources__element"))


def _row(spec: FieldSpec, decision: Mapping | None, proposals: list[Proposal], specs: object) -> FieldRow:
    known: dict[str, ElementSpec] = specs  # type: ignore[assignment]
    open_ones = [p for p in proposals if p.state == Proposal.State.PROPOSED]
    return FieldRow(
        spec,
        decision,
        [s.element.key for s in decision.sources.all()] if decision else [],
        [Candidate(p, known.get(p.element.key)) for p in open_ones],
        [p for p in proposals if p.state != Proposal.State.PROPOSED],
    )


def _matches(row: FieldRow, chosen: str) -> bool:
    if chosen == "to_review":
        return row.decision is None
    if chosen == "decided":
        return row.decision is not None
    if chosen == "machine":
        return row.decision is not None and row.decision.by_machine
    if chosen == "guarded":
        return any(c.proposal.guards for c in row.candidates)
    return True


@require_POST
@require_roles(Role.CURATOR)
def mapping_decide(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm, change, reject or mark as not the same: one field, or all ticked ones."""
    program = program_or_404(user_of(request), code)
    actor, act = acting_as(request, Role.CURATOR), request.POST.get("act", "")
    paths = request.POST.getlist("path")
    if not paths:
        messages.error(request, "Tick at least one field.")
    done = 0
    for path in paths:
        try:
            done += _decide(program, path, act, request, actor)
        except mapping.MappingConflict as error:
            context = {"program": program, "theirs": error.theirs, "message": str(error)}
            return render(request, "forms_catalog/review_conflict.html", context, status=409)
        except mapping.MappingError as error:
            messages.error(request, str(error))
    if done:
        messages.success(request, f"{done} field{'s' if done != 1 else ''}: {act.replace('_', ' ')}.")
    anchor = f"#f-{paths[0]}" if len(paths) == 1 else ""
    return redirect(f"{request.POST.get('back', '') or request.path.removesuffix('decide/')}{anchor}")


def _decide(program: Program, path: str, act: str, request: HttpRequest, actor: Actor) -> int:
    reason = request.POST.get("reason", "").strip() or "reviewed"
    element = request.POST.get(f"element-{path}") or request.POST.get("element", "")
    if act == "not_same":
        mapping.mark_not_same(program, path, element, actor=actor, reason=reason)
    elif act == "reject":
        mapping.reject(program, path, element, actor=actor, reason=reason)
    elif act == "undo":
        row = Mapping.objects.filter(program=program, path=path, state=Mapping.State.CONFIRMED).first()
        if row is None:
            return 0
        mapping.undo(row, actor=actor, reason=reason)
    else:
        return _confirm(program, path, element, act, request, actor, reason)
    return 1


def _confirm(
    program: Program, path: str, element: str, act: str, request: HttpRequest, actor: Actor, reason: str
) -> int:
    """Confirm with the chosen relation; several at once take each field's first candidate as proposed."""
    version = intake.latest(program)
    fields = {f.path: f for f in intake.fields_of(version)} if version else {}
    if path not in fields:
        raise mapping.MappingError(f"{path} is not a field of the newest version.")
    found = Proposal.objects.filter(program=program, path=path, state=Proposal.State.PROPOSED).select_related("element")
    first = (found.filter(element__key=element).first() if element else found.order_by("rank").first()) or None
    relation: Relation = request.POST.get("relation") or (first.relation if first else "new")  # type: ignore[assignment]
    if act == "new":
        relation = "new"
    seen = int(request.POST.get("seen", "") or 0) if len(request.POST.getlist("path")) == 1 else None
    spec = _spec(program, fields[path], relation, element, first)
    mapping.confirm(program, spec, actor=actor, reason=reason, seen_version=seen)
    return 1


def _spec(
    program: Program, spec: FieldSpec, relation: Relation, element: str, proposal: Proposal | None
) -> MappingSpec:
    key = proposal.element.key if proposal else element
    if relation == "new" or not key:
        return MappingSpec(program.code, spec.path, "new", ())
    value_map = proposal.value_map if proposal else {}
    return MappingSpec(
        program.code, spec.path, relation, (Source(key),), proposing.steps_for(spec, relation, value_map)
    )
