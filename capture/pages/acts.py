"""What a person asks to change in a patient's plan, read from a posted form: events, undo, pins. Called by changing.

Each act is a call of its gateway that can be rehearsed and then carried out. Raises one of REFUSED for what cannot be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import QueryDict

from capture import access
from capture.enter import enrolling, happenings, pinning
from capture.models import Patient, PatientEvent, Visit
from capture.plan.worklist import local_today
from sites import trail
from sites.models import User
from sites.trail import Actor, ReasonMissing

RECORDABLE = tuple(str(kind) for kind in PatientEvent.Kind if kind != PatientEvent.Kind.UNDO)
OF_EVENT = ("kind", "effective_on", "program", "site", "attempts", "timepoint", "product")
FIELDS = ("act", *OF_EVENT, "event", "visit", "on", "reason")


class NotSaid(ValueError):
    """The form does not say enough; the message says what to add."""

    code = "not_said"


REFUSED = (NotSaid, happenings.HappeningError, enrolling.EnrollingError, pinning.PinError, ReasonMissing)


@dataclass(frozen=True, slots=True)
class Asked:
    """An act in words, the call that does it, and what is said once it is done."""

    title: str
    button: str
    done: str
    run: Callable[[], object]


def read(post: QueryDict, patient: Patient, user: User, actor: Actor) -> Asked:
    """The act of a post. A visit must be one the person may write at."""
    reason = trail.require_reason(post.get("reason", ""))
    match post.get("act", ""):
        case "event":
            return _event(post, patient, actor, reason)
        case "undo":
            return _undo(post, patient, actor, reason)
        case "pin":
            return _pin(post, _visit(post, patient, user), actor, reason)
        case "unpin":
            return _unpin(_visit(post, patient, user), actor, reason)
    raise NotSaid("Choose what to change on the patient's page.")


def _event(post: QueryDict, patient: Patient, actor: Actor, reason: str) -> Asked:
    """A new infusion is a treatment, which brings its event with it; everything else is the event itself."""
    kind, on = post.get("kind", ""), day(post.get("effective_on", ""))
    if kind not in RECORDABLE or on is None:
        raise NotSaid("Choose what happened and give its date.")
    label = PatientEvent.Kind(kind).label
    asked = (f"{label} on {on}", "Record and re-plan", f"{label} on {on} is recorded.")
    if kind == PatientEvent.Kind.NEW_INFUSION:
        product = post.get("product", "")
        return Asked(*asked, lambda: enrolling.add_treatment(patient, on, product, actor=actor, reason=reason))
    details = _details(post, kind)
    program, today = post.get("program", ""), local_today(patient.site)

    def record() -> object:
        return happenings.record(
            patient, kind, on, program=program, details=details, actor=actor, reason=reason, today=today
        )

    return Asked(*asked, record)


def _details(post: QueryDict, kind: str) -> dict[str, object]:
    """What else the event needs: the new site, the days of contact attempts, the report that is reduced."""
    if kind == PatientEvent.Kind.TRANSFER:
        return {"site": post.get("site", "")}
    if kind == PatientEvent.Kind.LOST:
        return {"attempts": post.get("attempts", "").replace(",", " ").split()}
    return {"timepoint": post.get("timepoint", "")} if kind == PatientEvent.Kind.SURVIVAL_ONLY else {}


def _undo(post: QueryDict, patient: Patient, actor: Actor, reason: str) -> Asked:
    row = patient.events.filter(uuid=_uuid(post.get("event", ""))).first()
    if row is None:
        raise NotSaid("This event is not one of this patient.")
    today, label = local_today(patient.site), f"{row.get_kind_display()} of {row.effective_on}"

    def undo() -> object:
        return happenings.undo(row, actor=actor, reason=reason, today=today)

    return Asked(f"Undo: {label}", "Undo and re-plan", f"{label} is undone.", undo)


def _pin(post: QueryDict, visit: Visit, actor: Actor, reason: str) -> Asked:
    on = day(post.get("on", ""))
    if on is None:
        raise NotSaid("Give the day the visit is to stay on.")
    today = local_today(visit.site)

    def pin() -> object:
        return pinning.pin(visit, on, actor=actor, reason=reason, today=today)

    return Asked(f"Visit of {visit.planned_on} stays on {on}", "Pin", f"The visit stays on {on}.", pin)


def _unpin(visit: Visit, actor: Actor, reason: str) -> Asked:
    today = local_today(visit.site)

    def unpin() -> object:
        return pinning.unpin(visit, actor=actor, reason=reason, today=today)

    said = "The pin is released; the visit is planned again."
    return Asked(f"Release the pin of {visit.planned_on}", "Release the pin", said, unpin)


def _visit(post: QueryDict, patient: Patient, user: User) -> Visit:
    mine = access.visits_for(user, *access.WRITERS).filter(patient=patient)
    found = mine.filter(uuid=_uuid(post.get("visit", ""))).select_related("site").first()
    if found is None:
        raise NotSaid("This visit is not one of this patient at your site. Reload the page.")
    return found


def day(text: str) -> date | None:
    """A typed date, None where it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> UUID:
    """A posted id; what is none is the id of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
