"""Codes and missing codes become the program's own, or a blank with a note."""

from __future__ import annotations

from tests.forms_catalog.transforms.made import facts, recode, run, said

SEX = recode({"male": "1", "female": "2"}, missing={"unknown": "9"})
RACE = recode({"2028-9": "2", "2106-3": "5"})


def test_a_code_becomes_the_programs_code() -> None:
    assert run(SEX, said("sex-at-birth", "female")).value == "2"


def test_several_catalog_codes_may_share_one_program_code() -> None:
    step = recode({"cr": "1", "ccr": "1"})
    assert run(step, said("best-response", "cr")) == run(step, said("best-response", "ccr"))


def test_a_code_without_a_target_stays_blank_with_a_note() -> None:
    outcome = run(SEX, said("sex-at-birth", "unknown"))
    assert (outcome.value, outcome.note) == ("", "no code for unknown in this program")
    assert outcome.no_target == "unknown"


def test_several_choices_are_each_recoded_and_joined() -> None:
    assert run(RACE, said("race", "2106-3|2028-9")).value == "5|2"


def test_of_several_choices_the_ones_without_code_are_named_and_the_rest_delivered() -> None:
    outcome = run(RACE, said("race", "2106-3|UNK"))
    assert (outcome.value, outcome.note, outcome.no_target) == ("5", "no code for UNK in this program", "UNK")


def test_two_choices_that_share_a_program_code_are_delivered_once() -> None:
    assert run(recode({"a": "1", "b": "1"}), said("race", "a|b")).value == "1"


def test_a_missing_code_becomes_the_programs_own() -> None:
    assert run(SEX, said("sex-at-birth", missing="unknown")).value == "9"


def test_a_missing_code_the_program_does_not_have_stays_blank_with_a_note() -> None:
    outcome = run(SEX, said("sex-at-birth", missing="refused"))
    assert (outcome.value, outcome.note) == ("", "refused: this program has no code for it")


def test_free_text_may_be_compared_without_case_and_the_rest_is_other() -> None:
    step = recode({"axi-cel": "1"}, ignore_case=True, **{"else": "99"})
    assert [run(step, said("product-name", t)).value for t in ("Axi-Cel", "another")] == ["1", "99"]


def test_no_answer_is_a_blank_and_says_so() -> None:
    outcome = run(SEX, said("sex-at-birth"))
    assert (outcome.value, outcome.note, outcome.delivered) == ("", "not answered", False)


def test_the_timepoint_label_is_its_entry_code() -> None:
    step = recode({"D100": "1", "M6": "2"})
    assert run(step, said("visit-label"), at=facts(entry="M6")).value == "2"
