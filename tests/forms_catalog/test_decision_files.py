"""Decisions as files: what is written comes back, in our own tables and in the one that Usagi saves."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from forms_catalog import decision_files, decisions, starter
from tests.forms_catalog.decided import DECIDED, decided, dictionary


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("code", DECIDED)
def test_our_own_tables_say_everything(code: str) -> None:
    found = decided(code)
    texts = decision_files.own(found.mappings, found.not_same, dictionary(code).fields, starter.elements())
    first, values = map(decision_files.unguarded, texts)
    again = decisions.read(first, values, dictionary(code), starter.elements())
    assert (again.mappings, again.not_same) == (found.mappings, found.not_same)
    assert [p for p in again.problems if p.severity == "error"] == []


@pytest.mark.parametrize("code", DECIDED)
def test_usagis_table_says_everything_but_the_refused_pairs(code: str) -> None:
    found = decided(code).mappings
    text = decision_files.usagi([(m, "cora", "2026-06-01") for m in found], dictionary(code).fields, starter.elements())
    assert decision_files.read_usagi(text, code) == (found, ())


def test_no_two_elements_have_one_number() -> None:
    numbers = {decision_files.number(key) for key in starter.elements()}
    assert len(numbers) == len(starter.elements())
    assert max(numbers) < 2**31


def test_undecided_fields_are_unchecked_and_not_read() -> None:
    code = DECIDED[0]
    text = decision_files.usagi([], dictionary(code).fields, starter.elements())
    assert {(r["mappingStatus"], r["equivalence"], r["conceptId"]) for r in rows(text)} == {
        ("UNCHECKED", "UNREVIEWED", "0")
    }
    assert decision_files.read_usagi(text, code) == ((), ())


@pytest.mark.parametrize(
    ("column", "value"),
    [("conceptId", "2000000001"), ("ADD_INFO:decision", ""), ("ADD_INFO:decision", "[1"), ("ADD_INFO:decision", "{}"),
     ("sourceCode", "another")],
)  # fmt: skip
def test_an_approved_row_without_its_steps_is_left_to_a_person(column: str, value: str) -> None:
    code = DECIDED[0]
    one = decided(code).by_path["sex"]
    text = decision_files.usagi([(one, "cora", "")], [f for f in dictionary(code).fields if f.path == "sex"], {})
    row = rows(text)[0] | {column: value}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    writer.writerow(row)
    found, problems = decision_files.read_usagi(out.getvalue(), code)
    assert (found, [(p.line, p.code) for p in problems]) == ((), [(2, "no_steps")])
    assert "Choose the element on the mapping page" in problems[0].message


def test_a_table_of_something_else_is_refused_in_words() -> None:
    found, problems = decision_files.read_usagi("a,b\n1,2\n", "sma_registry")
    assert (found, problems[0].code) == ((), "column_missing")


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-1", "@x", "'=1", "''", "'quoted'", "plain", 'two\nlines, "said"'])
def test_no_cell_is_a_formula_and_every_cell_comes_back(cell: str) -> None:
    code = DECIDED[0]
    one = replace(decided(code).by_path["sex"], reason=cell)
    text, _ = decision_files.own([one], [], [], {})
    assert rows(text)[0]["reason"][0] not in "=+-@"
    assert rows(decision_files.unguarded(text))[0]["reason"] == cell
