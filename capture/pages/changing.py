"""Before a patient's plan changes: a page that shows exactly what would, then the same act confirmed or left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from capture import access
from capture.enter import rehearsing
from capture.models import Patient
from capture.pages import acts, patients
from capture.pages.asked import Asked
from capture.plan import preview
from capture.plan.preview import Change
from sites.access import acting_as, require_roles, user_of

WORDS: dict[preview.Kind, tuple[str, str]] = {
    "opened": ("report opens", "reports open"),
    "closed": ("report closes", "reports close"),
    "not_owed": ("report is not owed any more", "reports are not owed any more"),
    "moved": ("report moves", "reports move"),
    "restated": ("closed report gets another reason", "closed reports get another reason"),
    "dropped": ("visit is dropped", "visits are dropped"),
    "made": ("visit is added", "visits are added"),
    "shifted": ("visit moves to another day", "visits move to another day"),
    "split": ("visit is split", "visits are split"),
    "merged": ("visit is merged", "visits are merged"),
    "serves": ("visit serves other reports", "visits serve other reports"),
    "site": ("visit goes to another site", "visits go to another site"),
    "pinned": ("visit is pinned", "visits are pinned"),
    "unpinned": ("visit is free again", "visits are free again"),
    "reminder_stops": ("reminder stops", "reminders stop"),
    "reminder_starts": ("reminder starts", "reminders start"),
    "delivery": ("delivery changes", "deliveries change"),
}
TOGETHER = ("opened", "closed", "not_owed", "site")
DID = {
    "opened": "opens",
    "closed": "closes",
    "not_owed": "not owed",
    "moved": "moves",
    "restated": "other reason",
    "dropped": "dropped",
    "made": "added",
    "shifted": "other day",
    "split": "split",
    "merged": "merged",
    "serves": "serves others",
    "site": "other site",
    "pinned": "pinned",
    "unpinned": "free",
    "delivery": "delivery",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of changes: what is done in a word, and the change, or several of them."""

    did: str
    change: Change
    members: tuple[Change, ...] = ()


@require_POST
@require_roles(*access.WRITERS)
def patient_preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the act would change, report by report and visit by visit; nothing is saved."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    try:
        asked = _asked(request, found)
        said = rehearsing.rehearse(found, asked.run)
    except acts.REFUSED as error:
        return _refused(request, found, error)
    return _page(request, found, asked, said)


@require_POST
@require_roles(*access.WRITERS)
def patient_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Do what was previewed; where the plan changed meanwhile, show again what would happen now."""
    found = access.patient_or_404(user_of(request), uuid, *access.WRITERS)
    try:
        asked = _asked(request, found)
        rehearsing.carry_out(found, asked.run, seen=request.POST.get("seen", ""))
    except acts.REFUSED as error:
        return _refused(request, found, error)
    except rehearsing.Differs as error:
        return _page(request, found, asked, error.changes, problem=str(error), status=409)
    messages.success(request, asked.done)
    if not access.patients_for(user_of(request), *patients.READERS).filter(pk=found.pk).exists():
        messages.info(request, f"{found} is at another site now; its people go on from here.")
        return redirect("patients")
    return redirect("patient", uuid=uuid)


def _asked(request: HttpRequest, found: Patient) -> Asked:
    return acts.read(request.POST, found, user_of(request), acting_as(request, *access.WRITERS))


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was sent, to be sent again; several reports stand in one field."""
    return {name: " ".join(request.POST.getlist(name)) for name in acts.FIELDS}


def _page(
    request: HttpRequest,
    found: Patient,
    asked: Asked,
    said: tuple[Change, ...],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "patient": found,
        "asked": asked,
        "problem": problem,
        "summary": summary(said),
        "programs": {title: _rows(rows) for title, rows in preview.by_program(said).items()},
        "visits": _rows([c for c in preview.of(said, preview.OF_VISITS) if c.kind != "dropped"]),
        "dropped": preview.of(said, ["dropped"]),
        "stops": preview.of(said, ["reminder_stops"]),
        "starts": preview.of(said, ["reminder_starts"]),
        "seen": preview.fingerprint(said),
        "typed": _typed(request),
        **patients.form_context(found),
    }
    return render(request, "capture/patients/preview.html", context, status=status)


def summary(said: tuple[Change, ...]) -> list[tuple[int, str]]:
    """How many of each kind, in words: (14, 'visits are dropped')."""
    counted = Counter(change.kind for change in said)
    return [(n, WORDS[kind][n > 1]) for kind in WORDS if (n := counted[kind])]


def _rows(said: list[Change]) -> list[Line]:
    """The changes as lines; three and more in a row of one kind with one reason are one line that lists them."""
    found: list[Line] = []
    for _, run in groupby(said, key=lambda c: (c.kind, c.why, c.after if c.kind == "site" else "")):
        many = list(run)
        if many[0].kind in TOGETHER and len(many) > 2:
            found.append(Line(DID[many[0].kind], many[0], tuple(many)))
        else:
            found += [Line(DID[change.kind], change) for change in many]
    return found


def _refused(request: HttpRequest, found: Patient, error: Exception) -> HttpResponse:
    """The patient's page with what was typed still in the form and why it cannot be."""
    context = patients.context(found, user_of(request)) | {"refused": str(error), "typed": _typed(request)}
    return render(request, "capture/patients/detail.html", context, status=422)
