"""The checklist of a visit: what it serves, every question with how to answer it, what is known, extra labs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.ask import load, sheet
from capture.models import Patient, Visit
from capture.pages import checklist
from tests.answering import submit
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db


def page(world: World, visit: Visit) -> tuple[int, str]:
    """How many queries it takes for Alice, and its source."""
    client = Client()
    client.force_login(world.alice, "django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as taken:
        source = client.get(f"/visits/{visit.uuid}/checklist/").content.decode()
    return len(taken), source


def test_it_lists_every_question_of_the_form_and_costs_the_same_later(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    first, source = page(car_world, visit)
    facts = load.for_visits([visit.pk], today=TODAY)[visit.pk]
    made = sheet.build(facts)
    listed = [item.label for part in checklist.parts(made) for item in part.asked]
    assert listed
    assert sorted(listed) == sorted(q.label for q in made.visible if q.kind != "field")
    assert all(o.program_title in source for o in facts.occasions)
    assert source.count('class="box"') == len(listed)
    submit(visit, car_world.actor("alice"))
    later, source = page(car_world, visit_on(Patient.objects.get(), "M6"))
    assert later <= first + 1 <= 25
    assert "Known already, not asked" in source
    assert re.search(r"last: [^<]+, 20\d\d-", source)


def test_how_to_answer_is_short(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "D100")
    questions = {q.element: q for q in sheet.build(load.for_visits([visit.pk], today=TODAY)[visit.pk]).questions}
    assert checklist.how(questions["vital-status"]) == "Alive / Dead / Unknown"
    assert checklist.how(questions["igg"]).startswith("number mg/dL")
    many = replace(questions["vital-status"], options=questions["vital-status"].options * 9)
    assert checklist.how(many) == "one of 27 options"


def test_extra_labs_say_whether_this_visit_is_one_of_theirs(car_world: World) -> None:
    visit = visit_on(Patient.objects.get(), "M6")
    facts = load.for_visits([visit.pk], today=TODAY)[visit.pk]
    code = facts.occasions[0].program
    program = facts.release.programs[code]
    wanted = [{"what": "blood count", "every_months": 6}, {"what": "sites", "months": [12], "then": "as warranted"}, 7]
    rules = {**program.rules, "extra_labs": wanted}
    release = replace(facts.release, programs={**facts.release.programs, code: replace(program, rules=rules)})
    found = {lab.what: (lab.rhythm, lab.now) for lab in checklist.labs(replace(facts, release=release))}
    assert found["blood count"] == ("every 6 months", True)
    assert found["sites"] == ("months 12, then as warranted", False)
