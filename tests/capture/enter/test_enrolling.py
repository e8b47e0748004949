"""Patients in: pseudonyms only, from when on reports are owed, and what is refused with which words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from capture.enter import enrolling
from capture.enter.enrolling import ConsentGiven, EnrollingError
from capture.models import Consent, Enrollment, Patient, Stay, Timepoint
from sites.models import Program, TrailEntry
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, INFUSED, TODAY, day

pytestmark = pytest.mark.django_db
LIVE = "car_registry_na"


def enrol(patient: Patient, code: str = LIVE, *, consent: date = INFUSED, **more: object) -> Enrollment:
    options = {"enrolled_on": consent, "consents": [ConsentGiven("v1", consent)], "actor": AT, "today": TODAY} | more
    return enrolling.enrol(patient.treatments.get(), Program.objects.get(code=code), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["Anna Berg", "1964-05-03", "atc-0001", "ATC0001", "A-1", "ATC-19640503", "", "ATC-1\n"]
)
def test_it_refuses_names_and_dates_as_a_pseudonym(name: str) -> None:
    with pytest.raises(EnrollingError, match="ATC-0001"):
        enrolling.add_patient(rows.site(), name, since=day(0), actor=AT)


def test_a_pseudonym_is_used_once() -> None:
    rows.patient()
    with pytest.raises(EnrollingError, match="already in use"):
        rows.patient()


def test_a_new_patient_stays_at_the_site_from_a_day_on() -> None:
    patient = rows.patient()
    stay = Stay.objects.get(patient=patient)
    assert (stay.site.code, stay.valid_from, stay.recorded_by) == ("north", day(0), AT.name)
    assert TrailEntry.objects.filter(action="add_patient", subject=f"patient:{patient.uuid}").count() == 1


def test_it_refuses_an_infusion_in_the_future_or_twice_on_a_day() -> None:
    patient = rows.patient()
    with pytest.raises(EnrollingError, match="in the future"):
        enrolling.add_treatment(patient, TODAY + timedelta(days=1), "axi-cel", actor=AT)
    with pytest.raises(EnrollingError, match="already has an infusion"):
        enrolling.add_treatment(patient, day(0), "axi-cel", actor=AT)
    with pytest.raises(EnrollingError, match="Name the product"):
        enrolling.add_treatment(patient, day(1), " ", actor=AT)


def test_an_enrolment_in_a_live_program_is_planned_at_once() -> None:
    rows.live(LIVE)
    patient = rows.patient(LIVE)
    assert rows.numbers(patient) == (17, 17)
    assert Consent.objects.get().recorded_at == AT.now


def test_an_enrolment_in_a_known_program_waits() -> None:
    rows.live(LIVE)
    Program.objects.update(state="known")
    assert rows.numbers(rows.patient(LIVE)) == (0, 0)


def test_it_owes_from_the_first_consent_where_nothing_else_is_said() -> None:
    rows.live(LIVE)
    made = enrol(rows.patient(), consent=day(300))
    assert made.owed_from == day(300)
    assert Timepoint.objects.get(entry_code="M6").state == "not_owed"


def test_it_owes_from_the_acceptance_where_that_is_later() -> None:
    programs = rows.live(LIVE)
    rows.accepted(programs[LIVE], datetime(2025, 3, 31, 23, 30, tzinfo=UTC))
    assert enrol(rows.patient()).owed_from == date(2025, 4, 1), "by the site's own date"


def test_an_opening_balance_or_a_retrospective_enrolment_overrides() -> None:
    programs = rows.live(LIVE)
    rows.accepted(programs[LIVE], AT.now)
    assert enrol(rows.patient(), owed_from=day(500)).owed_from == day(500)
    assert enrol(rows.patient(pseudonym="NRT-0002"), retrospective=True, consent=day(300)).owed_from == day(0)


def test_who_was_enrolled_before_the_acceptance_owes_from_it() -> None:
    programs = rows.live(LIVE)
    Program.objects.update(state="known")
    waiting = enrol(rows.patient())
    given = enrol(rows.patient(pseudonym="NRT-0002"), owed_from=day(500))
    rows.accepted(programs[LIVE], datetime(2026, 6, 2, 9, tzinfo=UTC))
    Program.objects.update(state="live")
    for made in (waiting, given):
        rows.plan(made.treatment.patient)
        made.refresh_from_db()
    assert (waiting.owed_from, given.owed_from) == (date(2026, 6, 2), day(500))
    assert TrailEntry.objects.filter(action="owed_from").count() == 1


def test_it_refuses_an_enrolment_without_consent_part_or_sense() -> None:
    rows.live(*CART)
    patient = rows.patient(LIVE)
    with pytest.raises(EnrollingError, match="already followed"):
        enrol(patient)
    with pytest.raises(EnrollingError, match="No consent"):
        enrol(patient, "car_registry_eu", consents=[])
    with pytest.raises(EnrollingError, match="in the future"):
        enrol(patient, "car_registry_eu", consent=TODAY + timedelta(days=1))
    with pytest.raises(EnrollingError, match=r"has no track 'crf'\. It has: crf15, ted"):
        enrol(rows.patient(pseudonym="NRT-0002"), track="crf")


def test_it_refuses_a_site_that_does_not_take_part() -> None:
    rows.live(LIVE)
    elsewhere = enrolling.add_patient(rows.site("south"), "STH-0001", since=day(0), actor=AT)
    enrolling.add_treatment(elsewhere, day(0), "axi-cel", actor=AT)
    with pytest.raises(EnrollingError, match="South does not take part"):
        enrol(elsewhere)


def test_a_further_consent_is_a_row_of_its_own() -> None:
    rows.live(LIVE)
    made = enrol(rows.patient())
    enrolling.give_consent(made, ConsentGiven("v2", day(900), "guardian"), actor=AT, reason="age of majority")
    assert [(c.version, c.given_by) for c in made.consents.all()] == [("v1", "patient"), ("v2", "guardian")]
    with pytest.raises(EnrollingError, match="who gave it"):
        enrolling.give_consent(made, ConsentGiven("v3", day(900), "neighbour"), actor=AT)
    with pytest.raises(EnrollingError, match="before it begins"):
        enrolling.give_consent(made, ConsentGiven("v3", day(900), valid_to=day(899)), actor=AT)
