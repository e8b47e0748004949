"""XLSForm expressions become the one tree where they mean the same, and are refused where they do not."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_catalog.language import LogicError, evaluate, parse, to_text
from forms_catalog.language.tree import FieldRef
from forms_catalog.language.xpath import Question, read_condition, read_xpath
from forms_catalog.language.xpath_writing import write_xpath

QUESTIONS = {
    "many": Question("multichoice", ("a", "b")),
    "one": Question("choice", ("a", "b")),
    "born": Question("date"),
    "age": Question("integer"),
    "word": Question("text"),
}

CONDITIONS = {
    "selected(${many}, 'a')": "[many(a)] = '1'",
    "selected(${one}, 'a')": "[one] = 'a'",
    "selected(${ one }, 2)": "[one] = '2'",
    "not(selected(${many}, 'a') or ${age} >= 18)": "not ([many(a)] = '1' or [age] >= 18)",
    "${many} = 'a'": "[many(a)] = '1' and [many(b)] <> '1'",
    "${many} != 'a'": "[many(a)] <> '1' or [many(b)] = '1'",
    "'' = ${many}": "[many(a)] <> '1' and [many(b)] <> '1'",
    "count-selected(${many}) > 1": "sum(0, [many(a)], [many(b)]) > 1",
    "count-selected(${one}) = 0": "if([one] <> '', 1, 0) = 0",
    "${word}": "[word] <> ''",
    "${word} and ${age} != 5": "[word] <> '' and [age] <> 5",
    "../one = 'a' or /data/group/age < 3": "[one] = 'a' or [age] < 3",
    ". >= 1 and . <= 10": "[age] >= 1 and [age] <= 10",
    "${age} mod 2 = 1": "mod([age], 2) = 1",
    "${one} = “a”": "[one] = 'a'",
    "${born} <= today()": "[born] <= calcdate('today', 0, 'd')",
    "${born} > date('2020-01-31')": "[born] > '2020-01-31'",
    "string-length(${word}) < 5": "length([word]) < 5",
    "contains(${word}, '@')": "contains([word], '@')",
    "true() or false()": "true or false",
    "not(${one}='a') and ${age}=1 or ${age}=2": "not ([one] = 'a') and [age] = 1 or [age] = 2",
    "${many}": "[many(a)] = '1' or [many(b)] = '1'",
}

VALUES = {
    "${age} div 12 * 2": "[age] / 12 * 2",
    "1 - (2 - 3) - -${age}": "1 - (2 - 3) - -[age]",
    "int((today() - ${born}) div 365.25)": "rounddown(datediff([born], 'today', 'd', true) / 365.25)",
    "decimal-date-time(today()) - decimal-date-time(${born})": "datediff([born], 'today', 'd', true)",
    "date(${born} + 7)": "calcdate([born], 7, 'd')",
    "${born} - 2": "calcdate([born], -2, 'd')",
    "format-date(${born}, '%Y')": "year([born])",
    "format-date(today(), '%n')": "month('today')",
    "if(${age} > 17, 'adult', \"child's\")": "if([age] > 17, 'adult', 'child\\'s')",
    "coalesce(${age}, 0) + 1": "if([age] <> '', [age], 0) + 1",
    "substr(${word}, 1, 3)": "mid([word], 2, 2)",
    "concat(${word}, ' ', ${age})": "concat([word], ' ', [age])",
    "round(${age} div 3, 2)": "round([age] / 3, 2)",
    "number(${word})": "[word] + 0",
    "pow(${age}, 2)": "[age] ^ 2",
    "string(${age})": "concat([age])",
    "log10(${age})": "log([age], 10)",
}

NOT_SAID = [
    "regex(., '^[a-z]+$')",
    "pulldata('file', 'a', 'b', ${age})",
    "instance('list')/root/item[name = ${one}]/label",
    "indexed-repeat(${age}, ${group}, 1)",
    "once(random())",
    "now() > ${born}",
    "position(..) = 1",
    "${word} < 'm'",
    "contains(${word}, 'ab')",
    "${many} + 1",
    "concat(${many}, 'x')",
    "selected(${word}, 'a')",
    "selected(${many}, ${one})",
    "${many} = 'z'",
    "${many} > 1",
    "(${age} = 1) = ${word}",
    "${born} + ${born}",
    "format-date(${born}, '%d')",
    "format-date(${word}, '%Y')",
    "substr(${word}, -3)",
    "substr(${word}, ${age})",
    "date(${word})",
    "${last-saved#age}",
    "jr:choice-name(${one}, '${one}')",
]


@pytest.mark.parametrize(("text", "meant"), CONDITIONS.items())
def test_a_condition_means_the_same_in_the_one_language(text: str, meant: str) -> None:
    assert read_condition(text, QUESTIONS, "age") == parse(meant)


@pytest.mark.parametrize(("text", "meant"), VALUES.items())
def test_a_calculation_means_the_same_in_the_one_language(text: str, meant: str) -> None:
    assert read_xpath(text, QUESTIONS, "age") == parse(meant)


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_would_mean_something_else_is_refused(text: str) -> None:
    with pytest.raises(LogicError):
        read_condition(text, QUESTIONS, "age")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("1 +" * 5_000, "too_long"),
        ("(" * 5_000, "too_deep"),
        ("not(" * 200 + "1" + ")" * 200, "too_deep"),
        ("-" * 5_000 + "1", "too_deep"),
        ("${age} >", "syntax"),
        ("${age} ; drop", "syntax"),
        ("${a b} = 1", "bad_reference"),
        ("selected(${one})", "wrong_arguments"),
        ("if(1, 2)", "wrong_arguments"),
    ],
)
def test_what_cannot_be_read_names_its_cause(text: str, code: str) -> None:
    with pytest.raises(LogicError) as caught:
        read_xpath(text, QUESTIONS)
    assert caught.value.code == code
    assert caught.value.message


def test_the_error_names_the_column() -> None:
    with pytest.raises(LogicError, match="column 8"):
        read_xpath("${age} ! 1", QUESTIONS)


def test_a_dot_means_nothing_outside_of_a_question() -> None:
    with pytest.raises(LogicError, match=r"'\.' outside of a question"):
        read_condition(". > 1", QUESTIONS)


@pytest.mark.parametrize("text", [*CONDITIONS, *VALUES])
def test_what_was_read_can_be_written_and_read_again(text: str) -> None:
    """Some have no word of their own in XLSForm and come back in other words, which then stay."""
    read = read_condition if text in CONDITIONS else read_xpath
    once = read(write_xpath(read(text, QUESTIONS, "age"), QUESTIONS, "age"), QUESTIONS, "age")
    assert read(write_xpath(once, QUESTIONS, "age"), QUESTIONS, "age") == once


WRITTEN = {
    "[many(a)] = '1'": "selected(${many}, 'a')",
    "[many(a)] = '0' or [many(b)] <> 1": "not(selected(${many}, 'a')) or not(selected(${many}, 'b'))",
    "[many(a)] + 1": "if(selected(${many}, 'a'), 1, 0) + 1",
    "sum([age], [other])": "if(concat(${age}, ${other}) = '', '', coalesce(${age}, 0) + coalesce(${other}, 0))",
    "[age] = 1 and ([age] = 2 or [one] = 'a')": "${age} = 1 and (${age} = 2 or ${one} = 'a')",
    "rounddown(datediff([born], 'today', 'y'), 0)": "int((abs(today() - ${born}) div 365.2425))",
    "datediff([born], '2020-01-01', 'd', true)": "(date('2020-01-01') - ${born})",
    "[born] > '2020-01-01'": "${born} > date('2020-01-01')",
    "[word] = 'it\\'s \"so\"'": "${word} = concat('it', \"'\", 's \"so\"')",
    "[age] % 2": "((${age} mod 2) + 2) mod 2",
    "not [age]": "not(${age} != '' and ${age} != 0)",
    "left([word], 2)": "substr(${word}, 0, 2)",
}


@pytest.mark.parametrize(("text", "written"), WRITTEN.items())
def test_the_one_language_is_written_as_xlsform_says_it(text: str, written: str) -> None:
    assert write_xpath(parse(text), QUESTIONS) == written


@pytest.mark.parametrize(
    "text",
    [
        "[visit_1][age] = 1",
        "[age][2] = 1",
        "[arm-number] = 1",
        "[many] = 'a'",
        "contains([word], 'ab')",
        "median([age], 1)",
        "[word] > 'm'",
        "datediff([word], [born], 'd')",
        "calcdate([born], 1, 'M')",
        "[many(a)] = [one]",
        "round([age], [one])",
    ],
)
def test_what_xlsform_cannot_say_is_not_written(text: str) -> None:
    with pytest.raises(LogicError, match="XLSForm cannot say"):
        write_xpath(parse(text), QUESTIONS)


@pytest.mark.parametrize(
    ("text", "answers", "value"),
    [
        ("count-selected(${many})", {"many(a)": "1", "many(b)": "1"}, 2.0),
        ("count-selected(${many})", {}, 0.0),
        ("int((today() - ${born}) div 365.25)", {"born": "2000-03-01"}, 26.0),
        ("coalesce(${age}, 7)", {}, 7.0),
        ("substr(${word}, 1, 3)", {"word": "abcd"}, "bc"),
        ("${born} <= today()", {"born": "2026-03-01"}, True),
        ("${born} <= today()", {}, False),
        ("today()", {}, "2026-03-02"),
        ("${age} + 1", {}, ""),
    ],
)
def test_translated_expressions_give_what_a_collecting_tool_would(
    text: str, answers: dict[str, str], value: object
) -> None:
    def lookup(ref: FieldRef) -> str:
        return answers.get(f"{ref.name}({ref.code})" if ref.code else ref.name, "")

    assert evaluate(read_xpath(text, QUESTIONS), lookup, today="2026-03-02") == value


@given(st.text(alphabet="${}age().,'\"<>=!+-*/ ormdivnt019[]", max_size=60))
def test_no_text_does_more_than_raise_the_one_error(text: str) -> None:
    with contextlib.suppress(LogicError):
        node = read_condition(text, QUESTIONS, "age")
        assert parse(to_text(node)) == node


def test_long_texts_take_no_time() -> None:
    started = time.process_time()
    for text in ("${age} = 1 or " * 600 + "true()", "1+" * 4_000 + "1", "${" * 4_000, "not(" * 140 + "1" + ")" * 140):
        try:
            read_condition(text, QUESTIONS)
        except LogicError:
            continue
    assert time.process_time() - started < 10
