from __future__ import annotations

from forms_catalog.matching import words
from forms_catalog.matching.abbreviations import long_form, mine

LEXICON = words.build()


def test_spellings_of_one_word_are_one_stem() -> None:
    assert LEXICON.words("Haemoglobin of the recipient").stems == LEXICON.words("hemoglobin of the patient").stems


def test_numbers_are_read_whatever_their_form() -> None:
    assert LEXICON.words("Platelets at 20 × 10^9/L").stems == LEXICON.words("platelets at 20 x 10E9 / L").stems
    assert "1000" in LEXICON.words("ANC ≥ 1,000").stems


def test_a_short_form_adds_its_long_form() -> None:
    assert {"cytokin", "releas", "syndrom"} <= set(LEXICON.words("CRS start").added)


def test_a_long_form_adds_its_short_form() -> None:
    assert "crs" in LEXICON.words("Cytokine release syndrome").added


def test_english_words_are_short_forms_only_in_capitals() -> None:
    assert LEXICON.words("Was there ALL?").added
    assert not LEXICON.words("was there all").added


def test_a_key_ignores_order_and_spells_short_forms_out() -> None:
    assert LEXICON.key("Date of the CRS onset") == LEXICON.key("cytokine release syndrome start date")


def test_a_key_keeps_negation_apart() -> None:
    assert LEXICON.key("Transfusion") != LEXICON.key("No transfusion")


def test_conditioning_is_not_a_condition() -> None:
    assert LEXICON.key("Conditioning") != LEXICON.key("Condition")


def test_a_variable_name_is_split_into_words() -> None:
    assert words.split_name("relProg_dt2") == ["rel", "prog", "dt", "2"]
    assert "date" in LEXICON.of_name("visit_dt")


def test_short_forms_are_mined_from_a_catalog() -> None:
    found = mine(["Late immune effector cell hematotoxicity (ICH) grade", "Number of days (max)"])
    assert found == [("ich", "immune effector cell hematotoxicity")]


def test_a_long_form_must_spell_the_short_one() -> None:
    assert long_form("MDS", ["history", "of", "myelodysplastic", "syndrome"]) == "myelodysplastic syndrome"
    assert long_form("XYZ", ["history", "of", "myelodysplastic", "syndrome"]) == ""
