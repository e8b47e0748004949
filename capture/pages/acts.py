"""What a person asks to change in a patient's plan, read from a posted form: events, undo, and (arrangements) visits.

Each act is a call of its gateway that can be rehearsed and then carried out. Raises one of REFUSED for what cannot be.
"""

from __future__ import annotations

from django.http import QueryDict

from capture.enter import enrolling, happenings, pinning
from capture.models import Patient, PatientEvent
from capture.pages import arrangements
from capture.pages.asked import Asked, NotSaid, day, uuid_of
from capture.plan.worklist import local_today
from sites import trail
from sites.models import User
from sites.trail import Actor, ReasonMissing

RECORDABLE = tuple(str(kind) for kind in PatientEvent.Kind if kind != PatientEvent.Kind.UNDO)
OF_EVENT = ("kind", "effective_on", "program", "site", "attempts", "timepoint", "product")
FIELDS = ("act", *OF_EVENT, "event", *arrangements.FIELDS, "reason")


REFUSED = (NotSaid, happenings.HappeningError, enrolling.EnrollingError, pinning.PinError, ReasonMissing)


def read(post: QueryDict, patient: Patient, user: User, actor: Actor) -> Asked:
    """The act of a post. A visit must be one the person may write at."""
    reason = trail.require_reason(post.get("reason", ""))
    match post.get("act", ""):
        case "event":
            return _event(post, patient, actor, reason)
        case "undo":
            return _undo(post, patient, actor, reason)
    return arrangements.read(post, patient, user, actor, reason)


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
    row = patient.events.filter(uuid=uuid_of(post.get("event", ""))).first()
    if row is None:
        raise NotSaid("This event is not one of this patient.")
    today, label = local_today(patient.site), f"{row.get_kind_display()} of {row.effective_on}"

    def undo() -> object:
        return happenings.undo(row, actor=actor, reason=reason, today=today)

    return Asked(f"Undo: {label}", "Undo and re-plan", f"{label} is undone.", undo)
