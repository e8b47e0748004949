"""Excel workbooks are read as people see them, and hostile ones are refused before they cost anything."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import random
import time
import zipfile

import openpyxl
import pytest

from forms_catalog.formats import xlsx_cells
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.formats.xlsx_input import MAX_ROWS, read_workbook
from tests.forms_catalog.formats.workbooks import BOOK, STRINGS, package, saved, sheet, workbook

_CHANCE = random.Random(1)
NOISE = b"".join(b"<!--%d-->" % _CHANCE.getrandbits(64) for _ in range(20_000))
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def lying(parts: dict[str, bytes]) -> bytes:
    """A package whose directory says that its sheet is small."""
    data = bytearray(package(parts))
    size = len(parts["xl/worksheets/sheet1.xml"]).to_bytes(4, "little")
    return bytes(data).replace(size, (1000).to_bytes(4, "little"))


def with_password() -> bytes:
    data = bytearray(package({}))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def doubled() -> bytes:
    out = io.BytesIO(package({}))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as made:
        made.writestr("xl/workbook.xml", BOOK)
    return out.getvalue()


HOSTILE = {
    "a zip bomb": (package(sheet(b"<row/>" * 3_000_000)), "zip_bomb"),
    "a bomb that lies about its size": (lying(sheet(b"<row>" + b" " * 60_000_000 + b"</row>")), "malformed"),
    "a bomb of many parts": (package({f"xl/a{n}.xml": b"<a/>" for n in range(1_100)}), "zip_bomb"),
    "a bomb in many layers": (package({f"xl/a{n}.xml": NOISE * 10 for n in range(8)}), "too_large"),
    "a zip of zeros": (b"PK\x03\x04" + b"\x00" * 5_000_000, "malformed"),
    "a million entries": (b"PK\x03\x04" + b"PK\x01\x02" * 2_000_000, "zip_bomb"),
    "more than ten million bytes": (b"PK\x03\x04" + b"x" * 10_000_000, "too_large"),
    "external entity in a sheet": (package({"xl/worksheets/sheet1.xml": DOCTYPE + b"<a>&e;</a>"}), "doctype"),
    "external entity in the workbook": (package({"xl/workbook.xml": DOCTYPE + BOOK}), "doctype"),
    "external entity in UTF-16": (
        package({"xl/workbook.xml": (DOCTYPE + BOOK).decode().encode("utf-16")}),
        "malformed",
    ),
    "another encoding": (
        package({"xl/workbook.xml": b'<?xml version="1.0" encoding="UTF-7"?>' + BOOK}),
        "malformed",
    ),
    "a path that climbs": (package({"../../etc/cron.d/x": b"x"}), "unsafe_path"),
    "an absolute path": (package({"/etc/passwd": b"x"}), "unsafe_path"),
    "a path of Windows": (package({"xl\\..\\..\\x.xml": b"x"}), "unsafe_path"),
    "a password": (with_password(), "encrypted"),
    "two parts of one name": (doubled(), "malformed"),
    "no workbook": (package({}).replace(b"workbook.xml", b"documont.xml"), "not_a_workbook"),
    "a cut file": (workbook({"survey": [["type"]]})[:-400], "malformed"),
    "100,000 levels": (package(sheet(b"<a>" * 100_000), zipfile.ZIP_STORED), "malformed"),
    "a tag of a million attributes": (
        package(sheet(b"<row " + b" ".join(b'b%d=""' % n for n in range(700_000)) + b"/>")),
        "malformed",
    ),
    "one long text in many cells": (
        package(
            {
                "xl/sharedStrings.xml": STRINGS + b"<si><t>" + NOISE[:30_000].replace(b"<", b" ") + b"</t></si></sst>",
                **sheet(b"".join(b'<row r="%d"><c t="s"><v>0</v></c></row>' % n for n in range(1, 15_000))),
            }
        ),
        "too_large",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_in_a_moment(name: str) -> None:
    data, code = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        read_workbook(data, Findings())
    assert time.process_time() - started < 10
    assert caught.value.code == code


def test_what_lies_beyond_the_rows_that_are_read_is_reported() -> None:
    findings = Findings()
    rows = b'<row r="7"><c r="C7"><v>1</v></c></row><row r="%d"><c><v>1</v></c></row>' % (MAX_ROWS + 1)
    (found,) = read_workbook(package(sheet(rows)), findings)
    assert [(row.line, row.cells) for row in found.rows] == [(7, ["", "", "1"])]
    assert [problem.code for problem in findings.all()] == ["rows_left_out"]


def test_cells_are_read_as_people_see_them() -> None:
    when = dt.datetime(2026, 3, 1, 14, 30)
    cells = [1.0, 2.5, 0.1 + 0.2, True, False, dt.date(2026, 3, 1), when, dt.time(8, 5), "a\nb", None, "=1+1", " x "]
    (found,) = read_workbook(workbook({"s": [cells]}), Findings())
    shown = ["1", "2.5", "0.3", "TRUE", "FALSE", "2026-03-01", "2026-03-01 14:30", "08:05", "a\nb", "", "", " x "]
    assert found.rows[0].cells == shown


def test_a_formula_shows_the_value_it_had_when_it_was_saved() -> None:
    rows = b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c></row>'
    assert read_workbook(package(sheet(rows)), Findings())[0].rows[0].cells == ["2", "a"]


def test_shared_and_rich_texts_are_read_without_phonetic_readings() -> None:
    strings = STRINGS + b"<si><r><t>Ha</t></r><r><t>lo</t></r><rPh><t>xx</t></rPh></si><si><t>_x000B_y</t></si></sst>"
    rows = b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c t="s"><v>99</v></c></row>'
    found = read_workbook(package({"xl/sharedStrings.xml": strings, **sheet(rows)}), Findings())
    assert found[0].rows[0].cells == ["Halo", "\x0by"]


def test_dates_are_known_by_their_format_and_counted_from_1904_where_the_file_says_so() -> None:
    assert xlsx_cells.number_text("44256", is_date=True) == "2021-03-01"
    assert xlsx_cells.number_text("42794", is_date=True, from_1904=True) == "2021-03-01"
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"], book.worksheets[0]["B1"] = 44256, 44256
    book.worksheets[0]["A1"].number_format = '[Red]"day "dd/mm/yyyy'
    book.worksheets[0]["B1"].number_format = '0 "days"'
    assert read_workbook(saved(book), Findings())[0].rows[0].cells == ["2021-03-01", "44256"]


def test_cells_merged_downward_show_their_value_in_every_row_and_those_merged_sideways_do_not() -> None:
    book = openpyxl.Workbook()
    for row in (["Title", None], ["Form A", "x"], [None, "y"], [None, "z"]):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("A2:A3")
    book.worksheets[0].merge_cells("A1:B1")
    (found,) = read_workbook(saved(book), Findings())
    assert [row.cells for row in found.rows] == [["Title"], ["Form A", "x"], ["Form A", "y"], ["", "z"]]


def test_hidden_sheets_are_marked_and_macros_and_pictures_never_opened() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("lists").sheet_state = "hidden"
    data = io.BytesIO(saved(book))
    with zipfile.ZipFile(data, "a") as made:
        made.writestr("xl/vbaProject.bin", b"\x00" * 30_000_000, zipfile.ZIP_DEFLATED)
        made.writestr("xl/media/a.xml", DOCTYPE)
    assert [(s.name, s.hidden) for s in read_workbook(data.getvalue(), Findings())] == [
        ("Sheet", False),
        ("lists", True),
    ]


@pytest.mark.parametrize("text", ["a\x0bb", "line\r\nbreak", "_x000B_", "_x_", "\ud800", "plain", "tab\tstays"])
def test_what_xml_cannot_hold_goes_through_a_cell(text: str) -> None:
    assert xlsx_cells.unescaped(xlsx_cells.escaped(text)) == text


def test_sixty_thousand_cells_are_read_in_a_moment() -> None:
    data = workbook({"s": [[f"cell {row} {column}" for column in range(24)] for row in range(2_500)]})
    started = time.process_time()
    assert len(read_workbook(data, Findings())[0].rows) == 2_500
    assert time.process_time() - started < 10


def test_bytes_changed_at_random_never_do_more_than_raise_the_one_error() -> None:
    good, chance = package(sheet(b'<row r="1"><c r="A1"><v>1</v></c></row>'), zipfile.ZIP_STORED), random.Random(7)
    for _ in range(500):
        data = bytearray(good)
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with contextlib.suppress(UnreadableFile):
            assert len(read_workbook(bytes(data), Findings())) <= 1
