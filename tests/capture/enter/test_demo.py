"""The demo: all eight programs are live, and an amended study waits for a curator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from capture.ask import load
from capture.enter import demo
from capture.models import Acceptance, Delivery, Patient, Timepoint
from forms_catalog import intake, reviewing, starter
from sites.models import Program

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_all_eight_programs_are_live_and_the_amended_study_waits(db: None) -> None:
    demo.load(NOW, patients=0)
    assert set(Program.objects.filter(state="live").values_list("code", flat=True)) == set(starter.program_codes())
    study = Program.objects.get(code=demo.AMENDED)
    second = intake.latest(study)
    assert second is not None
    assert second.number == 2
    assert Acceptance.objects.get(version__program=study).version.number == 1
    open_now = {r.field.path for r in reviewing.review(study).rows if r.status in ("review", "new")}
    assert {"cytopen", "spmsamp"} <= open_now <= {"cytopen", "spmsamp", "igglvl", "ferrit"}


def test_every_program_of_the_demo_has_patients() -> None:
    assert {code for _, codes in demo.GIVEN for code in codes} == set(starter.program_codes())


def test_patients_treated_long_ago_come_with_an_opening_balance_but_for_one_that_is_still_to_be_loaded() -> None:
    demo.load(NOW, patients=12)
    waiting = load.without_balance(Patient.objects.values_list("pk", flat=True))
    assert set(Patient.objects.filter(treatments__enrollments__in=waiting).values_list("pseudonym", flat=True)) == {
        "TOK-0011"
    }
    assert Timepoint.objects.filter(state="elsewhere").exists()
    held = Delivery.objects.filter(state="held").exclude(timepoint__enrollment__in=waiting)
    assert [d.state_reason for d in held] == []
