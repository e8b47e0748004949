"""FHIRPath means the same after translation, also where an answer is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_catalog.language import FieldRef, LogicError, evaluate, holds, to_text
from forms_catalog.language.fhirpath import Answer, calculation_of, condition_of

ITEMS = {
    "x": Answer("x", ("a", "b"), labels=("A", "B"), weights=("0", "1.5")),
    "m": Answer("m", ("a", "b"), many=True),
    "n": Answer("n", number=True),
    "k": Answer("k", number=True),
    "b": Answer("b", ("1", "0"), boolean=True),
    "t": Answer("t"),
    "r": Answer("r", repeated=True),
}
PATHS = {f"${name}": f"%resource.item.where(linkId='{name}').answer" for name in ITEMS}


def spelled(text: str) -> str:
    for short, path in PATHS.items():
        text = text.replace(short + ".", path + ".")
    return text


def condition(text: str) -> str:
    return to_text(condition_of(spelled(text), ITEMS.get))


def calculation(text: str) -> str:
    return to_text(calculation_of(spelled(text), ITEMS.get))


@pytest.mark.parametrize(
    ("fhirpath", "ours"),
    [
        ("$x.value.code = 'a'", "[x] = 'a'"),
        ("$x.valueCoding.code != 'a'", "[x] <> '' and [x] <> 'a'"),
        ("$x.empty() != true", "[x] <> ''"),
        ("$x.exists().not()", "[x] = ''"),
        ("$x.where(value.code='a' or value.code='b').exists()", "[x] = 'a' or [x] = 'b'"),
        ("$m.value.where(code = 'a').empty()", "[m(a)] <> '1'"),
        ("$m.exists(value.code='b')", "[m(b)] = '1'"),
        ("$m.exists()", "[m(a)] = '1' or [m(b)] = '1'"),
        ("'a' in $m.value.code", "[m(a)] = '1'"),
        ("$m.value.code contains 'a'", "[m(a)] = '1'"),
        ("$n.value + 2 > 3.5", "[n] + 2 > 3.5"),
        ("-$n.value < -3", "-[n] < -3"),
        ("$b.value", "[b] = '1'"),
        ("$b.value = false", "[b] = '0'"),
        ("$t.value = $n.value", "[t] <> '' and [n] <> '' and [t] = [n]"),
        ("@2020-01-31 < $t.value", "'2020-01-31' < [t]"),
        ("$n.value > 1 implies $b.value", "[n] <= 1 or [b] = '1'"),
        ("iif($b.value, $n.value > 1)", "[b] = '1' and [n] > 1"),
        ("%resource.item.where(linkId='g').item.where(linkId='n').answer.value > 1", "[n] > 1"),
        ("item.repeat(item).where('n' = linkId).answer.first().value > 1 // why", "[n] > 1"),
        ("$m.count() > 1", "sum(if([m(a)] = '1', 1, 0), if([m(b)] = '1', 1, 0)) > 1"),
        ("true", "true"),
    ],
)
def test_conditions(fhirpath: str, ours: str) -> None:
    assert condition(fhirpath) == ours


@pytest.mark.parametrize(
    ("fhirpath", "ours"),
    [
        ("iif($x.empty(), 0, $x.value.ordinal())", "if([x] = '', 0, if([x] = 'a', 0, if([x] = 'b', 1.5, '')))"),
        (
            "$x.valueCoding.extension('http://hl7.org/fhir/StructureDefinition/ordinalValue').valueDecimal.toInteger()",
            "if([x] = 'a', 0, if([x] = 'b', 1.5, ''))",
        ),
        ("$x.value.display", "if([x] = 'a', 'A', if([x] = 'b', 'B', ''))"),
        ("($n.value / 2).round(1)", "round([n] / 2, 1)"),
        ("$n.value div 2 mod 3", "mod(rounddown([n] / 2, 0), 3)"),
        ("$t.value & '!'", "concat([t], '!')"),
        ("$t.value + '!'", "if([t] = '', '', concat([t], '!'))"),
        ("$n.value > 3", "if([n] > 3, '1', if([n] <= 3, '0', ''))"),
        ("iif($x.exists(), 'it\\'s', null)", "if([x] <> '', 'it\\'s', '')"),
    ],
)
def test_calculations(fhirpath: str, ours: str) -> None:
    assert calculation(fhirpath) == ours


@pytest.mark.parametrize(
    "fhirpath",
    [
        "%patient.gender = 'male'",
        "$m.value.code = 'a'",
        "$r.value = 'a'",
        "$t.value = ''",
        "$t.value.matches('x')",
        "$m.all(value.code = 'a')",
        "today() > @2020-01-01",
        "%resource.item.where(linkId='ghost').answer.exists()",
        "%resource.item.where(text='x').answer.exists()",
        "$x.value.code = ",
        "iif(true, 1, 2, 3)",
        "",
        "(" * 200,
        "$n.value" + "+ 1" * 5_000,
        "iif(" * 100 + "true" + ",true,false)" * 100,
        "- " * 3_000 + "1",
    ],
)
def test_what_is_not_surely_the_same_is_refused(fhirpath: str) -> None:
    with pytest.raises(LogicError):
        calculation(fhirpath)


def test_text_that_doubles_with_every_step_is_refused() -> None:
    deep = "$b.value"
    for _ in range(40):
        deep = f"iif({deep}, $b.value.not(), $b.value)"
    with pytest.raises(LogicError):
        condition_of(spelled(deep)[:9_999], ITEMS.get)


MISSING = None
NUMBERS = st.sampled_from([MISSING, 0, 1, 2, 3])
TRUTHS = st.sampled_from([MISSING, True, False])


def three_valued(op: str, one: bool | None, other: bool | None) -> bool | None:
    """The truth table of the FHIRPath specification."""
    if op == "and":
        return False if one is False or other is False else None if one is None or other is None else True
    if op == "or":
        return True if one or other else None if one is None or other is None else False
    if op == "xor":
        return None if one is None or other is None else one != other
    return three_valued("or", None if one is None else not one, other)


@given(n=NUMBERS, k=NUMBERS, b=TRUTHS, op=st.sampled_from(["and", "or", "xor", "implies"]), negated=st.booleans())
def test_a_missing_answer_makes_a_condition_neither_true_nor_false(
    n: int | None, k: int | None, b: bool | None, op: str, negated: bool
) -> None:
    answers = {
        "n": "" if n is None else str(n),
        "k": "" if k is None else str(k),
        "b": {None: "", True: "1"}.get(b, "0"),
    }
    smaller = None if n is None or k is None else n < k
    wanted = three_valued(op, smaller, b)
    wanted = (None if wanted is None else not wanted) if negated else wanted
    text = f"($n.value < $k.value {op} $b.value)" + (".not()" if negated else "")

    def lookup(ref: FieldRef) -> str:
        return answers[ref.name]

    assert holds(condition_of(spelled(text), ITEMS.get), lookup) is (wanted is True)
    found = evaluate(calculation_of(spelled(text), ITEMS.get), lookup)
    assert found == {None: "", True: "1", False: "0"}[wanted]
