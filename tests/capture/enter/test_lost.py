"""Nobody is lost without dated contact attempts: how many each program wants, which count, and what is said."""

from __future__ import annotations

from datetime import date

import pytest

from capture.enter import happenings
from capture.enter.happenings import HappeningError
from capture.models import Occurrence, Patient, PatientEvent, Response, Visit
from forms_catalog import effects, starter
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day

pytestmark = pytest.mark.django_db


def lose(patient: Patient, on: date, *attempts: date | str, program: str = "") -> PatientEvent:
    details = {"attempts": [str(a) for a in attempts]}
    return happenings.record(
        patient,
        "lost",
        on,
        program=program,
        details=details,
        actor=AT,
        reason="no answer",
        today=TODAY,
    )


def test_a_loss_wants_as_many_attempts_as_the_strictest_program() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    with pytest.raises(HappeningError, match=r"car_pass_sponsor wants 3 .* \(2020-03-01\): 0 are known, 3 are missing"):
        lose(patient, day(200))
    with pytest.raises(HappeningError, match=r"2 are known, 1 is missing\. Add their dates"):
        lose(patient, day(200), day(180), day(190), day(190))
    event = lose(patient, day(200), day(195), day(180), day(190))
    assert event.details == {"attempts": [day(n).isoformat() for n in (180, 190, 195)]}
    assert rows.states(patient)["Y1"] == "closed lost"


def test_an_attempt_before_the_last_contact_does_not_count() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    rows.submitted(rows.visit_of(patient, "M6"))
    with pytest.raises(HappeningError, match="2 are known, 1 is missing"):
        lose(patient, day(300), day(100), day(250), day(260))
    lose(patient, day(300), day(240), day(250), day(260))
    happenings.record(patient, "found", day(400), actor=AT, reason="wrote", today=TODAY)
    with pytest.raises(HappeningError, match="0 are known, 3 are missing"):
        lose(patient, day(500), day(240), day(250), day(260))


@pytest.mark.parametrize(("attempt", "says"), [("last week", "YYYY-MM-DD"), ("2026-06-02", "in the future")])
def test_it_refuses_what_is_no_day_of_an_attempt(attempt: str, says: str) -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    with pytest.raises(HappeningError, match=says):
        lose(patient, day(200), day(180), day(190), attempt)
    assert not PatientEvent.objects.exists()


def test_attempts_entered_as_records_count_from_the_last_that_reached_the_patient() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    visit = rows.submitted(rows.visit_of(patient, "M6"))
    for number, (on, result) in enumerate([(150, "no-answer"), (160, "reached"), (170, "returned")], 1):
        _entered(patient, visit, number, day(on), result)
    with pytest.raises(HappeningError, match="1 is known, 2 are missing"):
        lose(patient, day(200))
    lose(patient, day(250), day(210), day(220))


def _entered(patient: Patient, visit: Visit, number: int, on: date, result: str) -> None:
    """A contact attempt as a record of a visit."""
    made = Occurrence.objects.create(
        patient=patient, group="contact-attempt", ordinal=number, created_by=AT.name, created_at=AT.now
    )
    for element, value in (("contact-attempt-date", on.isoformat()), ("contact-attempt-result", result)):
        Response.objects.create(
            patient=patient,
            visit=visit,
            element=element,
            context=f"o{made.pk}",
            value=value,
            author=AT.name,
            recorded_at=AT.now,
        )


def test_the_number_stands_in_the_schedules_with_its_basis() -> None:
    for code in starter.program_codes():
        rules = starter.schedule(code).rules
        written = rules.get("effects", {})
        assert effects.read(rules).lost_attempts == 3
        assert set(written.get("basis", {})) == set(written) - {"basis"}
        assert list(effects.problems(rules)) == []
