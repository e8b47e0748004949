"""The shipped content reads completely and hangs together; other catalogs in JSONL read too."""

from __future__ import annotations

import json

import pytest

from forms_catalog import starter
from forms_catalog.formats import catalog_json
from forms_catalog.specs import Option


def test_the_starter_catalog_has_262_elements_and_12_record_groups() -> None:
    elements = starter.elements().values()
    assert (len(elements), len(starter.record_groups())) == (262, 12)
    assert sum(e.record_only for e in elements) == 22
    assert sum(len(e.bindings) for e in elements) == 22


def test_every_reuse_value_is_one_the_catalog_defines() -> None:
    defined = json.loads((starter.CONTENT / "catalog.json").read_bytes())["reuse_values"]
    assert {e.reuse for e in starter.elements().values()} <= set(defined)


def test_every_reference_between_elements_and_groups_leads_somewhere() -> None:
    elements, groups = starter.elements(), starter.record_groups()
    named = {e.detail_of for e in elements.values()} | {x for e in elements.values() for x in e.do_not_merge_with}
    named |= {x for g in groups.values() for x in (g.date, g.end, *g.fields, *g.summaries)}
    assert named - {""} <= set(elements)
    assert {e.group for e in elements.values()} | {e.summary_of for e in elements.values()} <= {"", *groups}


def test_every_range_reads_as_a_pair_of_numbers() -> None:
    ranged = [e for e in starter.elements().values() if e.minimum is not None]
    assert len(ranged) == 18
    assert all(e.maximum is not None and e.minimum < e.maximum for e in ranged if e.minimum is not None)


def test_an_element_keeps_its_units_options_and_limits() -> None:
    elements = starter.elements()
    age = elements["age-at-infusion"]
    assert {(u.ucum, u.to_canonical) for u in age.convertible_units} >= {("mo", "x/12")}
    assert Option("male", "Male") in next(e for e in elements.values() if e.id.startswith("sex")).options


def test_a_summary_rule_keeps_its_filter_its_field_and_its_limits() -> None:
    groups = starter.record_groups()
    assert groups["infection"].summaries["infection-grade3"].where == {"infection-max-grade": ("3", "4", "5")}
    assert groups["transfusion"].summaries["rbc-units"].of == "transfusion-units"
    assert groups["hospital-stay"].summaries["hospital-days-100"].within == (0, 100)


def test_eight_programs_have_a_dictionary_and_130_timepoints() -> None:
    schedules = [starter.schedule(p) for p in starter.program_codes()]
    assert len(schedules) == 8
    assert sum(e.kind == "followup" for s in schedules for e in s.entries) == 130
    assert all(b"Field Label" in starter.program_csv(p) for p in starter.program_codes())


def test_every_form_of_a_schedule_is_in_the_programs_dictionary() -> None:
    for program in starter.program_codes():
        text = starter.program_csv(program).decode()
        assert all(f",{form}," in text for e in starter.schedule(program).entries for form in e.forms), program


def test_an_unknown_program_is_refused_with_the_known_ones() -> None:
    with pytest.raises(starter.StarterError, match="car_registry_na"):
        starter.program_csv("../../secrets")


def test_jsonl_rows_of_another_catalog_are_read_with_what_a_matcher_may_use() -> None:
    row = {
        "id": 7,
        "label": "Given",
        "question_text": "Was it given?",
        "type": "CHARACTER/Enumerated",
        "options": ["Yes", "No"],
    }
    found = catalog_json.read(json.dumps(row).encode() + b"\n\n")
    assert found.elements["7"].datatype == "choice"
    assert found.elements["7"].options == (Option("Yes", "Yes"), Option("No", "No"))
    assert found.texts["7"] == {"question_text": "Was it given?"}


@pytest.mark.parametrize(
    ("written", "options", "read"),
    [("NUMBER/Non-enumerated", [], "decimal"), ("DATE/Non-enumerated", [], "date"), ("integer", ["A"], "choice"),
     ("boolean", [], "choice"), ("string", [], "text"), ("", [], "text"), ("multichoice", ["A"], "multichoice")],
)  # fmt: skip
def test_the_type_words_of_other_catalogs(written: str, options: list[str], read: str) -> None:
    assert catalog_json.element({"id": "x", "type": written, "options": options}).datatype == read


def test_broken_nameless_and_repeated_rows_are_problems_with_their_line() -> None:
    found = catalog_json.read(b'{"id": "a"}\n{oops\n{"label": "no id"}\n{"id": "a"}\n[1]\n')
    assert sorted((p.line, p.code) for p in found.problems) == [
        (2, "not_json"), (3, "no_id"), (4, "duplicate_id"), (5, "no_id"),
    ]  # fmt: skip
    assert list(found.elements) == ["a"]
