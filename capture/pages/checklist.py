"""A visit on paper: what it serves, every question that will be asked, what is known and will not be, extra labs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from capture import access
from capture.ask import sheet
from capture.ask.asksheet import AskSheet, Question
from capture.ask.facts import Occasion, VisitFacts
from capture.pages import typing, visit_form
from capture.plan.worklist import local_today
from sites.access import require_roles, user_of
from sites.models import Role

READERS = (*access.AT_SITE, Role.ADMIN, Role.AUDITOR)
FEW = 6  # options that are printed; of longer lists only the number
MONTH = 30.4375
KINDS = {"integer": "number", "decimal": "number", "date": "date", "text": "text", "multichoice": "all that apply"}


@dataclass(frozen=True, slots=True)
class Item:
    """One question on paper: how it is answered, the value that may be kept, which programs need it."""

    label: str
    how: str
    offer: str
    programs: str
    fields: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One section: what is asked, and what only if an answer makes it so."""

    title: str
    asked: tuple[Item, ...]
    depends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What one program asks and nobody is asked for: the label and in a sentence why."""

    program: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab that a program wants beside its forms; `now` where its rhythm falls on this visit."""

    program: str
    what: str
    rhythm: str
    now: bool


@require_GET
@require_roles(*READERS)
def visit_checklist(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The checklist of an open visit, as the form would ask it if nothing were typed yet."""
    found = access.visit_or_404(user_of(request), uuid, *READERS)
    if found.submitted_at:
        return redirect("visit", uuid=uuid)
    facts = typing.facts_of(found, local_today(found.site))
    made = sheet.build(facts)
    context = {
        "visit": found,
        "facts": facts,
        "parts": list(parts(made)),
        "known": list(known(made, facts.occasions)),
        "labs": list(labs(facts)),
        "questions": len([q for q in made.visible if q.kind != "field"]),
        "asks": len(made.lines),
    }
    return render(request, "capture/visit/checklist.html", context)


def parts(made: AskSheet) -> Iterator[Part]:
    """The questions by section, in the order of the form."""
    groups: dict[str, list[Question]] = {}
    for question in made.questions:
        if question.kind != "field":
            groups.setdefault(_title(question.section), []).append(question)
    for title, questions in groups.items():
        asked = tuple(_item(q, made.questions) for q in questions if q.visible)
        yield Part(title, asked, tuple(dict.fromkeys(q.label for q in questions if not q.visible)))


def _title(section: str) -> str:
    return visit_form.SECTIONS.get(section, section.replace("-", " ").replace("_", " ").capitalize() or "Other")


def _item(question: Question, every: Sequence[Question]) -> Item:
    inside = [q for q in every if q.kind == "field" and q.group == question.group] if question.kind == "gate" else []
    programs = ", ".join(dict.fromkeys(a.program for a in question.askers))
    return Item(question.label, how(question), _offer(question), programs, tuple(_item(q, ()) for q in inside))


def how(question: Question) -> str:
    """How it is answered, short: few options by name, many by number; a number with its unit and limits."""
    if question.options:
        labels = " / ".join(o.label for o in question.options)
        few = labels if len(question.options) <= FEW else f"one of {len(question.options)} options"
        return f"{KINDS['multichoice']}: {few}" if question.datatype == "multichoice" else few
    limits = [f"{limit:g}" for limit in (question.minimum, question.maximum) if limit is not None]
    span = f"{limits[0]} to {limits[1]}" if len(limits) == 2 else ""
    return " ".join(filter(None, (KINDS.get(question.datatype, ""), question.unit, span and f"({span})")))


def _offer(question: Question) -> str:
    if not question.offer_value:
        return ""
    labels = {o.code: o.label for o in question.options}
    words = ", ".join(labels.get(code, code) for code in question.offer_value.split("|"))
    said = f"{words} {question.unit}".strip()
    return f"{said}, {question.offer_on}" if question.offer_on and str(question.offer_on) != said else said


def known(made: AskSheet, occasions: Iterable[Occasion]) -> Iterator[Known]:
    """What is known or derived, by program, each field once."""
    for title, code in {o.program_title: o.program for o in occasions}.items():
        lines = [line for line in made.lines if line.program == code and line.state in ("known", "derived")]
        if entries := tuple({line.label: (line.label, line.why) for line in lines}.values()):
            yield Known(title, entries)


def labs(facts: VisitFacts) -> Iterator[Lab]:
    """The extra labs of each program's schedule; months count from the infusion to the day the report speaks for."""
    for occasion in facts.occasions:
        month = round((occasion.as_of - occasion.treatment.infusion_on).days / MONTH)
        written = facts.release.programs[occasion.program].rules.get("extra_labs")
        for lab in written if isinstance(written, Sequence) and not isinstance(written, str) else ():
            if isinstance(lab, dict) and lab.get("what"):
                every, months = lab.get("every_months"), lab.get("months")
                now = (isinstance(every, int) and every > 0 and month > 0 and month % every == 0) or (
                    isinstance(months, list) and month in months
                )
                yield Lab(occasion.program_title, str(lab["what"]), _rhythm(every, months, lab.get("then")), now)


def _rhythm(every: object, months: object, then: object) -> str:
    said = f"every {every} months" if every else ""
    if isinstance(months, list):
        said = "months " + ", ".join(map(str, months))
    return f"{said}, then {then}" if then else said
