"""The yearly review of a program's questions: who still needs each, what dropping it gives back, kept or ended."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from capture.accept import sunset, what_if
from capture.accept.sunset import SunsetError, Term
from capture.models import Estimate
from forms_catalog import serial
from forms_catalog.access import NETWORK, READERS, program_or_404
from sites.access import acting_as, has_role, require_roles, user_of
from sites.models import Program, Role
from sites.trail import ReasonMissing, system

DECIDERS = (Role.SPONSOR, Role.ADMIN)


@require_GET
@require_roles(*READERS)
def request_terms(request: HttpRequest, code: str) -> HttpResponse:
    """The program's questions by the day of their review; `?show=due` those whose time has come."""
    user = user_of(request)
    program = program_or_404(user, code, *READERS)
    today = system("terms").now.date()
    every = sunset.terms(program)
    due = [t for t in every if t.due(today)]
    shown = due if request.GET.get("show") == "due" else every
    made = Estimate.objects.filter(version__program=program).first()
    context = {
        "program": program,
        "rows": _rows(shown, made, names=has_role(user, *NETWORK)),
        "all": len(every),
        "due": len(due),
        "show": request.GET.get("show", ""),
        "estimate": made,
        "today": today,
        "next_review": today + sunset.YEAR,
        "may_decide": has_role(user, *DECIDERS),
    }
    return render(request, "capture/accept/terms.html", context)


@require_POST
@require_roles(*DECIDERS)
def request_terms_decide(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the ticked questions until another review, or end them on a day; with a reason."""
    program = program_or_404(user_of(request), code, *DECIDERS)
    actor = acting_as(request, *DECIDERS)
    try:
        rows = sunset.decide(
            program,
            request.POST.getlist("path"),
            request.POST.get("verdict", ""),
            _day(request.POST.get("until", "")),
            actor=actor,
            reason=request.POST.get("reason", ""),
            today=actor.now.date(),
        )
    except (SunsetError, ReasonMissing) as error:
        messages.error(request, str(error))
    else:
        words = "kept until" if rows[0].verdict == "keep" else "asked for the last time on"
        messages.success(request, f"{len(rows)} question{'s' if len(rows) > 1 else ''} {words} {rows[0].until}.")
    return redirect("request_terms", code=program.code)


def _rows(terms: list[Term], made: Estimate | None, *, names: bool) -> list[dict[str, object]]:
    """Each question with who else asks it (named to those who see every program) and the hours it gives back."""
    hours = serial.load(what_if.Result, made.result).by_field if made else {}
    titles = dict(Program.objects.values_list("code", "title")) if names else {}
    return [
        {
            "term": term,
            "others": [titles.get(c, c) for c in term.others] if names else [],
            "number": len(term.others),
            "hours": 0.0 if term.others else hours.get(term.path, 0.0),
        }
        for term in terms
    ]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SunsetError("Give the day as YYYY-MM-DD.") from None
