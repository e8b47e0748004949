"""The REDCap import file, read back as a machine would."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from capture.deliver import redcap_file
from capture.deliver.slices import CellOut, Row, Slice


def cell(name: str, value: str, **more: object) -> CellOut:
    return CellOut(name, name, "visit", "", name, value, "given" if value else "blank", **more)  # type: ignore[arg-type]


RACE = cell("race", "1|UNK", multiple=("1", "UNK", "-9"))
PLAIN = Row("visit", "", "", (cell("crid", "1001"), cell("seen", "30-06-2025", date_format="dmy"), RACE))
ONE = Slice("registry", "M6", "6 months", "followup", "crid", "1001", "2025-06-30", "2025-01-01", (PLAIN,))


def repeat(number: str, value: str) -> Row:
    return Row("infections", number, f"r{number}", (replace(cell("inf_gr", value), form="infections"),))


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def changed(**new: str) -> Slice:
    cells = tuple(replace(c, value=new.get(c.name, c.value)) for c in PLAIN.cells)
    return replace(ONE, rows=(replace(PLAIN, cells=cells),))


def test_a_slice_is_one_line_with_record_id_event_and_completion() -> None:
    assert lines(redcap_file.write([ONE])) == [
        {
            "crid": "1001",
            "redcap_event_name": "6_months_arm_1",
            "seen": "2025-06-30",
            "race___1": "1",
            "race___unk": "1",
            "race____9": "0",
            "visit_complete": "2",
        }
    ]


def test_repeats_have_lines_of_their_own_with_instrument_and_instance() -> None:
    found = lines(redcap_file.write([replace(ONE, rows=(PLAIN, repeat("1", "3"), repeat("2", "4")))]))
    keys = [(f["redcap_repeat_instrument"], f["redcap_repeat_instance"], f["inf_gr"], f["seen"]) for f in found]
    assert keys == [("", "", "", "2025-06-30"), ("infections", "1", "3", ""), ("infections", "2", "4", "")]
    assert [f["infections_complete"] for f in found] == ["", "2", "2"]


def test_columns_for_repeats_are_there_only_where_something_repeats() -> None:
    assert b"redcap_repeat" not in redcap_file.write([ONE])


def test_boxes_of_an_unanswered_question_stay_blank() -> None:
    assert {lines(redcap_file.write([changed(race="")]))[0][f"race___{c}"] for c in ("1", "unk", "_9")} == {""}


def test_a_calculated_field_is_left_out() -> None:
    calc = replace(cell("ratio", ""), state="calculated")
    assert "ratio" not in lines(redcap_file.write([replace(ONE, rows=(replace(PLAIN, cells=(calc, RACE)),))]))[0]


def test_the_same_slices_give_the_same_bytes() -> None:
    assert redcap_file.write([ONE, replace(ONE, subject_id="1002")]) == redcap_file.write(
        [ONE, replace(ONE, subject_id="1002")]
    )


def test_a_later_revision_holds_only_what_changed() -> None:
    found = lines(redcap_file.write([changed(seen="01-07-2025")], before=ONE))
    assert found == [
        {"crid": "1001", "redcap_event_name": "6_months_arm_1", "seen": "2025-07-01", "visit_complete": "2"}
    ]


def test_a_value_that_became_blank_is_named_so_that_blanks_overwrite() -> None:
    now = changed(seen="")
    assert lines(redcap_file.write([now], before=ONE))[0]["seen"] == ""
    assert "Let blank values overwrite: seen became blank." in redcap_file.advice(now, ONE)
    assert "overwrite: " not in redcap_file.advice(ONE)


def test_boxes_that_are_no_longer_ticked_are_written_as_0() -> None:
    found = lines(redcap_file.write([changed(race="")], before=ONE))[0]
    assert {found[f"race___{c}"] for c in ("1", "unk", "_9")} == {"0"}


def test_a_repeat_that_is_gone_has_to_be_deleted_by_hand() -> None:
    before = replace(ONE, rows=(PLAIN, repeat("1", "3"), repeat("2", "4")))
    now = replace(ONE, rows=(PLAIN, repeat("2", "4")))
    assert "Delete by hand, an import cannot: infections#1." in redcap_file.advice(now, before)


def test_another_number_of_the_person_makes_a_whole_file_again() -> None:
    moved = replace(ONE, subject_id="2002")
    assert lines(redcap_file.write([moved], before=ONE))[0]["race___1"] == "1"


def test_slices_of_two_programs_do_not_share_a_file() -> None:
    with pytest.raises(ValueError, match="one program only"):
        redcap_file.write([ONE, replace(ONE, program="other")])
    with pytest.raises(ValueError, match="one slice at a time"):
        redcap_file.write([ONE, ONE], before=ONE)


def test_values_are_written_raw_and_quoted_where_needed() -> None:
    text = '=1+1, "said"\nnext'
    data = redcap_file.write([replace(ONE, rows=(replace(PLAIN, cells=(cell("cause", text),)),))])
    assert lines(data)[0]["cause"] == text
    assert not data.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("label", "code", "name"),
    [
        ("6 months", "M6", "6_months_arm_1"),
        ("Baseline", "BASE", "baseline_arm_1"),
        ("Follow-up visit, year 10 or later", "Y10", "followup_visit_yea_arm_1"),
        ("", "D100", "d100_arm_1"),
    ],
)
def test_event_names_are_made_as_redcap_makes_them(label: str, code: str, name: str) -> None:
    assert redcap_file.event_name(label, code) == name
