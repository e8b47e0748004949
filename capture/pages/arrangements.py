"""What a person asks to arrange about visits, read from a posted form: a day, split, join, seen elsewhere, a contact.

Called by acts; each is a call of its gateway. A visit must be one of the patient at a site the person writes at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.http import QueryDict

from capture import access
from capture.enter import arranging, pinning
from capture.models import Patient, Visit
from capture.pages.asked import Asked, NotSaid, day, uuid_of
from capture.plan.worklist import local_today
from sites.models import User
from sites.trail import Actor

FIELDS = ("visit", "other", "on", "place", "reports")
Reader = Callable[[QueryDict, Visit, Actor, str], Asked]


def read(post: QueryDict, patient: Patient, user: User, actor: Actor, reason: str) -> Asked:
    """The arrangement of a post. Raises NotSaid."""
    act = post.get("act", "")
    if act == "contact":
        return _contact(post, patient, actor, reason)
    if act != "join" and act not in BY_NAME:
        raise NotSaid("Choose what to change on the patient's page.")
    visit = _visit(post, "visit", patient, user, "This visit is not one of this patient at your site. Reload the page.")
    if act == "join":
        other = _visit(post, "other", patient, user, "Choose the visit whose reports are to join this one.")
        return _join(visit, other, actor, reason)
    return BY_NAME[act](post, visit, actor, reason)


def reports_of(post: QueryDict) -> list[str]:
    """The chosen reports: one field each from the page, or all in one from a preview."""
    return " ".join(post.getlist("reports")).split()


def _visit(post: QueryDict, name: str, patient: Patient, user: User, missing: str) -> Visit:
    mine = access.visits_for(user, *access.WRITERS).filter(patient=patient)
    found = mine.filter(uuid=uuid_of(post.get(name, ""))).select_related("site").first()
    if found is None:
        raise NotSaid(missing)
    return found


def _on(post: QueryDict, missing: str) -> date:
    on = day(post.get("on", ""))
    if on is None:
        raise NotSaid(missing)
    return on


def _pin(post: QueryDict, visit: Visit, actor: Actor, reason: str) -> Asked:
    on, today = _on(post, "Give the day the visit is to stay on."), local_today(visit.site)

    def pin() -> object:
        return pinning.pin(visit, on, actor=actor, reason=reason, today=today)

    return Asked(f"Visit of {visit.planned_on} stays on {on}", "Pin", f"The visit stays on {on}.", pin)


def _release(post: QueryDict, visit: Visit, actor: Actor, reason: str) -> Asked:
    today = local_today(visit.site)

    def release() -> object:
        return arranging.release(visit, actor=actor, reason=reason, today=today)

    said = "What was arranged is released; the visit is planned again."
    return Asked(f"Release what was arranged for {visit.planned_on}", "Release", said, release)


def _split(post: QueryDict, visit: Visit, actor: Actor, reason: str) -> Asked:
    on, today = _on(post, "Give the day of the new visit."), local_today(visit.site)
    chosen: list[UUID] = [uuid_of(text) for text in reports_of(post)]
    if not chosen:
        raise NotSaid("Choose the reports that get a visit of their own.")

    def split() -> object:
        return arranging.split(visit, chosen, on, actor=actor, reason=reason, today=today)

    title = f"Split the visit of {visit.planned_on}: a part of it on {on}"
    return Asked(title, "Split", f"The visit is split; the new one is on {on}.", split)


def _join(visit: Visit, other: Visit, actor: Actor, reason: str) -> Asked:
    today = local_today(visit.site)

    def join() -> object:
        return arranging.join(visit, other, actor=actor, reason=reason, today=today)

    title = f"Join the visit of {other.planned_on} to that of {visit.planned_on}"
    return Asked(title, "Join", "The visits are joined.", join)


def _elsewhere(post: QueryDict, visit: Visit, actor: Actor, reason: str) -> Asked:
    on, place = _on(post, "Give the day on which the patient was seen."), post.get("place", "")
    today = local_today(visit.site)

    def seen() -> object:
        return arranging.seen_elsewhere(visit, on, place, actor=actor, reason=reason, today=today)

    title = f"Visit of {visit.planned_on}: seen elsewhere on {on}"
    return Asked(title, "Record", f"Recorded: seen elsewhere on {on}.", seen)


def _contact(post: QueryDict, patient: Patient, actor: Actor, reason: str) -> Asked:
    on, what = _on(post, "Give the day of the contact."), post.get("place", "")
    today = local_today(patient.site)

    def contact() -> object:
        return arranging.contact(patient, on, what, actor=actor, reason=reason, today=today)

    return Asked(f"Unscheduled contact on {on}", "Record", f"The contact of {on} is recorded.", contact)


BY_NAME: dict[str, Reader] = {"pin": _pin, "unpin": _release, "split": _split, "elsewhere": _elsewhere}
