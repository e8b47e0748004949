"""What a program gets for each kind of ask: values, blanks with a note, and nothing that nobody decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capture.ask.facts import Answer, ConsentFact, EventFact
from capture.deliver.slices import content_sha
from capture.deliver.slicing import cut
from forms_catalog.specs import Step
from forms_catalog.transforms import VERSION
from tests import occasions as made
from tests.capture.deliver.made import ask, cells, facts, fields, options, own_id, recode, said, small, values
from tests.releases import CAR, release_of

SURV = replace(fields("surv")[0], kind="choice", options=options(_1="Alive", _2="Dead"))
STATUS = ask(SURV, "vital-status", recode(alive="1", dead="2"), relation="recode")


def test_a_value_comes_in_the_programs_code_with_its_provenance() -> None:
    release = small(STATUS)
    at = made.occasion(release, "study", "M6", 180)
    cell = cut(at, facts(at, said("vital-status", "alive")), release).cells[0]
    assert (cell.value, cell.shown, cell.state, cell.response_ids) == ("1", "Alive", "given", ("a-vital-status",))
    assert (cell.mapping_ref, cell.transform_version) == ("m-surv@2", VERSION)


@pytest.mark.parametrize("relation", ["", "not_same"])
def test_undecided_and_not_same_fields_are_never_delivered(relation: str) -> None:
    asked = ask(SURV, "vital-status", relation=relation) if relation else ask(SURV)
    release = small(asked)
    at = made.occasion(release, "study", "M6", 180)
    cell = cut(at, facts(at, said("vital-status", "alive")), release).cells[0]
    assert (cell.value, cell.state, cell.note) == ("", "held", "held: no decided mapping")


def test_an_answer_without_a_code_in_the_program_is_blank_with_a_note() -> None:
    release = small(STATUS)
    at = made.occasion(release, "study", "M6", 180)
    found = cut(at, facts(at, said("vital-status", missing="unknown")), release)
    assert (found.cells[0].value, found.cells[0].state, found.held) == ("", "no_code", "")
    assert "no code" in found.cells[0].note


def test_a_refused_transform_is_blank_and_says_why() -> None:
    asked = ask(fields("rel")[0], "relapse-date")  # records without a roll-up
    release = small(asked)
    at = made.occasion(release, "study", "M6", 180)
    patient = facts(at, records=[made.record(1, "relapse", relapse_date=made.day(100).isoformat())])
    cell = cut(at, patient, release).cells[0]
    assert (cell.value, cell.state) == ("", "refused")
    assert "roll-up" in cell.note


def test_the_programs_own_rule_hides_what_is_not_applicable() -> None:
    cause = replace(fields("cause")[0], branching="[surv] = '2'", order=1)
    release = small(STATUS, ask(cause, "cause-of-death-primary"))
    at = made.occasion(release, "study", "M6", 180)
    given = (said("vital-status", "alive"), said("cause-of-death-primary", "infection"))
    cell = cells(cut(at, facts(at, *given), release))["cause"]
    assert (cell.value, cell.state) == ("", "hidden")


def test_a_hidden_field_counts_as_blank_for_the_rules_of_others() -> None:
    middle = replace(fields("middle")[0], branching="[surv] = '2'", order=1)
    last = replace(fields("last")[0], branching="[middle] = 'infection'", order=2)
    release = small(STATUS, ask(middle, "cause-of-death-primary"), ask(last, "contact-method"))
    at = made.occasion(release, "study", "M6", 180)
    given = [said(e, v) for e, v in (("cause-of-death-primary", "infection"), ("contact-method", "phone"))]
    assert values(at, facts(at, said("vital-status", "alive"), *given), release)["last"] == ""
    assert values(at, facts(at, said("vital-status", "dead"), *given), release)["last"] == "phone"


def test_a_calculated_field_is_shown_but_carries_no_value() -> None:
    calc = replace(fields("ratio")[0], field_type="calc", asks=False, order=1)
    release = small(STATUS, ask(calc))
    at = made.occasion(release, "study", "M6", 180)
    cell = cells(cut(at, facts(at), release))["ratio"]
    assert (cell.value, cell.state) == ("", "calculated")


def test_the_programs_own_number_names_the_person() -> None:
    release = small(ask(fields("subjid", form="enrol")[0], "subject-id"), STATUS)
    at = made.occasion(release, "study", "M6", 180)
    found = cut(at, facts(at, own_id(at)), release)
    assert (found.record_field, found.subject_id) == ("subjid", "1001")


def test_a_payer_knows_the_person_by_the_member_number_given_on_an_earlier_form() -> None:
    release = small(ask(fields("member_no", form="agreement")[0], "payer-member-id"), STATUS)
    at = made.occasion(release, "study", "M6", 180)
    number = replace(said("payer-member-id", "M-77", visit=1), observed_on=made.day(0))
    assert cut(at, facts(at, number, identified=True), release).subject_id == "M-77"
    assert cut(at, facts(at, number), release).subject_id == ""
    assert cut(at, facts(at, replace(number, observed_on=made.day(181)), identified=True), release).subject_id == ""


def test_without_a_consent_nothing_is_in_the_slice() -> None:
    release = small(STATUS)
    at = made.occasion(release, "study", "M6", 180)
    found = cut(at, facts(at, said("vital-status", "alive"), consented=False), release)
    assert (found.rows, found.held) == ((), f"No consent to this program holds on {made.day(180)}.")


def test_another_programs_consent_does_not_count() -> None:
    release = small(STATUS)
    at = made.occasion(release, "study", "M6", 180)
    assert cut(at, facts(at), release, consents=[ConsentFact(99, made.day(0))]).held


def test_a_first_consent_after_the_infusion_covers_the_baseline() -> None:
    release = small(STATUS)
    at = replace(made.occasion(release, "study", "M6", 0), reported_on=made.day(20))
    assert cut(at, facts(at), release, consents=[ConsentFact(at.enrollment_id, made.day(10))]).held == ""
    assert cut(at, facts(at), release, consents=[ConsentFact(at.enrollment_id, made.day(30))]).held


def test_after_a_withdrawal_only_reports_up_to_its_day_leave() -> None:
    release = small(STATUS)
    ends = [EventFact("withdrawn", made.day(150), "study")]
    last, later = (made.occasion(release, "study", "M6", on) for on in (150, 180))
    assert cut(last, facts(last, events=ends), release).held == ""
    assert "withdrawn" in cut(later, facts(later, events=ends), release).held
    again = [*ends, EventFact("reconsented", made.day(160), "study")]
    assert cut(later, facts(later, events=again), release).held == ""


def test_a_tighter_rule_of_the_program_holds_its_slice_and_names_no_value() -> None:
    days = replace(fields("days")[0], kind="integer", validation="integer", maximum="100")
    release = small(ask(days, "karnofsky"))
    at = made.occasion(release, "study", "M6", 180)
    found = cut(at, facts(at, said("karnofsky", "123")), release)
    assert found.problems == ("Days (days): it must be at most 100.",)
    assert found.held.endswith(found.problems[0])
    assert "123" not in found.held


def test_the_same_facts_give_the_same_name_and_notes_do_not_change_it() -> None:
    release = small(STATUS)
    at = made.occasion(release, "study", "M6", 180)
    one, other = (cut(at, facts(at, said("vital-status", "alive")), release) for _ in range(2))
    noted = replace(one, rows=(replace(one.rows[0], cells=(replace(one.cells[0], note="looked at again"),)),))
    assert content_sha(one) == content_sha(other) == content_sha(noted)
    assert content_sha(cut(at, facts(at, said("vital-status", "dead")), release)) != content_sha(one)


def test_a_condition_that_does_not_hold_leaves_the_field_blank() -> None:
    asked = ask(fields("x")[0], "vital-status", condition="vital-status in dead")
    release = small(asked)
    at = made.occasion(release, "study", "M6", 180)
    cell = cut(at, facts(at, said("vital-status", "alive")), release).cells[0]
    assert (cell.value, cell.state) == ("", "blank")
    assert "not delivered" in cell.note


def test_an_identifier_goes_only_to_the_program_that_asks_for_it() -> None:
    release = release_of(*CAR)
    dob = Answer("date-of-birth", "", f"p{made.PATIENT}", "1980-02-03", id="a-dob")
    base = {p: replace(made.occasion(release, p, code, 0), kind="baseline") for p, code in BASELINE}
    texts = {p: str(cut(at, facts(at, dob, identified=True), release)) for p, at in base.items()}
    assert "1980-02-03" in texts["car_registry_na"]
    assert "1980-02-03" not in texts["car_registry_eu"] + texts["car_pass_sponsor"]


def test_an_identifier_is_withheld_where_no_consent_names_it_but_a_year_of_birth_is_not() -> None:
    release = release_of(*CAR)
    dob = Answer("date-of-birth", "", f"p{made.PATIENT}", "1980-02-03", id="a-dob")
    base = {p: replace(made.occasion(release, p, code, 0), kind="baseline") for p, code in BASELINE}
    seen = {p: cells(cut(at, facts(at, dob, own_id(at)), release)) for p, at in base.items()}
    withheld = seen["car_registry_na"]["dob"]
    assert (withheld.value, withheld.state, withheld.response_ids) == ("", "withheld", ())
    assert "no consent" in withheld.note
    assert seen["car_registry_eu"]["birth_year"].value == "1980"
    assert seen["car_registry_na"]["crid"].value == "1001"


BASELINE = [(p, release_of(*CAR).programs[p].entries[0].code) for p in CAR]


def test_a_date_comes_in_the_programs_own_format() -> None:
    release = small(ask(fields("seen")[0], "contact-date", Step("date", {"format": "dmy"})))
    at = made.occasion(release, "study", "M6", 180)
    assert values(at, facts(at, said("contact-date", "2025-06-30")), release)["seen"] == "30-06-2025"
