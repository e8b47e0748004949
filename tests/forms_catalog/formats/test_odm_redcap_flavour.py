"""ODM as REDCap exports it: the same study as CSV gives the same questions; a checkbox stays one question."""

from __future__ import annotations

from forms_catalog import formats
from forms_catalog.comparing import compare
from forms_catalog.formats.odm.redcap_flavour import PART
from forms_catalog.specs import FieldSpec, Option
from tests.forms_catalog.formats.odm_files import odm
from tests.shared_data import SHARED, needs_shared

CHOICES = "1, Red | 2, Green | -9, Not known"


def checkbox(code: str, choices: str = CHOICES) -> tuple[str, str]:
    """ItemDef and CodeList of one choice of the checkbox `colour`."""
    oid = f"colour___{code}"
    listed = f'redcap:CheckboxChoices="{choices}"' if choices else ""
    return (
        f'<ItemDef OID="{oid}" Name="{oid}" DataType="boolean" redcap:Variable="colour" redcap:FieldType="checkbox" '
        f'redcap:RequiredField="y"><Question><TranslatedText>Which colours?</TranslatedText></Question>'
        f'<CodeListRef CodeListOID="{oid}.choices"/></ItemDef>',
        f'<CodeList OID="{oid}.choices" Name="{oid}" DataType="boolean" {listed}><CodeListItem CodedValue="1">'
        "<Decode><TranslatedText>Checked</TranslatedText></Decode></CodeListItem></CodeList>",
    )


def redcap(items: str, references: str, more: str = "", before: str = "") -> list[FieldSpec]:
    """The fields of a REDCap file with one form, `visit`."""
    text = (
        '<FormDef OID="Form.visit" Name="The visit" Repeating="No" redcap:FormName="visit">'
        '<ItemGroupRef ItemGroupOID="visit.a" Mandatory="No"/></FormDef>'
        f'<ItemGroupDef OID="visit.a" Name="" Repeating="No">{references}</ItemGroupDef>{items}{more}'
    )
    return list(formats.read(odm(text, version="1.3.1", before=before)).fields)


def refer(*oids: str) -> str:
    return "".join(f'<ItemRef ItemOID="{oid}" Mandatory="No" redcap:Variable="x"/>' for oid in oids)


def one(attributes: str, inside: str = "") -> FieldSpec:
    text = f'<ItemDef OID="a" Name="a" DataType="text" redcap:Variable="a" {attributes}>'
    asked = "<Question><TranslatedText>Weight (kg)</TranslatedText></Question>"
    return redcap(f"{text}{asked}{inside}</ItemDef>", refer("a"))[0]


@needs_shared
def test_the_same_study_as_csv_and_as_odm_is_the_same_but_for_what_odm_adds() -> None:
    folder = SHARED / "data/import"
    as_csv = formats.read((folder / "redcap/genomics_thailand_cancer_registry.csv").read_bytes())
    as_odm = formats.read((folder / "odm/genomics_thailand_redcap_odm.xml").read_bytes())
    found = compare(as_csv.fields, [f for f in as_odm.fields if f.field_type != PART])
    # REDCap's CSV leaves out the status field of each form; its XML has it. Nothing else differs.
    assert {f.name for f in found.added} == {f"{form}_complete" for form in {f.form for f in as_csv.fields}}
    assert (found.removed, found.changed, found.equal) == ((), (), 97)
    assert not any(f.asks for f in found.added)
    # A checkbox of n choices is n items: one asks, the others are silent.
    parts = [f for f in as_odm.fields if f.field_type == PART]
    choices = sum(len(f.options) for f in as_csv.fields if f.kind == "multichoice")
    assert len(parts) == choices - sum(f.kind == "multichoice" for f in as_csv.fields)
    assert [f.path for f in as_odm.questions] == [f.path for f in as_csv.questions]


def test_a_checkbox_is_one_question_whose_other_items_are_silent() -> None:
    parts = [checkbox(code) for code in ("1", "2", "_9")]
    items = "".join(p[0] for p in parts)
    first, *rest = redcap(items, refer("colour___1", "colour___2", "colour____9"), "".join(p[1] for p in parts))
    assert (first.path, first.name, first.kind, first.asks, first.required) == (
        *["colour"] * 2,
        "multichoice",
        True,
        True,
    )
    assert first.options == (Option("1", "Red"), Option("2", "Green"), Option("-9", "Not known"))
    assert [f.name for f in rest] == ["colour___2", "colour____9"]
    assert not any(f.asks or f.required for f in rest)
    assert rest[1].note == "Choice -9 (Not known) of [colour]"


def test_a_checkbox_without_its_list_of_choices_still_has_its_codes() -> None:
    parts = [checkbox(code, choices="") for code in ("1", "2")]
    first, _ = redcap("".join(p[0] for p in parts), refer("colour___1", "colour___2"), "".join(p[1] for p in parts))
    assert first.options == (Option("1", "1"), Option("2", "2"))


def test_attributes_of_redcap_say_what_its_dictionary_says() -> None:
    field = one(
        'redcap:FieldType="text" redcap:TextValidationType="float" redcap:FieldNote="in the morning" '
        'redcap:BranchingLogic="[b] = &#39;1&#39;" redcap:RequiredField="y" redcap:Identifier="y" '
        'redcap:FieldAnnotation="@NOTE" redcap:SectionHeader="&lt;b&gt;Vitals&lt;/b&gt;"'
    )
    assert (field.form, field.section, field.kind, field.validation) == ("visit", "Vitals", "decimal", "number")
    assert (field.note, field.branching, field.unit, field.annotation) == ("in the morning", "[b] = '1'", "kg", "@NOTE")
    assert field.required
    assert field.identifier


def test_what_nobody_answers_is_not_asked() -> None:
    assert not one('redcap:FieldType="calc" redcap:Calculation="1 + 1"').asks
    assert not one('redcap:FieldType="text" redcap:FieldAnnotation="@HIDDEN"').asks
    assert one('redcap:FieldType="descriptive"').kind == "display"
    assert one('redcap:FieldType="calc" redcap:Calculation="1 + 1"').calculation == "1 + 1"


def test_forms_that_redcap_repeats_are_repeating() -> None:
    before = (
        "<GlobalVariables><StudyName>My study</StudyName><redcap:RepeatingInstrumentsAndEvents>"
        '<redcap:RepeatingInstruments><redcap:RepeatingInstrument redcap:RepeatInstrument="visit"/>'
        "</redcap:RepeatingInstruments></redcap:RepeatingInstrumentsAndEvents></GlobalVariables>"
    )
    item = '<ItemDef OID="a" Name="a" DataType="text" redcap:Variable="a" redcap:FieldType="notes"/>'
    assert redcap(item, refer("a"), before=before)[0].repeating


def test_redcap_events_have_days_and_windows() -> None:
    event = (
        '<StudyEventDef OID="Event.m6" Name="Month 6" Type="Common" Repeating="No" redcap:UniqueEventName="m6_arm_1" '
        'redcap:ArmName="Arm 1" redcap:DayOffset="182" redcap:OffsetMin="14" redcap:OffsetMax="21">'
        '<FormRef FormOID="Form.visit" Mandatory="No"/></StudyEventDef>'
        '<FormDef OID="Form.visit" Name="V" Repeating="No" redcap:FormName="visit"/>'
    )
    found = formats.read(odm(event)).events[0]
    assert (found.code, found.arm, found.forms) == ("m6_arm_1", "Arm 1", ("visit",))
    assert (found.day, found.start_day, found.end_day) == (182, 168, 203)
