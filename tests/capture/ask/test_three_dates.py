"""Contact date, visit date and date last known alive are three things; a best response has one date at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from capture.ask import sheet
from capture.ask.asksheet import AskSheet, Question
from capture.ask.contexts import fixed_end
from capture.ask.facts import Answer, Entry, EventFact, Occasion, PatientFacts
from tests.capture.ask.reuse import RELEASE, at, said, text, told
from tests.occasions import PATIENT, answer, day, entered, record, typed, visit

NA, EU, PASS = "car_registry_na", "car_registry_eu", "car_pass_sponsor"
JOINT = (at(PASS, "M3", 105), at(EU, "D100", 101), at(NA, "D100", 98))


def opened(*occasions: Occasion, patient: PatientFacts | None = None, **values: str) -> AskSheet:
    return sheet.build(visit(RELEASE, *occasions, patient=patient), entered(typed(**values)))


def questions(made: AskSheet, element: str) -> list[Question]:
    return [q for q in made.questions if q.element == element]


def test_each_date_of_a_joint_visit_is_offered_as_what_it_is() -> None:
    made = opened(*JOINT)
    (contact,), (alive,) = questions(made, "contact-date"), questions(made, "last-known-alive-date")
    assert (contact.offer_value, [a.program for a in contact.askers]) == (text(98), [NA])
    assert (alive.offer_value, {a.program for a in alive.askers}) == (text(105), {PASS, EU})
    assert questions(made, "visit-date") == []
    assert told("visdt", JOINT[0]) == text(105)


def test_two_programs_with_two_days_have_two_contact_dates() -> None:
    other = replace(JOINT[2], uuid="another", program=EU, as_of=day(101), enrollment_id=99)
    made = opened(JOINT[2], other)
    assert sorted(q.offer_value for q in questions(made, "contact-date")) == [text(98), text(101)]
    own = said("contact-date", text(101), on=101, context=f"v7/a{text(101)}", visit=7)
    plain = said("contact-date", text(98), on=98, context="v7", visit=7)
    assert told("contact_dt", JOINT[2], own, plain) == text(98)
    assert told("contact_dt", replace(JOINT[2], as_of=day(101)), own, plain) == text(101)


def test_a_later_sign_of_life_moves_the_date_last_known_alive_only() -> None:
    draw = record(1, "lab-draw", lab_draw_date=text(107))
    call = record(2, "contact-attempt", contact_attempt_date=text(109), contact_attempt_result="reached")
    silence = record(3, "contact-attempt", contact_attempt_date=text(110), contact_attempt_result="no-answer")
    later = tuple(replace(o, reported_on=day(112)) for o in JOINT)
    made = opened(*later, patient=PatientFacts(PATIENT, records=(draw, call, silence)))
    assert questions(made, "last-known-alive-date")[0].offer_value == text(109)
    assert questions(made, "contact-date")[0].offer_value == text(98)


def test_nobody_is_offered_as_alive_after_a_death() -> None:
    died = PatientFacts(PATIENT, events=(EventFact("death", day(90)),))
    assert questions(opened(*JOINT, patient=died), "last-known-alive-date")[0].offer_value == ""
    assert questions(opened(*JOINT, vital_status="dead"), "last-known-alive-date")[0].offer_value == ""


def test_a_death_told_at_this_visit_takes_the_other_offers_back() -> None:
    late = at(NA, "M6", 180, last=100)
    fit = answer(RELEASE, "contact-method", "center", late, on=100)
    facts = PatientFacts(PATIENT, (fit,))
    assert questions(opened(at(PASS, "M6", 180), patient=facts), "contact-method")[0].offer_value == "center"
    assert (
        questions(opened(at(PASS, "M6", 180), patient=facts, vital_status="dead"), "contact-method")[0].offer_value
        == ""
    )


def test_why_a_visit_was_missed_is_asked_only_where_one_was() -> None:
    here = at(PASS, "M6", 180)
    outside = replace(here, as_of=day(200))
    missed = "missed-visit-reason"
    assert not questions(opened(here, contact_method="center"), missed)[0].visible
    assert questions(opened(here, contact_method="record"), missed)[0].visible
    assert questions(opened(outside, contact_method="center"), missed)[0].visible


BETTER = (
    said("best-response", "pr", on=100, context="t4/v3"),
    said("best-response-date", text(60), on=100, context="t4/v3"),
)


def test_the_date_of_a_best_response_is_asked_again_when_that_improves() -> None:
    late = at(NA, "M6", 180, last=100)
    facts = visit(RELEASE, late, patient=PatientFacts(PATIENT, BETTER))
    kept = sheet.build(facts, entered({"best-response~~t4/v7": Entry("pr", confirmed=True)}), final=True)
    changed = sheet.build(facts, entered({"best-response~~t4/v7": Entry("cr")}))
    assert not questions(kept, "best-response-date")[0].visible
    assert next(x for x in kept.lines if x.path == "best_resp_dt").state == "known"
    asked = questions(changed, "best-response-date")[0]
    assert (asked.visible, asked.offer_value) == (True, "")


def test_the_date_of_a_worse_response_is_not_told_with_a_better_one() -> None:
    late = at(NA, "M6", 180, last=100)
    now = Answer("best-response", "", "t4/v7", "cr", observed_on=day(180), visit_id=7, id="now")
    assert told("best_resp_dt", late, *BETTER) == text(60)
    assert told("best_resp_dt", late, *BETTER, now) == ""
    assert told("best_resp_dt", at(NA, "D100", 100, visit=3), *BETTER, now) == text(60)


def test_a_payers_year_ends_on_the_anniversary_and_is_offered_as_measurement_date() -> None:
    born = date(2024, 2, 29)
    rules = {"fixed_periods": "anniversary"}
    assert fixed_end(rules, born, date(2025, 2, 28)) == date(2025, 2, 28)
    assert fixed_end(rules, born, date(2028, 2, 28)) == date(2028, 2, 29)
    assert fixed_end({}, born, date(2025, 2, 28)) is None
    payer = at("payer_outcomes_scd", "OY1", 390, shift=10)
    measured = questions(opened(payer), "outcome-measurement-date")[0]
    assert (measured.offer_value, measured.covers_to) == (text(365), day(365))
    assert measured.covers_from == day(0)
