"""A file of many odd lines is still read line by line, up to what no dictionary needs."""

from __future__ import annotations

from forms_catalog import formats
from forms_catalog.formats import csv_rows, problems
from tests.forms_catalog.formats.made import codes, redcap

OPENS_ANEW = b'x","\n'


def test_every_line_with_an_open_quote_is_kept_and_reported() -> None:
    found = formats.read(redcap() + OPENS_ANEW * 60)
    assert [p.code for p in found.problems].count("unclosed_quote") == 60
    assert len(found.fields) == 60


def test_choices_are_read_until_the_file_has_more_than_any_dictionary() -> None:
    rows = [
        {"name": f"q{n}", "type": "radio", "choices": "|".join(f"{c},{c}" for c in range(20_000))} for n in range(11)
    ]
    found = formats.read(redcap(*rows))
    assert sum(len(field.options) for field in found.fields) == problems.MAX_CHOICES
    assert codes(found)["too_many_choices"] == 12
    assert found.fields[-1].options == ()


def test_the_largest_dictionary_is_far_below_the_limits() -> None:
    assert csv_rows.MAX_CELLS > 10 * 1_903 * 18
