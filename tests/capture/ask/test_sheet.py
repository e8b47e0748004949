"""The ask sheet on the real programs: what is asked, for whom, and how every ask ends."""

from __future__ import annotations

from dataclasses import replace

from capture.ask import sheet
from capture.ask.asksheet import STATES, AskSheet, Question
from capture.ask.facts import Entry, PatientFacts, VisitFacts
from forms_catalog.specs import Ruling
from tests.occasions import answer, day, entered, gate, new_record, occasion, record, typed, visit
from tests.releases import CAR, release_of

RELEASE = release_of(*CAR)
D100 = {"car_pass_sponsor": "M3", "car_registry_eu": "D100", "car_registry_na": "D100"}
M6 = {"car_pass_sponsor": "M6", "car_registry_eu": "M6", "car_registry_na": "M6"}


def joint(
    codes: dict[str, str], on: int, *, last: int | None = None, patient: PatientFacts | None = None
) -> VisitFacts:
    occasions = (occasion(RELEASE, p, c, on, last=last) for p, c in codes.items())
    return visit(RELEASE, *occasions, patient=patient)


def question(made: AskSheet, start: str) -> Question:
    return next(q for q in made.questions if q.key.startswith(start))


def state(made: AskSheet, path: str) -> str:
    return next(line.state for line in made.lines if line.path == path)


def test_the_joint_day_100_visit_has_116_asks_of_35_36_and_45() -> None:
    made = sheet.build(joint(D100, 100))
    assert len(made.lines) == 116
    assert [sum(made.counts(p).values()) for p in ("car_registry_na", "car_registry_eu", "car_pass_sponsor")] == [
        35,
        36,
        45,
    ]


def test_its_asks_are_about_70_questions() -> None:
    made = sheet.build(joint(D100, 100))
    assert 65 <= len([q for q in made.questions if q.kind != "field" or q.askers]) <= 80


def test_every_ask_ends_in_one_of_seven_states_at_submit() -> None:
    made = sheet.build(joint(D100, 100), entered(typed(vital_status="alive")), final=True)
    assert {line.state for line in made.lines} <= set(STATES)
    assert sum(made.counts().values()) == 116


def test_the_lowest_program_code_has_a_shared_question_shown() -> None:
    made = sheet.build(joint(D100, 100), final=True)
    assert (state(made, "hgb"), state(made, "hb_gl")) == ("shown", "shared")


def test_a_visit_label_is_never_typed() -> None:
    made = sheet.build(joint(D100, 100))
    assert state(made, "visit") == state(made, "fu_type") == "derived"


def test_details_of_death_appear_only_when_the_person_died() -> None:
    alive = sheet.build(joint(D100, 100), entered(typed(vital_status="alive")))
    dead = sheet.build(joint(D100, 100), entered(typed(vital_status="dead")))
    assert not question(alive, "death-date").visible
    assert question(dead, "death-date").visible


def test_a_question_is_shown_if_any_program_needs_it() -> None:
    facts = joint(D100, 100)
    yes = sheet.build(facts, entered({f"crs-occurred~~v7/a{day(100)}": Entry("yes")}))
    assert {a.program for a in question(yes, "crs-onset-date").askers} == set(CAR)


def test_only_the_grade_of_the_chosen_scale_is_asked_of_the_europeans() -> None:
    facts = joint(D100, 100)
    answers = {f"crs-occurred~~v7/a{day(100)}": Entry("yes"), "crs-scale-used~~t4/v7": Entry("ctcae")}
    made = sheet.build(facts, entered(answers))
    assert [a.path for a in question(made, "crs-grade-ctcae").askers] == ["crs_max"]


def test_a_status_is_offered_at_month_6_with_its_date() -> None:
    earlier = occasion(RELEASE, "car_registry_na", "M6", 180, last=100)
    facts = joint(
        M6, 180, last=100, patient=PatientFacts(1, (answer(RELEASE, "vital-status", "alive", earlier, on=100),))
    )
    offered = question(sheet.build(facts), "vital-status")
    assert (offered.offer_value, offered.offer_on) == ("alive", day(100))


def test_a_relapse_since_then_removes_the_offer_of_a_disease_status() -> None:
    earlier = occasion(RELEASE, "car_registry_na", "M6", 180, last=100)
    answers = (answer(RELEASE, "current-disease-status", "cr", earlier, on=100),)
    relapse = record(1, "relapse", relapse_date=str(day(150)))
    facts = joint(M6, 180, last=100, patient=PatientFacts(1, answers, (relapse,)))
    assert question(sheet.build(facts), "current-disease-status").offer_value == ""


def test_a_kept_offer_counts_as_confirmed_for_the_first_asker() -> None:
    earlier = occasion(RELEASE, "car_registry_na", "M6", 180, last=100)
    facts = joint(
        M6, 180, last=100, patient=PatientFacts(1, (answer(RELEASE, "bcell-aplasia", "yes", earlier, on=100),))
    )
    made = sheet.build(facts, entered({"bcell-aplasia~~v7": Entry("yes", confirmed=True)}), final=True)
    assert state(made, "bca") == "confirmed"


def test_a_date_given_once_is_known_at_month_6() -> None:
    earlier = occasion(RELEASE, "car_registry_na", "M6", 180, last=100)
    patient = PatientFacts(1, (answer(RELEASE, "platelet-recovery-20-date", "2025-02-01", earlier, on=100),))
    assert state(sheet.build(joint(M6, 180, last=100, patient=patient)), "plt_rec_dt") == "known"


def test_a_worst_grade_stands_as_known_where_nothing_new_happened() -> None:
    earlier = occasion(RELEASE, "car_pass_sponsor", "M6", 180, last=100)
    grade = answer(RELEASE, "crs-grade-lee", "2", earlier, on=100)
    before = answer(RELEASE, "crs-occurred", "yes", earlier, on=100)
    before = replace(before, covers_from=day(-1), covers_to=day(100))
    facts = joint(M6, 180, last=100, patient=PatientFacts(1, (before, grade)))
    none_since = entered({f"crs-occurred~~v7/a{day(180)}": Entry("no")})
    assert state(sheet.build(facts, none_since, final=True), "crsgr") == "known"


def test_what_is_typed_now_is_never_offered_as_known_before() -> None:
    earlier = occasion(RELEASE, "car_registry_eu", "M6", 180, last=100)
    facts = joint(
        M6, 180, last=100, patient=PatientFacts(1, (answer(RELEASE, "best-response", "pr", earlier, on=100),))
    )
    made = sheet.build(facts, entered({"best-response~~t4/v7": Entry("cr")}))
    assert (question(made, "best-response").offer_value, question(made, "best-response").offer_on) == ("pr", day(100))


def test_days_in_hospital_to_day_100_are_ruled_out_at_month_6() -> None:
    assert state(sheet.build(joint(M6, 180, last=100)), "inpt_days") == "ruled_out"


def test_anything_new_is_asked_since_the_last_covered_day() -> None:
    patient = PatientFacts(1, (gate("infection", -1, 274),))
    facts = joint({"car_registry_na": "Y1", "car_pass_sponsor": "M12"}, 380, last=183, patient=patient)
    assert question(sheet.build(facts), "any-new~infection").covers_from == day(274)


def test_summaries_are_derived_where_every_day_was_asked_about() -> None:
    patient = PatientFacts(1, (gate("infection", -1, 180),))
    assert state(sheet.build(joint(M6, 180, last=100, patient=patient)), "inf_any") == "derived"


def test_record_fields_wait_for_a_yes() -> None:
    facts = joint(D100, 100)
    rows = new_record(1, "infection", infection_date=str(day(50)))
    made = sheet.build(facts, entered(None, rows, gates={"infection": "yes"}))
    assert question(made, "infection-date").visible
    assert not question(sheet.build(facts), "infection-date").visible


def test_what_a_ruling_makes_optional_is_required_by_no_form() -> None:
    ruled = replace(RELEASE, rulings=(Ruling("required_differs", "best-response", "", "optional"),))
    view = joint(D100, 100)
    asked = [question(sheet.build(v), "best-response").required for v in (view, replace(view, release=ruled))]
    assert asked == [True, False]
