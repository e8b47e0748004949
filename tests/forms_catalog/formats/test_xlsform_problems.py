"""Nothing in an XLSForm is refused whole for a bad row: each finding has a code, the rest is read."""

from __future__ import annotations

import random
import time

import pytest

from forms_catalog import formats
from tests.forms_catalog.formats.workbooks import package, sheet, workbook
from tests.forms_catalog.formats.xlsforms import BEGIN, END, Row, problems, read, xlsform

Q: Row = {"type": "text", "name": "q"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"type": "foo", "name": "q"}], [("q", "unknown_type")]),
        ([Q, {"name": "p"}], [("p", "missing_type")]),
        ([{"type": "text", "label": "Q"}], [("unnamed_2", "missing_name")]),
        ([{"type": "text", "name": "a b"}], [("a b", "bad_name")]),
        ([{"type": "text", "name": "q", "label": None}], [("q", "missing_label")]),
        ([Q, Q], [("form/q#1", "duplicate_name"), ("form/q#2", "duplicate_name")]),
        ([BEGIN, Q], [("", "unmatched_begin")]),
        ([Q, END], [("", "unmatched_end")]),
        ([{"type": "begin repeat"}, BEGIN, Q, {"type": "end repeat"}], [("", "unmatched_end")]),
        ([{"type": "select_one none", "name": "q"}], [("q", "missing_choices")]),
        ([{"type": "select_one_from_file a.csv", "name": "q"}], [("q", "choices_elsewhere")]),
        ([{"type": "select_one yes_no", "name": "q", "choice_filter": "a=${b}"}], [("q", "choice_filter")]),
        ([{"type": "rank yes_no", "name": "q"}], [("q", "ranking")]),
        ([Q | {"relevant": "pulldata('a', 'b', 'c', 'd')"}], [("q", "branching_unreadable")]),
        ([Q | {"relevant": "${none} = 1"}], [("q", "branching_unknown_field")]),
        ([Q | {"calculation": "${q"}], [("q", "calculation_unreadable")]),
        ([{"type": "calculate", "name": "q"}], [("q", "calculation_missing")]),
        ([Q | {"required": "${q} = 1"}], [("q", "required_sometimes")]),
        ([Q | {"readonly": "${q} = 1"}], [("q", "readonly_sometimes")]),
        ([Q | {"constraint": ". != ''"}], [("q", "constraint_kept")]),
        ([Q | {"media::image::en": "a.png"}], [("", "media_ignored")]),
        ([Q, {"type": "text", "name": "off", "disabled": "yes"}], [("off", "disabled_row")]),
        ([], [("", "no_fields")]),
    ],
)
def test_every_oddity_has_its_code(rows: list[Row], found: list[tuple[str, str]]) -> None:
    spec = formats.read(xlsform(*rows) if rows else workbook({"survey": [["type", "name", "label"]]}))
    assert problems(spec) == found
    assert all(problem.message.endswith((".", "]", ")")) for problem in spec.problems)


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"list_name": "l", "name": "a", "label": "Twice"}, "duplicate_choice_code"),
        ({"list_name": "l", "label": "No name"}, "choice_without_code"),
        ({"list_name": "l", "name": "z"}, "choice_without_label"),
    ],
)
def test_a_bad_choice_costs_only_itself(choice: Row, code: str) -> None:
    choices = [{"list_name": "l", "name": "a", "label": "A"}, choice]
    spec = read({"type": "select_one l", "name": "q"}, choices=choices)
    assert problems(spec) == [("", code)]
    assert spec.fields[0].options[0].label == "A"


def test_a_group_whose_condition_cannot_be_read_leaves_its_questions_asked() -> None:
    spec = read(BEGIN | {"relevant": "regex(${q}, 'a')"}, Q | {"relevant": "${q} = 1"}, END)
    assert spec.fields[0].branching == "(regex(${q}, 'a')) and (${q} = 1)"
    assert problems(spec) == [("q", "branching_unreadable")]


def test_a_text_of_xlsform_is_never_taken_for_one_of_redcap() -> None:
    spec = read(Q | {"relevant": "contains('Ab', 'b')"})
    assert spec.fields[0].branching == "XLSForm: contains('Ab', 'b')"
    assert problems(spec) == [("q", "branching_unreadable")]


def test_rows_without_type_name_and_label_are_comments() -> None:
    spec = read(Q, {"hint_for_team": "Section two", "label": None})
    assert len(spec.fields) == 1


@pytest.mark.parametrize(
    "sheets",
    [
        {"data": [["type", "name"], ["text", "q"]]},
        {"survey": [["when", "who"], ["text", "q"]]},
        {"survey": []},
    ],
)
def test_another_workbook_is_no_xlsform(sheets: dict[str, list[list[str]]]) -> None:
    with pytest.raises(formats.UnreadableFile) as caught:
        formats.read(workbook(sheets))
    assert caught.value.code == "not_a_dictionary"


def cells(*texts: str) -> bytes:
    return b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % text.encode() for text in texts)


HEAD = b"<row>" + cells("type", "name", "label", "relevant") + b"</row>"
HOSTILE = {
    "groups without end": HEAD + (b"<row>" + cells("begin group", "g", "G", "1 = 1") + b"</row>") * 7_000,
    "groups and questions": HEAD
    + (b"<row>" + cells("begin group", "g", "G", "${q} = 1 or " * 50 + "1") + b"</row>") * 80
    + (b"<row>" + cells("text", "q", "Q", "${q} = 2") + b"</row>") * 7_000,
    "ends without begin": HEAD + (b"<row>" + cells("end group") + b"</row>") * 7_000,
    "one name": HEAD + (b"<row>" + cells("text", "q", "Q") + b"</row>") * 7_000,
    "conditions, all different": HEAD
    + b"".join(b"<row>" + cells("text", f"q{n}", "Q", f"${{q{n}}} = {n}") + b"</row>" for n in range(7_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_form_is_read_in_a_moment(name: str) -> None:
    data = package(sheet(HOSTILE[name]), 0)
    started = time.process_time()
    spec = formats.read(data)
    assert time.process_time() - started < 10
    assert len(spec.problems) <= 2_001


def test_a_form_of_too_many_rows_is_refused() -> None:
    data = package(sheet(HEAD + (b"<row>" + cells("note", "n") + b"</row>") * 8_001), 0)
    with pytest.raises(formats.UnreadableFile) as caught:
        formats.read(data)
    assert caught.value.code == "too_many_rows"


def test_forms_changed_at_random_never_do_more_than_raise_the_one_error() -> None:
    chance = random.Random(3)
    words = ["begin group", "end repeat", "select_one yes_no", "text", "q", "${q} = 1", "=", "((", "", "a:b::c", None]
    for _ in range(60):
        rows = [[chance.choice(words) for _ in range(6)] for _ in range(chance.randint(0, 12))]
        header = chance.sample(["type", "name", "label::x", "relevant", "constraint", "askonce", "calculation"], 6)
        spec = formats.read(workbook({"survey": [["type", "name", *header], *rows], "choices": rows}))
        assert all(field.name for field in spec.fields)
