"""Every roll-up of rollups.json, one row each: forward, back, missing codes, unknown, precision, refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog.specs import Step
from forms_catalog.transforms import MISSING_CODES, ROLLUPS, Answer, Outcome, inverse
from tests.forms_catalog.transforms.made import facts, recode, rollup, run, said
from tests.forms_catalog.transforms.rollup_rows import BORN, INFUSED, ROWS, Answers
from tests.sizes import size

FORWARD = [(name, answers, said_) for name, row in ROWS.items() for answers, said_ in row.forward]
BACK = [(name, value, codes) for name, row in ROWS.items() for value, codes in row.back.items()]
REFUSED = [(name, answers) for name, row in ROWS.items() for answers in row.refused]


def rolled(name: str, *answers: Answer) -> Outcome:
    return run(rollup(name, **ROWS[name].args), *answers, at=facts("2026-06-30", "2026-01-01"))


def test_every_roll_up_has_its_row() -> None:
    assert set(ROWS) == set(ROLLUPS)


@pytest.mark.parametrize(("name", "answers", "expected"), FORWARD)
def test_forward_gives_a_value_or_says_why_not(name: str, answers: Answers, expected: str) -> None:
    outcome = rolled(name, *answers)
    assert outcome.refusal == ""
    assert (outcome.value or outcome.note) == expected or (not outcome.value and expected in outcome.note)


@pytest.mark.parametrize(("name", "value", "codes"), BACK)
def test_back_gives_the_codes_that_suffice(name: str, value: str, codes: set[str]) -> None:
    options = ("x", "y", "z", "unknown") if name == "is_one_of" else ()
    assert inverse((rollup(name, **ROWS[name].args),), value, options) == codes


@pytest.mark.parametrize(("name", "value", "codes"), [row for row in BACK if row[2]])
def test_every_code_that_is_given_back_leads_to_the_value(name: str, value: str, codes: set[str]) -> None:
    for code in codes:
        assert rolled(name, said("a", code)).value == value


@pytest.mark.parametrize(("name", "answers"), REFUSED)
def test_what_cannot_be_worked_out_is_refused_with_words(name: str, answers: Answers) -> None:
    outcome = rolled(name, *answers)
    assert outcome.value == ""
    assert len(outcome.refusal) > 20


def test_a_time_without_a_unit_is_refused() -> None:
    assert "needs a unit: days, weeks, months, years" in run(rollup("time_between"), BORN, INFUSED).refusal


@pytest.mark.parametrize(
    ("start", "end", "unit", "value"),
    [
        ("2024-02-29", "2025-02-28", "years", "0"),
        ("2024-02-29", "2025-03-01", "years", "1"),
        ("2026-01-31", "2026-02-28", "months", "0"),
        ("2026-01-15", "2026-03-14", "months", "1"),
        ("2026-01-01", "2026-01-15", "weeks", "2"),
        ("2026-03-28", "2026-03-30", "days", "2"),
        ("2026", "2026", "days", ""),
    ],
)
def test_completed_units_are_counted(start: str, end: str, unit: str, value: str) -> None:
    outcome = run(rollup("time_between", unit=unit), said("a", start), said("b", end))
    assert outcome.value == value


CODES = st.sampled_from("pqrstuv")
TABLES = st.dictionaries(CODES, st.sampled_from(["1", "2", "3", "yes", "no"]), min_size=1)
SETS = st.lists(CODES, min_size=1, max_size=3, unique=True)
LOCAL = st.one_of(
    SETS.map(lambda codes: rollup("is_one_of", codes=codes)),
    SETS.map(lambda order: rollup("first_code", order=order)),
    CODES.map(lambda code: rollup("includes", code=code)),
    SETS.map(lambda carry: rollup("qualified", carry=carry)),
    SETS.map(lambda yes_: rollup("ever", yes=yes_)),
    SETS.map(lambda yes_: rollup("sent_of", yes=yes_, no=["w"])),
    st.lists(st.tuples(SETS, st.sampled_from("123")), min_size=1, max_size=4).map(
        lambda rules: rollup("if_else", rules=[{"source": "a", "is": codes, "then": then} for codes, then in rules])
    ),
    st.just(rollup("first_known")),
)
MAPS = TABLES.map(lambda table: recode(table, missing={"not-done": "9"}))
ANSWERED = TABLES.map(lambda table: recode({"yes": "Y", "no": "N", **{v: k for k, v in table.items()}}))
CHAINS = st.one_of(MAPS.map(lambda s: (s,)), LOCAL.map(lambda s: (s,)), st.tuples(LOCAL, ANSWERED))


@pytest.mark.thorough
@settings(max_examples=size(150, 5_000), deadline=None)
@given(CHAINS, st.sampled_from(["1", "2", "3", "yes", "no", "Y", "N", "9", *"pqrstuvw"]))
def test_whatever_the_steps_what_is_given_back_leads_to_the_value(steps: tuple[Step, ...], value: str) -> None:
    for code in inverse(steps, value, tuple("pqrstuvw")):
        assert run(steps, said("a", code)).value == value


@pytest.mark.thorough
@settings(max_examples=size(100, 5_000), deadline=None)
@given(CHAINS, st.sampled_from(list(MISSING_CODES)))
def test_no_roll_up_makes_a_value_of_a_missing_code(steps: tuple[Step, ...], missing: str) -> None:
    outcome = run(steps, said("a", missing=missing))
    assert outcome.value in ("", "9")
    assert outcome.value == "" or missing == "not-done"
