"""enableWhen and FHIRPath of a Questionnaire become conditions that hold exactly where the item is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forms_catalog import formats
from tests.forms_catalog.formats.fhir_files import FILES, choice, codes, expression, extension, item, only, read
from tests.shared_data import needs_shared


def when(question: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator, **answer}


def branching(*rules: dict[str, Any], **more: Any) -> str:
    """The condition of an item after one question of each kind: c choice, m several, b boolean, n number, t text."""
    questions = [choice("c", "x", "y"), choice("m", "x", "y", repeats=True), item("b", "boolean")]
    numbers = [item("n", "integer"), item("t"), item("d", "date")]
    return only(*questions, *numbers, item("it", enableWhen=list(rules), **more)).branching


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (when("c", answerCoding={"code": "x"}), "[c] = 'x'"),
        (when("c", answerCoding={"display": "X"}), "[c] = 'x'"),
        (when("c", "!=", answerCoding={"code": "x"}), "[c] <> 'x'"),
        (when("m", answerCoding={"code": "x"}), "[m(x)] = '1'"),
        (when("m", "!=", answerCoding={"code": "x"}), "[m(x)] <> '1'"),
        (when("m", "exists", answerBoolean=True), "([m(x)] = '1' or [m(y)] = '1')"),
        (when("m", "exists", answerBoolean=False), "[m(x)] <> '1' and [m(y)] <> '1'"),
        (when("t", "exists", answerBoolean=True), "[t] <> ''"),
        (when("t", "exists", answerBoolean=False), "[t] = ''"),
        (when("b", answerBoolean=True), "[b] = '1'"),
        (when("b", answerBoolean=False), "[b] = '0'"),
        (when("n", ">=", answerInteger=-3), "[n] >= -3"),
        (when("n", "<", answerDecimal=2.5), "[n] < 2.5"),
        (when("d", ">", answerDate="2020-01-31"), "[d] > '2020-01-31'"),
        ({"question": "t", "hasAnswer": True}, "[t] <> ''"),
        ({"question": "t", "hasAnswer": False}, "[t] = ''"),
        ({"question": "c", "answerCoding": {"code": "y"}}, "[c] = 'y'"),
    ],
)
def test_each_operator(rule: dict[str, Any], text: str) -> None:
    assert branching(rule) == text


def test_several_conditions_are_any_unless_the_item_says_all() -> None:
    rules = [when("n", ">", answerInteger=1), when("t", answerString="a")]
    assert branching(*rules) == "([n] > 1 or [t] = 'a')"
    assert branching(*rules, enableBehavior="any") == "([n] > 1 or [t] = 'a')"
    assert branching(*rules, enableBehavior="all") == "[n] > 1 and [t] = 'a'"


def test_an_item_in_a_hidden_group_or_under_a_hidden_question_is_hidden() -> None:
    inner = item("b", item=[item("c", enableWhen=[when("q", "!=", answerInteger=5)])])
    inner["enableWhen"] = [when("q", "<", answerInteger=3), when("q", ">", answerInteger=7)]
    group = item("g", "group", enableWhen=[when("q", "exists", answerBoolean=True)], item=[inner])
    fields = {f.name: f for f in read(item("q", "integer"), group).fields}
    assert fields["b"].branching == "[q] <> '' and ([q] < 3 or [q] > 7)"
    assert fields["c"].branching == "[q] <> '' and ([q] < 3 or [q] > 7) and [q] <> 5"
    assert fields["c"].branching_as_written.splitlines()[2] == "enableWhen: q != 5"


@pytest.mark.parametrize("rule", [when("t", "~", answerString="a"), when("t"), when("t", "like", answerString="a")])
def test_a_condition_that_cannot_be_read_is_kept_and_the_item_asked(rule: dict[str, Any]) -> None:
    spec = read(item("t"), item("it", enableWhen=[rule]))
    assert codes(spec) == ["branching_unreadable"]
    assert spec.fields[1].branching.startswith("enableWhen: t")
    assert formats.summary(spec)["branching"] == {"total": 1, "parsed": 0}


def test_a_group_that_cannot_be_read_makes_its_items_unreadable_too() -> None:
    group = item("g", "group", extension=[expression("enableWhenExpression", "%patient.gender = 'male'")])
    group["item"] = [item("a", enableWhen=[when("t", answerString="x")]), item("b")]
    spec = read(item("t"), group)
    assert [f.branching for f in spec.fields[1:]] == [
        "%patient.gender = 'male'\nenableWhen: t = x",
        "%patient.gender = 'male'",
    ]
    assert codes(spec) == ["branching_unreadable"] * 2


def test_inside_one_repetition_the_answer_of_that_repetition_counts() -> None:
    def group(*items: dict[str, Any]) -> dict[str, Any]:
        return item("g", "group", repeats=True, item=list(items))

    inside = item("b", enableWhen=[when("a", answerString="x")])
    assert only(group(item("a"), inside)).branching == "[a] = 'x'"
    assert codes(read(group(item("a")), inside)) == ["branching_unreadable"]


def test_another_unit_than_is_asked_is_not_compared() -> None:
    unit = extension("questionnaire-unit", valueCoding={"code": "kg", "display": "kg"})
    rules = [when("w", ">", answerQuantity={"value": 80, "unit": name}) for name in ("kg", "[lb_av]")]
    weight = item("w", "quantity", extension=[unit])
    assert only(weight, item("a", enableWhen=rules[:1])).branching == "[w] > 80"
    assert codes(read(weight, item("a", enableWhen=rules[1:]))) == ["branching_unreadable"]


def test_unknown_items_and_choices_in_conditions_are_reported() -> None:
    spec = read(
        choice("c", "x", repeats=True),
        item("a", enableWhen=[when("ghost", answerString="1")]),
        item("b", enableWhen=[when("c", answerCoding={"code": "z"})]),
    )
    assert codes(spec) == ["branching_unknown_field", "branching_unknown_choice"]


def test_variables_of_the_questionnaire_are_put_in() -> None:
    name = {"url": "http://hl7.org/fhir/StructureDefinition/variable"}
    name["valueExpression"] = {  # type: ignore[assignment]
        "name": "age",
        "language": "text/fhirpath",
        "expression": "%resource.item.where(linkId='n').answer.value",
    }
    asked = item("a", extension=[expression("enableWhenExpression", "%age > 17")])
    assert only(item("n", "integer"), asked, extension=[name]).branching == "[n] > 17"


def test_scores_of_choices_add_up() -> None:
    score = extension("ordinalValue", valueDecimal=2)
    options = [{"valueCoding": {"code": "x"}, "extension": [score]}, {"valueCoding": {"code": "y"}}]
    sum_up = "%resource.descendants().where(linkId='c').answer.value.ordinal() + 1"
    computed = item("s", "decimal", extension=[expression("calculatedExpression", sum_up)])
    assert only(item("c", "choice", answerOption=options), computed).calculation == "if([c] = 'x', 2, '') + 1"


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_real_conditions_are_translated_but_for_those_about_the_patient(path: Path) -> None:
    spec = formats.read(path.read_bytes())
    failed = [p for p in spec.problems if p.code.endswith(("_unreadable", "_unknown_field"))]
    assert all("%patient" in p.message or "iif() with 5" in p.message for p in failed)
    assert path.stem == "cirg_cnics_audit" or not failed
