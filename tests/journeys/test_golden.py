"""Day 100 and month 6 of one patient in three programs: every ask ends as the golden files say."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest

from capture.ask import load, sheet
from capture.enter import recording
from capture.models import Patient, Submission, Visit
from tests.journeys import golden
from tests.journeys.story import DAY100, MONTH6, Told
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db
MONTH_6 = TODAY + timedelta(days=83)  # the patient of car_world is at day 100 on TODAY, so this is day 183


def report(world: World, code: str, told: Told, today: date) -> Submission:
    """Answer what is visible until nothing new appears, then submit."""
    patient = Patient.objects.get()
    visit = visit_on(patient, code)
    infused = patient.treatments.get().infusion_date
    facts = load.for_visits([visit.pk], today=today)[visit.pk]
    made, entered = sheet.build(facts), None
    while entered != (now := told.entered(made, infused)):
        entered = now
        made = sheet.build(facts, entered)
    post = recording.Post(uuid4(), visit.version, entered, {}, 4200)
    return recording.submit(visit, post, actor=world.actor("alice"), today=today)


def test_every_ask_of_day_100_and_month_6_ends_as_summed_by_hand(car_world: World) -> None:
    assert golden.differences("day100", report(car_world, "D100", DAY100, TODAY)) == []
    assert golden.differences("month6", report(car_world, "M6", MONTH6, MONTH_6)) == []


def test_the_sums_in_the_readme_are_those_of_the_files() -> None:
    text = (golden.FOLDER / "README.md").read_text(encoding="utf-8")
    states = ("shown", "shared", "confirmed", "known", "derived", "ruled_out")
    for name in ("day100", "month6"):
        row = re.search(rf"`{name}.csv`((?: \| \d+)+)", text)
        assert row, name
        counts = Counter(golden.expected(name).values())
        assert [int(n) for n in re.findall(r"\d+", row[1])] == [counts.total(), *(counts[s] for s in states)]


def test_the_opened_day_100_form_has_116_asks_and_77_questions(car_world: World) -> None:
    visit = Visit.objects.get(pk=visit_on(Patient.objects.get(), "D100").pk)
    made = sheet.build(load.for_visits([visit.pk], today=TODAY)[visit.pk])
    assert (len(made.lines), len(made.questions)) == (116, 77)
    assert Counter(line.program for line in made.lines) == {
        "car_pass_sponsor": 45,
        "car_registry_eu": 36,
        "car_registry_na": 35,
    }
