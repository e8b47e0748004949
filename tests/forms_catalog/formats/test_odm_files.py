"""The real ODM files: as many fields as ItemDefs, logic that parses, and what is odd about each."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec
from tests.shared_data import SHARED, needs_shared

FOLDER = SHARED / "data/import/odm"
FILES = sorted(FOLDER.glob("*.xml")) or [FOLDER / "none"]


def read(name: str) -> DictionarySpec:
    return formats.read((FOLDER / name).read_bytes(), name)


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_there_is_one_field_for_each_item_definition(path: Path) -> None:
    spec = formats.read(path.read_bytes(), path.name)
    defined = re.findall(rb"<ItemDef[\s>]", re.sub(rb"<!--.*?-->", b"", path.read_bytes(), flags=re.DOTALL))
    assert spec.format == "odm"
    assert len(spec.fields) == len(defined) > 0
    assert len({field.path for field in spec.fields}) == len(spec.fields)
    assert [field.order for field in spec.fields] == list(range(len(spec.fields)))
    assert all(field.line > 1 and field.label for field in spec.questions)


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_condition_of_the_real_files_is_read(path: Path) -> None:
    found = formats.summary(formats.read(path.read_bytes()))["branching"]
    assert found["parsed"] == found["total"]


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_of_a_field_names_a_field(path: Path) -> None:
    spec = formats.read(path.read_bytes())
    paths = {field.path for field in spec.fields}
    assert [p for p in spec.problems if p.path and p.path not in paths] == []


@needs_shared
def test_the_bilingual_example_of_openedc_is_understood() -> None:
    spec = read("openedc_example_metadata.xml")
    fields = {field.name: field for field in spec.fields}
    assert (spec.language, spec.format_version, len(spec.questions)) == ("en", "1.3.2", 26)
    assert fields["I.6"].branching == "[CountryOfBirth] = 'Other'"
    assert fields["BMI"].calculation == "[Weight] / [Height] ^ 2"
    assert fields["I.2"].calculation.startswith("([WHO.1] + [WHO.2]")
    assert (fields["Age"].minimum, fields["Age"].maximum, fields["Age"].unit) == ("18", "119", "years")
    assert [t.language for t in fields["Age"].translations] == ["de"]
    assert [event.code for event in spec.events] == ["SE.1", "SE.2", "SE.3"]


@needs_shared
def test_four_languages_and_conditions_of_whole_groups_are_understood() -> None:
    spec = read("cdisc_protocol_odm132_multilang.xml")
    fields = {field.name: field for field in spec.fields}
    assert spec.language == "en"
    assert {t.language for t in fields["I_SEX"].translations} == {"fr", "de"}
    assert fields["I_AE_STOP"].branching == "[I_AE_OCCURRED] <> '0' and [I_AE_CONTINUES] <> '1'"
    assert fields["I_LB_RBC"].branching == "[I_LB_RBC_NOTDONE] <> '1'"
    assert (fields["I_HEIGHT"].unit, fields["I_HEIGHT"].maximum) == ("in", "89")
    assert fields["I_LB_RBC"].unit == "million/uL"


@needs_shared
def test_a_file_of_odm_2_with_value_lists_is_understood() -> None:
    spec = read("cdisc_cdash_mh_repeating.xml")
    fields = {field.name: field for field in spec.fields}
    assert spec.format_version == "2.0"
    assert len(spec.questions) == 6
    assert fields["IT.CONDITION_PROCEDURE_NAME"].repeating
    assert len(fields["IT.CONDITION_TYPE"].options) == 13
    assert {p.code for p in spec.problems} == {"supporting_item", "calculation_unreadable", "data_ignored"}


@needs_shared
def test_the_real_files_are_read_in_a_moment() -> None:
    started = time.process_time()
    for path in FILES:
        formats.read(path.read_bytes())
    assert time.process_time() - started < 10
