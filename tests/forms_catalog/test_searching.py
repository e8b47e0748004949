"""Search in the catalog, on entries alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog.searching import Entry, Filters, search

HB = Entry(
    key="hemoglobin",
    label="Hemoglobin",
    definition="Mass of hemoglobin in blood.",
    datatype="decimal",
    unit="g/dL",
    recall="point-in-time",
    reuse="measured",
    section="labs",
    state="released",
    codes=("718-7",),
    displays=("Hemoglobin [Mass/volume] in Blood",),
    wordings=("Hb at this visit",),
    programs=("eu",),
    asked=2,
)
TYPE = replace(
    HB, key="hb-type", label="Type of hemoglobin", unit="", codes=(), displays=(), wordings=(), programs=(), asked=0
)
WBC = replace(
    TYPE,
    key="wbc",
    label="Leukocytes",
    definition="White cells; given with hemoglobin.",
    unit="10*3/uL",
    section="blood",
    codes=("6690-2", "2003301"),
    state="draft",
)
OLD = replace(
    HB, key="hemoglobin-old", label="Hemoglobin, old", state="retired", wordings=(), codes=(), programs=(), asked=0
)
ALL = (OLD, WBC, TYPE, HB)


def found(text: str, **filters: str) -> list[str]:
    return [hit.entry.key for hit in search(ALL, text, Filters(**filters))]


def test_the_label_itself_comes_first_and_the_definition_last() -> None:
    assert found("hemoglobin") == ["hemoglobin", "hb-type", "hemoglobin-old", "wbc"]


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        ("718-7", "hemoglobin", "code 718-7"),
        ("2003301", "wbc", "code 2003301"),
        ("hb at this", "hemoglobin", "also worded “Hb at this visit”"),
        ("g/dl", "hemoglobin", "unit g/dL"),
        ("10^3/uL", "wbc", "unit 10*3/uL"),
        ("hb-type", "hb-type", ""),
        ("white cells", "wbc", "in the definition"),
    ],
)
def test_an_element_is_found_by_code_wording_unit_id_and_definition(text: str, key: str, why: str) -> None:
    first = search(ALL, text, Filters())[0]
    assert (first.entry.key, first.why) == (key, why)


def test_spelling_case_and_accents_do_not_matter() -> None:
    assert found("HAEMOGLOBIN")[0] == "hemoglobin"
    assert found("hémoglobin")[0] == "hemoglobin"


def test_every_word_has_to_be_found() -> None:
    assert found("hemoglobin leukocytes") == ["wbc"]
    assert found("hemoglobin nothing") == []


def test_filters_leave_section_state_and_who_asks() -> None:
    assert found("", section="blood") == ["wbc"]
    assert found("", state="retired") == ["hemoglobin-old"]
    assert found("", asked="eu") == ["hemoglobin"]
    assert found("", asked="na") == []
    assert set(found("", asked="nobody")) == {"wbc", "hb-type", "hemoglobin-old"}


def test_retired_elements_come_last_where_nothing_is_searched() -> None:
    assert found("")[-1] == "hemoglobin-old"


def test_a_very_long_search_is_cut() -> None:
    assert found("hemoglobin" + " " * 300 + "nothing")[0] == "hemoglobin"
