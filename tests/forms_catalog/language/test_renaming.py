"""Logic follows fields and choices that get other names."""

from __future__ import annotations

import pytest

from forms_catalog.language import NewNames, parse, renamed, renamed_text

NAMES = NewNames({"I.SEX": "i_sex", "I.AGE": "i_age"}, {("I.SEX", "NOT KNOWN"): "NOT_KNOWN"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[I.AGE] > 17 and [other] = '1'", "[i_age] > 17 and [other] = '1'"),
        ("[I.SEX] = 'NOT KNOWN'", "[i_sex] = 'NOT_KNOWN'"),
        ("'NOT KNOWN' <> [I.SEX]", "'NOT_KNOWN' <> [i_sex]"),
        ("[I.AGE] = 'NOT KNOWN'", "[i_age] = 'NOT KNOWN'"),
        ("[I.SEX(NOT%20KNOWN)] = '1'", "[i_sex(NOT_KNOWN)] = '1'"),
        ("round(sum([I.AGE], 2), 1)", "round(sum([i_age], 2), 1)"),
        ("[visit_1][I.AGE] = ''", "[visit_1][i_age] = ''"),
    ],
)
def test_names_and_codes_change_and_nothing_else_does(before: str, after: str) -> None:
    assert renamed(parse(before), NAMES) == parse(after)


def test_a_text_without_such_names_stays_as_written() -> None:
    assert renamed_text("[other]='1'  and [more]<>2", NAMES) == "[other]='1'  and [more]<>2"


def test_a_text_that_cannot_be_read_stays_as_written() -> None:
    assert renamed_text("[I.AGE] > ) 1", NAMES) == "[I.AGE] > ) 1"
