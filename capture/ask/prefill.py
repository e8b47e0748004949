"""Offers: the last known value of a question, with its date and source, to be kept with one key. Never silent.

A later relapse, death, new therapy or infusion removes the offer of a status, response or function (rule 2). The dates
of a report are kept apart: the contact date is its as-of date, the measurement date of an agreement the end of its own
period, and any sign of life moves the date last known alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from capture.ask import records
from capture.ask.contexts import CLOSES_THE_PERIOD, period_of
from capture.ask.facts import Occasion, PatientFacts
from capture.ask.known import Need
from capture.ask.standing import last_given, since_infusion, turned
from forms_catalog.specs import ElementSpec, ReleaseSpec

LAST_ALIVE = "last-known-alive-date"
MEASURED_FOR_AN_AGREEMENT = "outcome-measurement-date"
SIGNS_OF_LIFE = {"lab-draw": {}, "hospital-stay": {}, "contact-attempt": {"contact-attempt-result": "reached"}}


@dataclass(frozen=True, slots=True)
class Offer:
    """A value that may be kept with one key: what it is, the date it was observed, and where it came from."""

    value: str
    observed_on: date
    source: str


def offer_for(need: Need, occasions: Sequence[Occasion], patient: PatientFacts, release: ReleaseSpec) -> Offer | None:
    """The offer for one question of these askers, or None where nothing may be offered."""
    if need.kind != "plain" or need.qualifier or not occasions:
        return None
    element, occasion = release.elements[need.element], occasions[0]
    if element.id in DATES:
        return DATES[element.id](element, occasions, patient, release)
    if element.reuse == "cumulative":
        return _cumulative(element, occasion, patient, release)
    if element.reuse != "confirm":
        return None
    found = last_given(element.id, occasion, patient.answers)
    if found is None or found.observed_on is None or turned(found.observed_on, occasion, patient, release):
        return None
    return Offer(found.value, found.observed_on, found.source)


def _cumulative(element: ElementSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> Offer | None:
    own = f"t{occasion.treatment.id}/v{occasion.visit_id}"
    parent = element.detail_of
    kept = tuple(a for a in patient.answers if a.context != own or a.element == parent)
    earlier = PatientFacts(patient.id, kept)
    found = since_infusion(element, occasion, earlier, release)
    return Offer(found.value, found.observed_on, found.source) if found and found.observed_on else None


def _contact(
    element: ElementSpec, occasions: Sequence[Occasion], patient: PatientFacts, release: ReleaseSpec
) -> Offer | None:
    as_of = occasions[0].as_of
    return Offer(as_of.isoformat(), as_of, "the date this report speaks for")


def _measurement(
    element: ElementSpec, occasions: Sequence[Occasion], patient: PatientFacts, release: ReleaseSpec
) -> Offer | None:
    end = period_of(element, occasions[0]).upto
    return Offer(end.isoformat(), end, "the day the agreement measures on") if occasions[0].fixed_end else None


def _last_alive(
    element: ElementSpec, occasions: Sequence[Occasion], patient: PatientFacts, release: ReleaseSpec
) -> Offer | None:
    """The latest report of a visit of a living person, or a later sign of life; nothing where the person died."""
    as_of = max(o.as_of for o in occasions)
    if _died(occasions[0], patient):
        return None
    signs = [Offer(as_of.isoformat(), as_of, "the date this report speaks for")]
    for name, where in SIGNS_OF_LIFE.items():
        group = release.groups.get(name)
        for day, record in records.of_group(patient.records, group) if group else ():
            if day <= occasions[0].reported_on and all(record.value(e) == code for e, code in where.items()):
                signs.append(Offer(day.isoformat(), day, f"a {name.replace('-', ' ')} record"))
    return max(signs, key=lambda offer: offer.observed_on)


def _died(occasion: Occasion, patient: PatientFacts) -> bool:
    """Whether an event or an answer of this visit says so."""
    said = any(
        a.element == "vital-status" and a.value == "dead" and a.visit_id == occasion.visit_id for a in patient.answers
    )
    return said or any(e.kind == "death" for e in patient.events)


DATES = {CLOSES_THE_PERIOD: _contact, LAST_ALIVE: _last_alive, MEASURED_FOR_AN_AGREEMENT: _measurement}
