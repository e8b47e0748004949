"""What data-capture systems add to ODM or write otherwise, and is understood all the same."""

from __future__ import annotations

from forms_catalog import formats
from forms_catalog.specs import FieldSpec, Option
from tests.forms_catalog.formats.odm_files import codes_of, in_form, item, odm, shown

OC = 'xmlns:OpenClinica="http://www.openclinica.org/ns/odm_ext_v130/v3.1"'
COLOURS = (
    '<OpenClinica:MultiSelectList ID="ML" Name="colours" DataType="text"><OpenClinica:MultiSelectListItem '
    'CodedOptionValue="r"><Decode><TranslatedText>Red</TranslatedText></Decode></OpenClinica:MultiSelectListItem>'
    "</OpenClinica:MultiSelectList>"
)
SEVERAL = '<OpenClinica:MultiSelectListRef MultiSelectListID="ML"/>'


def details(response: str = "text", inside: str = "", attributes: str = "") -> str:
    return (
        f'<OpenClinica:ItemDetails ItemOID="X"><OpenClinica:ItemPresentInForm FormOID="F" {attributes}>{inside}'
        f'<OpenClinica:ItemResponse ResponseLayout="Horizontal" ResponseType="{response}"/>'
        "</OpenClinica:ItemPresentInForm></OpenClinica:ItemDetails>"
    )


def shown_when(name: str, value: str) -> str:
    return (
        f"<OpenClinica:SimpleConditionalDisplay><OpenClinica:ControlItemName>{name}</OpenClinica:ControlItemName>"
        f"<OpenClinica:OptionValue>{value}</OpenClinica:OptionValue></OpenClinica:SimpleConditionalDisplay>"
    )


def fields(*items: str) -> list[FieldSpec]:
    """The fields of an OpenClinica file with these items, X0, X1 and so on."""
    refs = "".join(shown(f"X{n}") for n in range(len(items)))
    return list(
        formats.read(odm(in_form("".join(items), refs, COLOURS)).replace(b"<ODM ", f"<ODM {OC} ".encode())).fields
    )


def test_openclinica_lists_of_several_choices_are_one_question() -> None:
    (field,) = fields(item("X0", "text", SEVERAL))
    assert (field.kind, field.options) == ("multichoice", (Option("r", "Red"),))


def test_openclinica_says_when_an_item_is_shown() -> None:
    first, choice, second, third = fields(
        item("X0"),
        item("X1", "text", SEVERAL),
        item("X2", "text", details(inside=shown_when("X0", "7"))),
        item("X3", "text", details(inside=shown_when("X1", "r"))),
    )
    assert (first.branching, choice.branching) == ("", "")
    assert second.branching == "[X0] = '7'"
    assert third.branching == "[X1(r)] = '1'"


def test_openclinica_says_who_answers_and_how() -> None:
    computed, long, upload, person = fields(
        item("X0", "integer", details("calculation")),
        item("X1", "text", details("textarea")),
        item("X2", "text", details("file")),
        item("X3", "text", details(attributes='PHI="Yes" DefaultValue="none"')),
    )
    assert (computed.asks, long.kind, upload.kind) == (False, "notes", "file")
    assert (person.identifier, person.initial) == (True, "none")


def test_a_condition_with_its_words_beside_it_and_items_after_their_group_is_read() -> None:
    rule = (
        '<ConditionDef OID="K"><TranslatedText xml:lang="en">Not for men</TranslatedText>'
        "<FormalExpression Context=\"PL/SQL\"> G.IDef.SEX = 'Male' </FormalExpression></ConditionDef>"
    )
    items, refs = item("IDef.SEX") + item("P"), shown("IDef.SEX") + shown("P", 'CollectionExceptionConditionOID="K"')
    assert formats.read(odm(in_form(items, refs, rule))).fields[1].branching == "[IDef.SEX] <> 'Male'"
    unread = rule.replace("G.IDef.SEX", "whatever")
    spec = formats.read(odm(in_form(items, refs, unread)))
    assert codes_of(spec) == ["branching_unreadable"]


def test_words_straight_in_the_question_are_the_label() -> None:
    text = '<ItemDef OID="X" Name="X" DataType="text"><Question>How are you?</Question></ItemDef>'
    assert formats.read(odm(in_form(text, shown("X")))).fields[0].label == "How are you?"


def test_attributes_and_elements_of_other_systems_do_no_harm() -> None:
    text = item("X", inside='<v:Thing xmlns:v="urn:v" OID="X"><v:CodeListRef/></v:Thing>')
    spec = formats.read(odm(in_form(text, shown("X", 'v:a="1"')).replace('v:a="1"', 'xmlns:v="urn:v" v:a="1"')))
    assert (spec.fields[0].kind, spec.problems) == ("text", ())
