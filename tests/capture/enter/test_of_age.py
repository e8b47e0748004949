"""A guardian's consent ends when the patient is of age: reports are held, people are told, an own consent lifts it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from capture.ask import reconsent
from capture.deliver import outbox
from capture.deliver.slicing import OUTGROWN
from capture.enter import enrolling, happenings
from capture.enter.enrolling import ConsentGiven
from capture.models import Delivery, Enrollment, Patient, Timepoint
from capture.plan import worklist
from capture.remind import digest, load
from capture.remind.due import still_due
from forms_catalog import publishing
from sites.models import TrailEntry
from tests.answering import submit
from tests.world import AT, TODAY, World, visit_on

NA, PASS = "car_registry_na", "car_pass_sponsor"
INFUSED = TODAY - timedelta(days=130)
BIRTHDAY = INFUSED + timedelta(days=60)  # of age between the infusion and day 100
BORN = BIRTHDAY.replace(year=BIRTHDAY.year - 18).isoformat()
pytestmark = pytest.mark.django_db


def rule_of_18() -> None:
    """The safety study asks again at 18; the registry has no rule."""
    spec = publishing.current_spec()
    program = spec.programs[PASS]
    effects = {**program.rules.get("effects", {}), "majority_age": 18}
    changed = replace(program, rules={**program.rules, "effects": effects})
    publishing.publish(replace(spec, programs={**spec.programs, PASS: changed}), {PASS: 2}, actor=AT, reason="age rule")


@pytest.fixture
def child(car_world: World) -> Patient:
    """A guardian has consented to both programs; the birth date stands on the baseline form; day 100 is reported."""
    rule_of_18()
    made = enrolling.add_patient(car_world.north, "NRT-0007", since=INFUSED, actor=AT)
    treatment = enrolling.add_treatment(made, INFUSED, "axi-cel", actor=AT)
    for code in (NA, PASS):
        consents = [ConsentGiven("v1", INFUSED, given_by="guardian")]
        program = car_world.programs[code]
        enrolling.enrol(
            treatment,
            program,
            enrolled_on=INFUSED,
            consents=consents,
            owed_from=INFUSED,
            actor=AT,
            today=TODAY,
        )
    for entry in ("BASE", "ENR", "D100"):
        submit(visit_on(made, entry), car_world.actor("alice"), {"date-of-birth": BORN})
    return made


def newest(child: Patient, program: str, entry: str) -> Delivery:
    mine = Delivery.objects.filter(timepoint__enrollment__treatment__patient=child, timepoint__entry_code=entry)
    return mine.filter(timepoint__enrollment__program__code=program).latest("revision")


def test_reports_since_the_birthday_are_held_where_the_program_asks_again(child: Patient) -> None:
    held = newest(child, PASS, "M3")
    assert (held.state, held.state_reason) == ("held", OUTGROWN)
    assert [c for row in held.payload["rows"] for c in row["cells"] if c["value"]] == []
    assert newest(child, PASS, "ENR").state_reason != OUTGROWN
    assert newest(child, NA, "D100").state_reason != OUTGROWN


def test_an_own_consent_lifts_it(child: Patient) -> None:
    before = newest(child, PASS, "M3")
    enrolment = Enrollment.objects.get(treatment__patient=child, program__code=PASS)
    enrolling.give_consent(enrolment, ConsentGiven("v2", TODAY, given_by="guardian"), actor=AT)
    assert newest(child, PASS, "M3") == before
    enrolling.give_consent(enrolment, ConsentGiven("v2", TODAY), actor=AT, reason="signed")
    after = newest(child, PASS, "M3")
    assert (after.revision, OUTGROWN in after.state_reason) == (before.revision + 1, False)
    assert [c for row in after.payload["rows"] for c in row["cells"] if c["value"]]
    assert reconsent.needed([child.pk], TODAY) == {}


def test_worklist_and_digest_say_that_an_own_consent_is_needed(child: Patient, car_world: World) -> None:
    chosen = [o for o in worklist.open_at(car_world.north, TODAY + timedelta(days=60)) if o.patient == "NRT-0007"]
    rows = worklist.shown(chosen, TODAY)
    assert rows
    assert {row.reconsent for row in rows} == {(PASS,)}
    now = datetime.combine(TODAY + timedelta(days=60), datetime.min.time(), UTC)
    facts = [f for f in load.open_visits([car_world.north], now) if f.patient == child.pk]
    items = [i for f in facts if (i := still_due(f, now.date()))]
    links = digest.Links("w", "r")
    said = digest.message(items, name="A", sites={"north": "North"}, day=TODAY, zone="UTC", links=links)
    assert "1 patient has come of age: a consent of their own is needed before reports leave." in said.body


def test_nobody_is_asked_for_the_consent_of_whom_nothing_is_owed_by(child: Patient) -> None:
    happenings.record(child, "withdrawn", TODAY, program=PASS, actor=AT, reason="letter", today=TODAY)
    assert not Timepoint.objects.filter(
        enrollment__program__code=PASS, state="planned", enrollment__treatment__patient=child
    )
    assert reconsent.needed([child.pk], TODAY) == {}


def test_the_birthday_stands_nowhere_but_in_the_sealed_answer(child: Patient) -> None:
    outbox.prepare(child.pk, actor=AT, today=TODAY, reason="again")
    days = {BORN, BIRTHDAY.isoformat()}
    told = [f"{t.reason} {t.details}" for t in TrailEntry.objects.all()]
    told += list(Delivery.objects.values_list("state_reason", flat=True))
    assert [text for text in told if any(day in text for day in days)] == []
    assert date.fromisoformat(BORN) < INFUSED
