"""How each part of an ODM item is understood: types, lists, limits, units, conditions, codes."""

from __future__ import annotations

import pytest

from forms_catalog import formats
from forms_catalog.specs import Option
from tests.forms_catalog.formats.odm_files import codes_of, in_form, item, odm, read_one, shown

LIST = (
    '<CodeList OID="C" Name="C" DataType="text"><CodeListItem CodedValue="1"><Decode><TranslatedText xml:lang="en">Yes'
    '</TranslatedText><TranslatedText xml:lang="de">Ja</TranslatedText></Decode></CodeListItem></CodeList>'
)


def condition(expression: str, context: str = "OpenEDC") -> str:
    return (
        '<ConditionDef OID="K" Name="K"><Description><TranslatedText>Only women</TranslatedText></Description>'
        f'<FormalExpression Context="{context}">{expression}</FormalExpression></ConditionDef>'
    )


def asked_when(expression: str, context: str = "OpenEDC") -> str:
    """The branching of item X, whose condition reads items SEX, AGE (numbers) and ILL (true or false)."""
    items = item("SEX") + item("AGE", "integer") + item("ILL", "boolean") + item("X")
    refs = shown("SEX") + shown("AGE") + shown("ILL") + shown("X", 'CollectionExceptionConditionOID="K"')
    spec = formats.read(odm(in_form(items, refs, condition(expression, context))))
    return spec.fields[3].branching


@pytest.mark.parametrize(
    ("data_type", "kind"),
    [
        ("text", "text"),
        ("string", "text"),
        ("URI", "text"),
        ("integer", "integer"),
        ("float", "decimal"),
        ("double", "decimal"),
        ("date", "date"),
        ("partialDate", "date"),
        ("datetime", "datetime"),
        ("incompleteDatetime", "datetime"),
        ("partialTime", "time"),
        ("boolean", "choice"),
        ("durationDatetime", "text"),
        ("base64Binary", "file"),
    ],
)
def test_data_types_become_kinds(data_type: str, kind: str) -> None:
    assert read_one(data_type=data_type).kind == kind


def test_an_unknown_type_is_asked_as_text_and_reported() -> None:
    spec = formats.read(odm(in_form(item("X", "colour"), shown("X"))))
    assert (spec.fields[0].kind, codes_of(spec)) == ("text", ["unknown_type"])


def test_a_long_text_is_a_note() -> None:
    assert read_one(Length="256").kind == "notes"
    assert read_one(Length="200").kind == "text"


def test_a_code_list_makes_a_choice_in_every_language() -> None:
    file = odm(in_form(item("X", "text", '<CodeListRef CodeListOID="C"/>'), shown("X"), LIST))
    spec = formats.read(file)
    assert spec.language == "en"
    assert (spec.fields[0].kind, spec.fields[0].options) == ("choice", (Option("1", "Yes"),))
    assert spec.fields[0].translations[0].options == (Option("1", "Ja"),)


def test_a_boolean_without_a_list_is_answered_yes_or_no() -> None:
    assert read_one(data_type="boolean").options == (Option("1", "Yes"), Option("0", "No"))


def test_enumerated_items_are_their_own_labels() -> None:
    more = '<CodeList OID="C" Name="C" DataType="text"><EnumeratedItem CodedValue="A+"/></CodeList>'
    assert read_one('<CodeListRef CodeListOID="C"/>', more=more).options == (Option("A+", "A+"),)


def test_an_external_list_is_named() -> None:
    more = '<CodeList OID="C" Name="C" DataType="text"><ExternalCodeList Dictionary="MedDRA" Version="27"/></CodeList>'
    spec = formats.read(odm(in_form(item("X", "text", '<CodeListRef CodeListOID="C"/>'), shown("X"), more)))
    assert spec.fields[0].kind == "choice"
    assert [(p.severity, p.code, "MedDRA 27" in p.message) for p in spec.problems] == [
        ("info", "choices_elsewhere", True)
    ]


def test_limits_include_their_ends() -> None:
    checks = (
        '<RangeCheck Comparator="GT" SoftHard="Soft"><CheckValue>0</CheckValue></RangeCheck>'
        '<RangeCheck Comparator="LT" SoftHard="Hard"><CheckValue>10</CheckValue></RangeCheck>'
        '<RangeCheck Comparator="LE" SoftHard="Hard"><CheckValue>7</CheckValue></RangeCheck>'
    )
    whole, broken = read_one(checks, "integer"), read_one(checks, "float")
    assert (whole.minimum, whole.maximum) == ("1", "7")
    assert (broken.minimum, broken.maximum) == ("0", "7")
    assert ("RangeCheck", "LT 10 Hard") in whole.original


def test_checks_that_are_no_limits_are_reported() -> None:
    check = '<RangeCheck Comparator="NE" SoftHard="Soft"><CheckValue>5</CheckValue></RangeCheck>'
    spec = formats.read(odm(in_form(item("X", "integer", check), shown("X"))))
    assert codes_of(spec) == ["check_not_kept"]


def test_a_unit_is_read_and_two_are_left_open() -> None:
    units = '<MeasurementUnitRef MeasurementUnitOID="A"/>'
    before = "<BasicDefinitions>" + "".join(
        f'<MeasurementUnit OID="{u}" Name="{u}"><Symbol><TranslatedText>{n}</TranslatedText></Symbol></MeasurementUnit>'
        for u, n in (("A", "kg"), ("B", "lbs"))
    )
    one = odm(in_form(item("X", "float", units), shown("X")), before=before + "</BasicDefinitions>")
    both = units + '<MeasurementUnitRef MeasurementUnitOID="B"/>'
    two = odm(in_form(item("X", "float", both), shown("X")), before=before + "</BasicDefinitions>")
    assert formats.read(one).fields[0].unit == "kg"
    assert (formats.read(two).fields[0].unit, codes_of(formats.read(two))) == ("", ["several_units"])


def test_a_unit_in_the_words_counts_where_there_is_no_other() -> None:
    assert read_one(data_type="float", question="Weight (kg)").unit == "kg"


def test_significant_digits_are_kept_in_the_word_redcap_has() -> None:
    assert read_one(data_type="float", SignificantDigits="2").validation == "number_2dp"


def test_mandatory_is_required_and_a_method_is_computed() -> None:
    more = '<MethodDef OID="M1" Name="BMI"><FormalExpression Context="OpenEDC">X * 2</FormalExpression></MethodDef>'
    assert read_one(reference='OrderNumber="1"').required is False
    items, refs = item("X", "float") + item("Y"), shown("X", 'MethodOID="M1"', "Yes") + shown("Y", "", "Yes")
    computed, typed = formats.read(odm(in_form(items, refs, more))).fields
    assert (computed.asks, computed.required, computed.calculation) == (False, False, "[X] * 2")
    assert typed.required


def test_a_method_in_words_is_kept_and_said_to_be_unread() -> None:
    words = "<Description><TranslatedText>Weight by height.</TranslatedText></Description>"
    more = f'<MethodDef OID="M1" Name="BMI">{words}</MethodDef>'
    spec = formats.read(odm(in_form(item("X"), shown("X", 'MethodOID="M1"'), more)))
    assert (spec.fields[0].calculation, codes_of(spec)) == ("Weight by height.", ["calculation_unreadable"])


@pytest.mark.parametrize(
    ("expression", "branching"),
    [
        ('!(SEX == "F")', "[SEX] = 'F'"),
        ("SEX == 'M'", "[SEX] <> 'M'"),
        ("SEX != 'F'", "[SEX] = 'F'"),
        ("AGE &gt; 40", "not [AGE] > 40"),
        ("AGE &gt; 40 &amp;&amp; SEX = 'M'", "not ([AGE] > 40 and [SEX] = 'M')"),
        ("G-AGE &lt; 18", "not [AGE] < 18"),
        ("ILL = 'false'", "[ILL] <> '0'"),
        ("ILL = true", "[ILL] <> '1'"),
    ],
)
def test_a_condition_says_when_not_to_ask_so_it_is_turned_round(expression: str, branching: str) -> None:
    assert asked_when(expression) == branching


@pytest.mark.parametrize(
    ("expression", "branching"),
    [
        ("../ItemData[@ItemOID='SEX'][@Value='M']", "[SEX] <> 'M'"),
        ("../ItemGroupData[@ItemGroupOID='G']/ItemData[@ItemOID='ILL'][@Value='true']", "[ILL] <> '1'"),
        ("//ItemData[@ItemOID='AGE']/@Value &lt; 18", "not [AGE] < 18"),
        ("not(../ItemData[@ItemOID='SEX']='F')", "[SEX] = 'F'"),
    ],
)
def test_simple_xpath_is_read(expression: str, branching: str) -> None:
    assert asked_when(expression, "XPath") == branching


@pytest.mark.parametrize("expression", ["Only women", "count(//ItemData) = 2", "NOBODY = '1'", "1 = 1", "SEX("])
def test_what_is_no_comparison_of_items_is_kept_and_the_question_asked(expression: str) -> None:
    file = odm(in_form(item("X"), shown("X", 'CollectionExceptionConditionOID="K"'), condition(expression)))
    spec = formats.read(file)
    assert expression in spec.fields[0].branching
    assert spec.fields[0].branching_as_written == expression
    assert codes_of(spec) == ["branching_unreadable"]
    assert spec.fields[0].asks


def test_aliases_are_codes() -> None:
    assert read_one('<Alias Context="LOINC" Name="29463-7"/>').codes == (("LOINC", "29463-7", ""),)


def test_html_in_words_is_made_plain_and_the_description_is_a_note() -> None:
    described = "<Description><TranslatedText>At rest</TranslatedText></Description>"
    text = f'<ItemDef OID="X" Name="X" DataType="text">{described}'
    asked = "<Question><TranslatedText>&lt;b&gt;Pulse&lt;/b&gt;\n now</TranslatedText></Question></ItemDef>"
    field = formats.read(odm(in_form(text + asked, shown("X")))).fields[0]
    assert (field.label, field.note) == ("Pulse now", "At rest")


def test_without_a_question_the_description_or_the_name_is_the_label() -> None:
    described = "<Description><TranslatedText>Pulse</TranslatedText></Description>"
    assert read_one(described, question="").label == "Pulse"
    assert read_one(question="").label == "X"
