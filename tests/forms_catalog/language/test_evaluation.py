"""Tree and answers to a value: missing values, comparison, functions, dates, budgets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog.language import Budget, FieldRef, LogicError, Value, evaluate, holds, parse, text_of

ANSWERS = {"three": "3", "blank": "", "word": "yes", "day": "2020-01-31", "later": "2020-03-01", "race(2)": "1"}


def lookup(ref: FieldRef) -> str | None:
    return ANSWERS.get(f"{ref.name}({ref.code})" if ref.code else ref.name)


def value(text: str, today: str = "") -> Value:
    return evaluate(parse(text), lookup, today=today)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[blank] = ''", True),
        ("[never_asked] = ''", True),
        ("[blank] <> ''", False),
        ("[three] <> ''", True),
        ("[blank] <> '1'", True),
        ("[blank] = '0'", False),
        ("[blank] < '5'", False),
        ("[blank] >= '0'", False),
        ("[three] = 3.0", True),
        ("[three] > '20'", False),
        ("[word] = 'yes'", True),
        ("[word] = 'Yes'", False),
        ("[day] < [later]", True),
        ("[race(2)] = '1'", True),
        ("[race(9)] = '1'", False),
        ("[race(2)]", True),
        ("not [blank]", True),
        ("[three]='3' and ([word]='no' or [blank]='')", True),
    ],
)
def test_conditions_read_as_in_redcap(text: str, expected: bool) -> None:
    assert holds(parse(text), lookup) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[three] * 2 - 1", "5"),
        ("[blank] + 1", ""),
        ("[word] + 1", ""),
        ("1 / 0", ""),
        ("9 ^ 9 ^ 9", ""),
        ("(0-8) ^ 0.5", ""),
        ("7 % 4", "3"),
        ("round(2.675, 2)", "2.68"),
        ("round(0-2.5)", "-3"),
        ("roundup(2.1)", "3"),
        ("rounddown(2.99, 1)", "2.9"),
        ("floor(0-2.1)", "-3"),
        ("ceil(2.1)", "3"),
        ("abs(0-2)", "2"),
        ("sum('', 1, [three])", "4"),
        ("sum([blank])", ""),
        ("mean(1, 2, [blank])", "1.5"),
        ("median(1, 9, 2)", "2"),
        ("min(4, [three], '')", "3"),
        ("max(4, [three])", "4"),
        ("stdev(2, 4)", "1.4142135623730951"),
        ("sqrt(0-1)", ""),
        ("log(8, 2)", "3"),
        ("concat(1 / 10000000, '')", "0.0000001"),
        ("isnumber(concat(10 ^ 22))", "1"),
        ("median(1" + "0" * 308 + ", 1" + "0" * 308 + ")", ""),
        ("if([three] > 2, 'high', 'low')", "high"),
        ("isnumber([word])", "0"),
        ("isinteger([three])", "1"),
        ("isblankormissingcode([blank])", "1"),
        ("concat([word], '/', [three])", "yes/3"),
        ("concat_ws('-', 'a', '', 'b')", "a-b"),
        ("left('abc', 2)", "ab"),
        ("right('abc', 2)", "bc"),
        ("mid('abcd', 2, 2)", "bc"),
        ("find('c', 'abc')", "3"),
        ("ends_with('a/', '/')", "1"),
        ("replace_text('aXa', 'X', '')", "aa"),
        ("round(1" + "0" * 400 + ", 2)", ""),
    ],
)
def test_calculations_give_what_redcap_gives(text: str, expected: str) -> None:
    assert text_of(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("datediff([day], [later], 'd')", "30"),
        ("datediff([later], [day], 'd')", "30"),
        ("datediff([later], [day], 'd', true)", "-30"),
        ("datediff([later], [day], 'd', 'ymd', true)", "-30"),
        ("datediff('31-01-2020', '01-03-2020', 'd', 'dmy')", "30"),
        ("datediff([day], 'today', 'd')", "1"),
        ("rounddown(datediff('1980-02-01', 'today', 'y'), 0)", "40"),
        ("datediff([blank], 'today', 'd')", ""),
        ("datediff('2020-02-31', 'today', 'd')", ""),
        ("datediff('2020-01-01 06:00', '2020-01-01 09:30', 'h')", "3.5"),
        ("datediff('08:00', '09:00', 'm')", "60"),
        ("calcdate([day], 30, 'd')", "2020-03-01"),
        ("calcdate('0005-01-31 06:00', 1, 'd')", "0005-02-01 06:00"),
        ("datediff('T', [day], 'd')", ""),
        ("calcdate([day], 1" + "0" * 30 + ", 'd')", ""),
        ("year([day]) + month([day]) + day([day])", "2052"),
    ],
)
def test_dates_are_counted_as_in_redcap(text: str, expected: str) -> None:
    assert text_of(value(text, today="2020-02-01")) == expected


def test_today_is_missing_unless_it_is_given() -> None:
    assert value("datediff([day], 'today', 'd')") == ""


def test_only_the_chosen_branch_of_if_is_evaluated() -> None:
    read: list[str] = []
    evaluate(parse("if(1, [a], [b])"), lambda ref: read.append(ref.name) or "")  # type: ignore[func-returns-value]
    assert read == ["a"]


@pytest.mark.parametrize("budget", [Budget(steps=5), Budget(depth=1)])
def test_an_evaluation_stops_at_its_budget(budget: Budget) -> None:
    with pytest.raises(LogicError) as caught:
        evaluate(parse("1 + 2 + 3 + 4 + 5"), lookup, budget)
    assert caught.value.code == "budget"


ANY_VALUE = st.one_of(st.text(max_size=8), st.sampled_from(["", "1", "-2.5", "9" * 310, "2020-02-29", "23:59", "true"]))
EXPRESSIONS = [
    "datediff([a], [b], 'y')", "calcdate([a], [b], 'M')", "round([a] / [b], [b])", "[a] ^ [b] % 3", "log([a], [b])",
    "mid([a], [b], [b])", "replace_text([a], [b], [a])", "stdev([a], [b], 1)", "exp([a])", "mod([a], [b])",
    "[a] < [b] or not [a] >= [b]", "year([a])", "find([a], [b])", "sum([a], [b]) * -[a]",
    "ceil([a]) + roundup([b], [a])",
]  # fmt: skip


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from(EXPRESSIONS), ANY_VALUE, ANY_VALUE)
def test_no_answer_makes_an_evaluation_fail(text: str, a: str, b: str) -> None:
    result = evaluate(parse(text), lambda ref: a if ref.name == "a" else b, today="2020-02-01")
    assert isinstance(text_of(result), str)
