"""When a guardian's consent ends: the earliest day on which the patient can be of age."""

from __future__ import annotations

from datetime import date

import pytest

from capture.ask.facts import Answer, ConsentFact
from capture.ask.majority import of_age_on

CASES = [
    ({"date-of-birth": "2004-05-17"}, 18, date(2022, 5, 17)),
    ({"date-of-birth": "2004-05-17", "year-of-birth": "2003"}, 18, date(2022, 5, 17)),
    ({"year-of-birth": "2004"}, 18, date(2022, 1, 1)),
    ({"date-of-birth": "2004-05"}, 18, date(2022, 5, 1)),
    ({"date-of-birth": "2004-02-29"}, 18, date(2022, 2, 28)),
    ({"date-of-birth": "2004-02-29"}, 20, date(2024, 2, 29)),
    ({"date-of-birth": "not known", "year-of-birth": "2004"}, 16, date(2020, 1, 1)),
    ({"date-of-birth": "2004-05-17"}, None, None),
    ({}, 18, None),
]


@pytest.mark.parametrize(("given", "age", "expected"), CASES)
def test_it_is_the_earliest_day_the_answers_allow(
    given: dict[str, str], age: int | None, expected: date | None
) -> None:
    answers = [Answer(element, "", "p1", value) for element, value in given.items()]
    assert of_age_on(answers, age) == expected


@pytest.mark.parametrize(("by", "holds"), [("guardian", [True, False]), ("patient", [True, True])])
def test_a_guardians_consent_holds_until_that_day_and_the_patients_own_goes_on(by: str, holds: list[bool]) -> None:
    consent = ConsentFact(1, date(2015, 1, 1), given_by=by, of_age_on=date(2022, 5, 17))
    assert [consent.holds(date(2022, 5, d)) for d in (16, 17)] == holds
