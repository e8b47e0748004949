"""Which earlier answer still stands at an occasion: since the infusion, or as last given at a visit. Pure.

Called by known (is it settled?), values (what is delivered), prefill (what is offered) and questions (is it shown?).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from capture.ask import records
from capture.ask.facts import Answer, Occasion, PatientFacts
from forms_catalog.specs import ElementSpec, ReleaseSpec

MAY_IMPROVE = ("best", "max")  # a best response or a worst grade may change, and its date with it
TURNING_GROUPS = ("relapse", "subsequent-infusion")
TURNING_EVENTS = ("death", "new_infusion")
TURNING_ELEMENT = "subsequent-therapy"


def latest(answers: Sequence[Answer], element: ElementSpec, prefix: str, occasion: Occasion) -> Answer | None:
    """The newest answer with a value whose context starts with `prefix`, up to the as-of date; the visit's own first.

    A date is placed by itself: one that is learned late counts for every report that speaks for its day.
    """
    own = f"{prefix}v{occasion.visit_id}"
    found = [
        a
        for a in answers
        if a.element == element.id
        and not a.qualifier
        and a.context.startswith(prefix)
        and a.value
        and (a.context == own or _by(a, element, occasion.as_of))
    ]
    return max(found, key=lambda a: (a.context == own, a.observed_on or occasion.after, a.id), default=None)


def _by(answer: Answer, element: ElementSpec, as_of: date) -> bool:
    if answer.observed_on is None or answer.observed_on <= as_of:
        return True
    day = records.latest_day(answer.value) if element.datatype == "date" else None
    return day is not None and day <= as_of


def since_infusion(
    element: ElementSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec
) -> Answer | None:
    """The newest cumulative answer that still stands: its parent says what it said when the answer was given."""
    prefix = f"t{occasion.treatment.id}/"
    found = latest(patient.answers, element, prefix, occasion)
    parent = release.elements.get(element.detail_of)
    if found is None or parent is None or not follows_parent(element, release):
        return found
    now = latest(patient.answers, parent, prefix, occasion)
    until = found.observed_on or occasion.as_of
    then = [a for a in patient.answers if a.observed_on is None or a.observed_on <= until]
    was = latest(then, parent, prefix, occasion)
    return None if now and was and now.value != was.value else found


def follows_parent(element: ElementSpec, release: ReleaseSpec) -> bool:
    """Whether the answer is about a best or worst that may change: the date of a best response."""
    parent = release.elements.get(element.detail_of)
    return bool(parent and parent.reuse == "cumulative" and parent.combine in MAY_IMPROVE)


def last_given(element: str, occasion: Occasion, answers: Sequence[Answer]) -> Answer | None:
    """The last value of a question of visits, of another visit than this one."""
    found = [
        a
        for a in answers
        if a.element == element
        and not a.qualifier
        and a.value
        and a.context.startswith("v")
        and a.visit_id != occasion.visit_id
        and a.context != f"v{occasion.visit_id}"
        and a.observed_on
        and a.observed_on <= occasion.as_of
    ]
    return max(found, key=lambda a: (a.observed_on or date.min, a.id), default=None)


def turned(observed: date | None, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> str:
    """What happened after `observed` that may have changed status, response or function, in words; '' for nothing."""
    if observed is None:
        return ""
    for event in patient.events:
        if event.kind in TURNING_EVENTS and observed < event.on <= occasion.as_of:
            return f"{event.kind.replace('_', ' ')} on {event.on}"
    for name in TURNING_GROUPS:
        group = release.groups.get(name)
        days = [day for day, _ in records.of_group(patient.records, group)] if group else []
        if after := [day for day in days if observed < day <= occasion.as_of]:
            return f"{name.replace('-', ' ')} on {after[0]}"
    for a in patient.answers:
        if a.element == TURNING_ELEMENT and a.value == "yes" and a.covers_to and a.covers_to > observed:
            return f"a new therapy by {a.covers_to}"
        if a.element == "vital-status" and a.value == "dead" and a.observed_on and a.observed_on > observed:
            return f"a death reported for {a.observed_on}"
    return ""
