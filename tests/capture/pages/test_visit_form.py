"""What the visit form shows: the offered value in words, since when, and records that may still be going on."""

from __future__ import annotations

from capture.ask import sheet
from capture.ask.facts import PatientFacts, VisitFacts
from capture.enter.drafts import Typed
from capture.pages import visit_form
from tests.occasions import answer, day, entered, gate, occasion, record, typed, visit
from tests.releases import CAR, release_of

RELEASE = release_of(*CAR)
EARLIER = occasion(RELEASE, "car_registry_na", "M6", 180, last=100)


def shown(facts: VisitFacts, start: str) -> visit_form.Shown:
    view = visit_form.view(sheet.build(facts), facts, Typed.load(None))
    every = [s for section in view.sections for s in section.questions]
    return next(s for s in every if s.question.key.startswith(start))


def test_an_offered_value_is_shown_in_words() -> None:
    patient = PatientFacts(1, (answer(RELEASE, "vital-status", "alive", EARLIER, on=100),))
    assert shown(visit(RELEASE, EARLIER, patient=patient), "vital-status").offer_words == "Alive"


def test_before_the_first_report_everything_since_the_infusion_is_asked() -> None:
    first = occasion(RELEASE, "car_registry_na", "D100", 100)
    assert shown(visit(RELEASE, first), "any-new~infection").question.label.endswith("since the infusion?")


def test_later_only_what_is_new_since_the_last_covered_day_is_asked() -> None:
    patient = PatientFacts(1, (gate("infection", -1, 100),))
    label = shown(visit(RELEASE, EARLIER, patient=patient), "any-new~infection").question.label
    assert label.endswith(f"since {day(100)}?")


def test_a_stay_without_its_end_is_carried_forward() -> None:
    sponsor = occasion(RELEASE, "car_pass_sponsor", "M6", 180, last=100)
    na = occasion(RELEASE, "car_registry_na", "D100", 100)
    stay = record(5, "hospital-stay", admission_date=str(day(90)))
    found = shown(visit(RELEASE, sponsor, na, patient=PatientFacts(1, (), (stay,))), "any-new~hospital-stay")
    assert found.has_open


def test_what_is_typed_into_a_question_ruled_out_later_is_listed_in_words() -> None:
    facts = visit(RELEASE, occasion(RELEASE, "car_registry_na", "D100", 100))
    typing = entered({**typed(vital_status="alive", cause_of_death_primary="disease")})
    view = visit_form.view(sheet.build(facts, typing), facts, Typed(typing, {}))
    label = {o.code: o.label for o in RELEASE.elements["cause-of-death-primary"].options}["disease"]
    assert [(s.question.element, s.words) for s in view.unused] == [("cause-of-death-primary", label)]


def test_the_page_carries_the_trees_of_questions_that_answers_show_or_hide() -> None:
    facts = visit(RELEASE, occasion(RELEASE, "car_registry_na", "D100", 100))
    found = visit_form.conditions(facts)
    died = {"op": "=", "args": [{"ref": {"name": "vital-status~~v7"}}, {"text": "dead"}]}
    assert found["cause-of-death-primary~~v7"] == {"shown": died, "sure": True}
    assert "vital-status~~v7" not in found
