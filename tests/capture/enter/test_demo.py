"""The demo: all eight programs are live, and an amended study waits for a curator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from capture.enter import demo
from capture.models import Acceptance
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
