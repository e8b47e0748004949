"""A program closes for everybody: safe to stop and to run twice, and a reopening undoes exactly that."""

from __future__ import annotations

from datetime import date
from io import StringIO
from itertools import islice

import pytest
from django.core.management import CommandError, call_command

from capture.enter import closing, enrolling, happenings
from capture.enter.closing import ClosingError
from capture.enter.enrolling import EnrollingError
from capture.models import Patient, PatientEvent
from sites.models import Program, TrailEntry
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day

EU = "car_registry_eu"
pytestmark = pytest.mark.django_db


@pytest.fixture
def patients() -> list[Patient]:
    """Three patients of three programs; the program has closed for the first before, the last was infused late."""
    rows.live(*CART)
    made = [
        rows.patient(*CART, pseudonym=f"NRT-000{n}", infused=infused)
        for n, infused in enumerate((rows.INFUSED, rows.INFUSED, day(500)), 1)
    ]
    happenings.record(made[0], "program_closed", day(100), program=EU, actor=AT, reason="site left", today=TODAY)
    return made


def close(on: date) -> list[Patient]:
    return list(closing.close(Program.objects.get(code=EU), on, actor=AT, reason="contract ended", today=TODAY))


def test_it_closes_for_everybody_from_that_day_or_from_their_infusion(patients: list[Patient]) -> None:
    assert close(day(400)) == patients[1:]
    events = PatientEvent.objects.filter(details__whole_program=True).order_by("patient")
    assert [e.effective_on for e in events] == [day(400), day(500)]
    assert rows.states(patients[1], EU)["Y2"] == "closed program_closed"
    assert rows.states(patients[1], EU)["M6"] == "planned"
    assert set(rows.states(patients[2], EU).values()) == {"closed program_closed"}
    assert rows.states(patients[1])["Y2"] == "planned"


def test_it_goes_on_where_it_was_stopped_and_twice_changes_nothing(patients: list[Patient]) -> None:
    begun = closing.close(Program.objects.get(code=EU), day(400), actor=AT, reason="contract ended", today=TODAY)
    assert list(islice(begun, 1)) == [patients[1]]
    assert close(day(400)) == [patients[2]]
    assert close(day(400)) == []
    assert TrailEntry.objects.filter(action="close_program").count() == 1


def test_nobody_is_enrolled_in_it_or_restarted_any_more(patients: list[Patient]) -> None:
    close(day(400))
    treatment = enrolling.add_treatment(patients[1], day(600), "cilta-cel", actor=AT)
    assert [e.program.code for e in treatment.enrollments.all()] == ["car_registry_na"]
    with pytest.raises(EnrollingError, match="has closed"):
        rows.join(treatment, EU)


def test_a_reopening_undoes_what_the_closing_did_and_no_more(patients: list[Patient]) -> None:
    before = [rows.picture(p) for p in patients]
    close(day(400))
    program = Program.objects.get(code=EU)
    done = list(closing.reopen(program, actor=AT, reason="prolonged", today=TODAY))
    assert done == patients[1:]
    assert [rows.picture(p) for p in patients] == before
    assert Program.objects.get(code=EU).state == "live"


def test_it_refuses_a_day_to_come_and_a_program_that_was_never_live(patients: list[Patient]) -> None:
    with pytest.raises(ClosingError, match="in the future"):
        close(date(2026, 6, 2))
    Program.objects.filter(code=EU).update(state="known")
    with pytest.raises(ClosingError, match="only a live program closes"):
        close(day(400))


def test_the_command_says_how_many_and_what_is_wrong(patients: list[Patient]) -> None:
    said = StringIO()
    call_command("close_program", EU, "--on", day(400).isoformat(), "--reason", "contract ended", stdout=said)
    assert "2 patients closed" in said.getvalue()
    call_command("close_program", EU, "--reopen", "--reason", "prolonged", stdout=said)
    assert "2 patients follow it again" in said.getvalue()
    with pytest.raises(CommandError, match=r"There is no program .nothing.\. It is one of: car_pass_sponsor"):
        call_command("close_program", "nothing", "--reason", "x")
