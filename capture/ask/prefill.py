"""Offers: the last known value of a question, with its date and source, to be kept with one key. Never silent.

A later relapse, death, new therapy or infusion removes the offer of a status, response or function (rule 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from capture.ask import records
from capture.ask.facts import Answer, Occasion, PatientFacts
from capture.ask.known import Need, latest
from forms_catalog.specs import ElementSpec, ReleaseSpec

AS_OF_ELEMENTS = ("contact-date", "last-known-alive-date")
TURNING_GROUPS = ("relapse", "subsequent-infusion")
TURNING_EVENTS = ("death", "new_infusion")
TURNING_ELEMENT = "subsequent-therapy"


@dataclass(frozen=True, slots=True)
class Offer:
    """A value that may be kept with one key: what it is, the date it was observed, and where it came from."""

    value: str
    observed_on: date
    source: str


def offer_for(need: Need, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> Offer | None:
    """The offer for one question of an occasion, or None where nothing may be offered."""
    if need.kind != "plain" or need.qualifier:
        return None
    element = release.elements[need.element]
    if element.id in AS_OF_ELEMENTS:
        return Offer(occasion.as_of.isoformat(), occasion.as_of, "the date this report speaks for")
    if element.reuse == "cumulative":
        return _cumulative(element, occasion, patient)
    if element.reuse != "confirm":
        return None
    found = _last_at_visit(element.id, occasion, patient)
    if found is None or found.observed_on is None or _turned(found.observed_on, occasion, patient, release):
        return None
    return Offer(found.value, found.observed_on, found.source)


def _cumulative(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Offer | None:
    prefix = f"t{occasion.treatment.id}/"
    earlier = [a for a in patient.answers if a.context != f"{prefix}v{occasion.visit_id}"]
    found = latest(earlier, element.id, prefix, occasion)
    return Offer(found.value, found.observed_on, found.source) if found and found.observed_on else None


def _last_at_visit(element: str, occasion: Occasion, patient: PatientFacts) -> Answer | None:
    found = [
        a
        for a in patient.answers
        if a.element == element
        and not a.qualifier
        and a.value
        and a.context.startswith("v")
        and a.context != f"v{occasion.visit_id}"
        and a.observed_on
        and a.observed_on <= occasion.as_of
    ]
    return max(found, key=lambda a: (a.observed_on or date.min, a.id), default=None)


def _turned(observed: date, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> bool:
    """True where something after `observed` may have changed status, response or function."""
    if any(e.kind in TURNING_EVENTS and observed < e.on <= occasion.as_of for e in patient.events):
        return True
    for name in TURNING_GROUPS:
        group = release.groups.get(name)
        if group and any(observed < day <= occasion.as_of for day, _ in records.of_group(patient.records, group)):
            return True
    return any(
        a.element == TURNING_ELEMENT and a.value == "yes" and a.covers_to and a.covers_to > observed
        for a in patient.answers
    )
