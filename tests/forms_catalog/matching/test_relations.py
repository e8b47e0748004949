from __future__ import annotations

from forms_catalog.matching import Candidate
from forms_catalog.specs import Option

from .world import YES_NO, ask, options


def best(label: str, kind: str = "", *, note: str = "", choices: tuple[Option, ...] = ()) -> Candidate:
    return ask(label, kind, note=note, choices=choices).candidates[0]


def test_equal_unit_is_exact() -> None:
    found = best("Hemoglobin (g/dL)", "decimal")
    assert (found.id, found.relation, found.factor) == ("hemoglobin", "exact", None)


def test_another_listed_unit_converts_with_its_factor() -> None:
    found = best("Hemoglobin (g/L)", "decimal")
    assert (found.id, found.relation, found.factor) == ("hemoglobin", "unit_conversion", "x/10")


def test_a_unit_of_another_dimension_is_never_direct() -> None:
    found = ask("CD19+ B cells (mg/dL)", "decimal").candidates[0]
    assert found.relation == "narrower"
    assert any(guard.startswith("Unit:") for guard in found.guards)


def test_other_codes_are_a_recode_with_its_map() -> None:
    found = best("Vital status", choices=options("Alive", "Deceased"))
    assert (found.id, found.relation, found.value_map) == ("vital-status", "recode", {"alive": "1", "dead": "2"})


def test_free_text_for_a_coded_element_is_broader() -> None:
    assert best("Main cause of death", "notes").relation == "broader"


def test_month_and_year_for_a_date_is_broader() -> None:
    found = [c for c in ask("Birth month and year (MM-YYYY)").candidates if c.id == "date-of-birth"]
    assert found[0].relation == "broader"


def test_ever_for_a_period_is_broader() -> None:
    assert best("CRS (any time after infusion)", choices=YES_NO).relation == "broader"


def test_yes_or_no_for_one_drug_of_a_list_is_broader() -> None:
    found = [c for c in ask("Tocilizumab given for CRS", choices=YES_NO).candidates if c.id == "crs-therapy"]
    assert found[0].relation == "broader"


def test_a_limit_of_its_own_is_narrower() -> None:
    found = best("Low immunoglobulin", choices=YES_NO, note="Own definition with a limit")
    assert (found.id, found.relation) == ("hypogammaglobulinemia", "narrower")


def test_a_score_as_number_fits_a_list_of_numbers() -> None:
    found = best("ECOG score", "integer")
    assert (found.id, found.relation) == ("ecog", "exact")
