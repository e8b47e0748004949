from __future__ import annotations

import pytest

from forms_catalog.matching import CatalogEntry, Matcher, Query, Remembered, queries_of_fields
from forms_catalog.specs import FieldSpec, Option

from .world import YES_NO, ask, entries, matcher, options


@pytest.mark.parametrize(
    ("label", "kind", "element"),
    [
        ("Date of death", "date", "death-date"),
        ("Total bilirubin (umol/L)", "decimal", "bilirubin-total"),
        ("CRS start date", "date", "crs-onset-date"),
        ("Karnofsky score", "integer", "karnofsky"),
    ],
)
def test_it_accepts_an_elements_own_wording(label: str, kind: str, element: str) -> None:
    decision = ask(label, kind)
    assert (decision.decision, decision.candidates[0].id) == ("accept", element)


def test_it_accepts_a_wording_whose_period_is_the_elements() -> None:
    decision = ask("Acute chest syndrome since last visit", choices=YES_NO)
    assert (decision.decision, decision.candidates[0].id) == ("accept", "acute-chest-syndrome")


def test_a_close_wording_is_left_to_a_person() -> None:
    assert ask("Date on which the person died", "date").decision == "review"


def test_another_period_is_left_to_a_person() -> None:
    decision = ask("Acute chest syndrome, last 12 months", choices=YES_NO)
    assert decision.decision == "review"
    assert decision.candidates[0].guards


def test_a_missing_unit_is_left_to_a_person() -> None:
    assert ask("Hemoglobin", "decimal").decision == "review"


def test_an_untyped_field_is_left_to_a_person() -> None:
    assert matcher().match([Query(label="Date of death")])[0].decision == "review"


def test_answers_without_a_home_are_left_to_a_person() -> None:
    choices = options("Alive", "Dead", "Lost to follow-up")
    assert ask("Vital status", choices=choices).decision == "review"


def test_it_says_new_where_nothing_fits() -> None:
    assert ask("Name of the hospital chaplain").decision == "new"


def test_a_remembered_wording_is_accepted() -> None:
    remembering = Matcher(entries(), remembered=[Remembered("Day the patient passed away", "death-date")])
    decision = remembering.match([Query(label="Day the patient passed away", kind="date")])[0]
    assert (decision.decision, decision.candidates[0].id) == ("accept", "death-date")
    assert "confirmed this wording" in decision.candidates[0].reasons[0]


def test_a_remembered_wording_still_obeys_the_guards() -> None:
    remembering = Matcher(entries(), remembered=[Remembered("FVIII chromogenic", "fviii-activity-onestage")])
    decision = remembering.match([Query(label="FVIII chromogenic", kind="decimal", unit="IU/dL")])[0]
    assert decision.decision == "review"


def test_a_rejected_pair_is_not_proposed_again() -> None:
    query = Query(name="dd", path="dd", label="Date of death", kind="date")
    decision = Matcher(entries(), rejected={("dd", "death-date")}).match([query])[0]
    assert "death-date" not in [candidate.id for candidate in decision.candidates]


def test_a_wording_of_two_elements_is_left_to_a_person() -> None:
    twins = [CatalogEntry(id=i, label="Visit date", datatype="date") for i in ("a", "b")]
    assert Matcher(twins).match([Query(label="Visit date", kind="date")])[0].decision == "review"


def test_record_fields_serve_only_repeating_forms() -> None:
    plain, repeating = (Query(label="Admission date", kind="date", repeating=r) for r in (False, True))
    first, second = matcher().match([plain, repeating])
    assert "admission-date" not in [c.id for c in first.candidates]
    assert second.candidates[0].id == "admission-date"


def test_of_which_continues_the_question_before() -> None:
    asked = [
        Query(label="Number of bleeding episodes since last visit (all)", kind="integer"),
        Query(label="of which into joints", kind="integer"),
    ]
    assert [d.candidates[0].id for d in matcher().match(asked)] == ["bleeds-all-count", "bleeds-joint-count"]


def test_branching_gives_a_date_its_context() -> None:
    cancer = FieldSpec(
        "c", "c", "f", "Malignancy diagnosed", "choice", 0, 2, options=(Option("1", "Yes"), Option("0", "No"))
    )
    when = FieldSpec("d", "d", "f", "Date of diagnosis", "date", 1, 3, branching="[c] = '1'")
    queries = queries_of_fields([cancer, when])
    assert queries[1].context == "Malignancy diagnosed Yes"
    assert matcher().match(queries)[1].decision == "review"


def test_display_fields_are_no_requests() -> None:
    assert queries_of_fields([FieldSpec("t", "t", "f", "Read this", "display", 0, 2, asks=False)]) == []


def test_candidates_come_best_first_and_at_most_as_asked() -> None:
    found = matcher().match([Query(label="Date of infusion", kind="date")], top=3)[0].candidates
    assert len(found) == 3
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_an_empty_catalog_makes_everything_new() -> None:
    assert Matcher([]).match([Query(label="Date of death")])[0].decision == "new"


def test_a_field_without_words_is_no_error() -> None:
    assert matcher().match([Query(), Query(name="x1")])[0].decision in ("new", "review")


def test_a_name_speaks_for_a_guard_where_the_label_is_silent() -> None:
    plain, named = (
        Query(name=n, label="Immunoglobulin replacement", kind="choice", options=YES_NO) for n in ("", "ivig")
    )
    assert [d.decision for d in matcher().match([plain, named])] == ["accept", "review"]


def test_a_wording_in_another_script_is_not_every_wording_in_that_script() -> None:
    remembering = Matcher(entries(), remembered=[Remembered("Дата рождения", "date-of-birth")])
    decision = remembering.match([Query(label="Дата смерти", kind="date")])[0]
    assert decision.decision != "accept"


def test_a_remembered_wording_brings_its_value_map_where_the_answers_are_those_of_then() -> None:
    answers = (Option("1", "Woman"), Option("2", "Man"))
    told = Remembered("Sex entered at the desk", "sex-at-birth", answers, {"female": "1", "male": "2"})
    query = Query(label="Sex entered at the desk", kind="choice", options=answers)
    best = Matcher(entries(), remembered=[told]).match([query])[0].candidates[0]
    assert (best.id, best.value_map) == ("sex-at-birth", {"female": "1", "male": "2"})
