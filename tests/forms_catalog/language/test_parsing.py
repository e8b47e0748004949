"""Text to tree: precedence, references, refusals with a column."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog.language import (
    Call,
    FieldRef,
    LogicError,
    Number,
    Op,
    Ref,
    Text,
    depth_of,
    from_json,
    parse,
    references,
    to_json,
)

A, B = Ref(FieldRef("a")), Ref(FieldRef("b"))


def test_and_binds_closer_than_or() -> None:
    tree = parse("[a] or [b] and [a]")
    assert tree == Op("or", (A, Op("and", (B, A))))


def test_brackets_win_over_precedence() -> None:
    assert parse("([a] or [b]) and [a]") == Op("and", (Op("or", (A, B)), A))


@pytest.mark.parametrize("written", ["<>", "!=", "!==", "< >"])
def test_every_way_to_write_unequal_is_one_operator(written: str) -> None:
    assert parse(f"[a] {written} '1'") == Op("<>", (A, Text("1")))


@pytest.mark.parametrize("written", ["=", "==", "==="])
def test_every_way_to_write_equal_is_one_operator(written: str) -> None:
    assert parse(f"[a]{written}1") == Op("=", (A, Number("1")))


def test_a_space_inside_an_operator_is_forgiven() -> None:
    assert parse("[a] > ='12'") == Op(">=", (A, Text("12")))


def test_words_and_signs_of_and_or_not_mean_the_same() -> None:
    assert parse("![a] && [b] || [a]") == parse("NOT [a] AND [b] OR [a]")


def test_a_long_sum_is_one_operator() -> None:
    tree = parse(" + ".join(["[a]"] * 60))
    assert isinstance(tree, Op)
    assert len(tree.args) == 60
    assert depth_of(tree) == 2


def test_minus_and_power_nest_as_in_arithmetic() -> None:
    assert parse("-2^2") == Op("neg", (Op("^", (Number("2"), Number("2"))),))
    assert parse("1-2-3") == Op("-", (Number("1"), Number("2"), Number("3")))


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("[race(2)]", FieldRef("race", code="2")),
        ("[race(2):checked]", FieldRef("race", code="2", modifier="checked")),
        ("[visit_1_arm_1][dob]", FieldRef("dob", event="visit_1_arm_1")),
        ("[visit_1_arm_1][race(B05)][2]", FieldRef("race", event="visit_1_arm_1", code="B05", instance="2")),
        ("[dob][last-instance]", FieldRef("dob", instance="last-instance")),
        ("[arm-number]", FieldRef("arm-number")),
    ],
)
def test_a_reference_names_event_field_code_and_instance(text: str, ref: FieldRef) -> None:
    assert references(parse(text)) == {ref}


def test_smart_variables_are_told_from_fields() -> None:
    assert FieldRef("arm-number").smart
    assert not FieldRef("arm_number").smart


def test_comments_and_hard_spaces_are_skipped() -> None:
    assert parse("# EARS (yes)\n[a]\xa0= 1 // why") == parse("[a]=1")


def test_functions_are_read_in_any_case() -> None:
    assert parse("Round([a], 2)") == Call("round", (A, Number("2")))


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("  ", "empty", 0),
        ("[a] = 'x' and", "syntax", 14),
        ("[a] = 1 2", "syntax", 9),
        ("[a", "syntax", 1),
        ("[a] = male", "syntax", 11),
        ("1 + oops([a])", "unknown_function", 5),
        ("if([a]='1')", "wrong_arguments", 1),
        ("[a b] = 1", "bad_reference", 1),
        ("[a][b][c] = 1", "bad_reference", 1),
        ("'1' = [a](", "syntax", 10),
        ("1" * 10_001, "too_long", 0),
    ],
)
def test_what_cannot_be_read_says_where(text: str, code: str, column: int) -> None:
    with pytest.raises(LogicError) as caught:
        parse(text)
    assert (caught.value.code, caught.value.column) == (code, column)


@pytest.mark.parametrize(
    "bomb", ["(" * 100_000, "(" * 9_000, "!" * 9_000 + "1", "-" * 9_000 + "1", "[a]=" * 2_400 + "1"]
)
def test_depth_bombs_are_refused_in_a_moment(bomb: str) -> None:
    began = time.process_time()
    with pytest.raises(LogicError):
        parse(bomb)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "text", ["if([a(1)]='',round(sum([a],1.50),2),-[b])", "not ([a]<>'x') and true", "[e][a][2]>3"]
)
def test_a_tree_survives_json(text: str) -> None:
    tree = parse(text)
    assert from_json(to_json(tree)) == tree


@pytest.mark.parametrize(
    "damaged", [None, {}, {"op": "?", "args": []}, {"op": "not", "args": []}, {"number": "x"}, {"ref": {"q": 1}}]
)
def test_a_damaged_tree_is_refused(damaged: object) -> None:
    with pytest.raises(LogicError) as caught:
        from_json(damaged)
    assert caught.value.code == "bad_tree"


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(alphabet="[]()ab1.'\"=<>!+-*/^, \n#&|orandnotif", max_size=60))
def test_any_text_is_a_tree_or_a_logic_error(text: str) -> None:
    try:
        tree = parse(text)
    except LogicError:
        return
    assert from_json(to_json(tree)) == tree
