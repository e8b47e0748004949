"""The whole of an ODM file: versions, forms, events, what is missing or twice, and editions 1.1 to 2.0."""

from __future__ import annotations

import pytest

from forms_catalog import formats
from tests.forms_catalog.formats.odm_files import V20, codes_of, in_form, item, odm, shown

ODM_11 = b"""<?xml version="1.0"?>
<ODM FileOID="old" FileType="Snapshot" CreationDateTime="2002-01-01T00:00:00" ODMVersion="1.1">
 <Study OID="S"><GlobalVariables><StudyName>Old study</StudyName></GlobalVariables>
  <MetaDataVersion OID="V" Name="V">
   <StudyEventDef OID="E1" Name="Visit 1" Repeating="No" Type="Scheduled">
    <FormRef FormOID="F1" Mandatory="Yes"/></StudyEventDef>
   <FormDef OID="F1" Name="Vitals" Repeating="No"><ItemGroupRef ItemGroupOID="G1" Mandatory="Yes"/></FormDef>
   <ItemGroupDef OID="G1" Name="Blood pressure" Repeating="No"><ItemRef ItemOID="SBP" Mandatory="Yes"/></ItemGroupDef>
   <ItemDef OID="SBP" Name="SBP" DataType="integer" Length="3">
    <Question><TranslatedText xml:lang="en">Systolic pressure (mmHg)</TranslatedText></Question></ItemDef>
  </MetaDataVersion></Study>
</ODM>"""

ODM_2 = """
<Protocol><StudyTimings><StudyTiming OID="ST" Name="t">
 <RelativeTimingConstraint OID="T1" Name="t1" PredecessorOID="E0" SuccessorOID="E1" TimepointRelativeTarget="P4W"
  TimepointPreWindow="P3D" TimepointPostWindow="P1W"/>
 <RelativeTimingConstraint OID="T2" Name="t2" PredecessorOID="E1" SuccessorOID="E2" TimepointRelativeTarget="P6M"/>
</StudyTiming></StudyTimings></Protocol>
<StudyEventGroupDef OID="EG" Name="all" ArmOID="A">
 <StudyEventRef StudyEventOID="E1" Mandatory="Yes"/></StudyEventGroupDef>
<StudyEventDef OID="E0" Name="Infusion" Repeating="No" Type="Scheduled">
 <ItemGroupRef ItemGroupOID="F" Mandatory="Yes"/></StudyEventDef>
<StudyEventDef OID="E1" Name="Week 4" Repeating="No" Type="Scheduled">
 <ItemGroupRef ItemGroupOID="F" Mandatory="Yes"/></StudyEventDef>
<StudyEventDef OID="E2" Name="Later" Repeating="No" Type="Unscheduled"/>
<ItemGroupDef OID="F" Name="Vitals" Repeating="No" Type="Form">
 <ItemGroupRef ItemGroupOID="S1" Mandatory="Yes"/>
 <ItemRef ItemOID="LAST" Mandatory="No" PreSpecifiedValue="none"/></ItemGroupDef>
<ItemGroupDef OID="S1" Name="s1" Repeating="No" Type="Section">
 <Description><TranslatedText xml:lang="en" Type="text/plain">Body</TranslatedText></Description>
 <ItemGroupRef ItemGroupOID="R" Mandatory="Yes"/></ItemGroupDef>
<ItemGroupDef OID="R" Name="Rows" Repeating="Dynamic" Type="Concept">
 <ItemRef ItemOID="WEIGHT" Mandatory="Yes" UnitsItemOID="U"/></ItemGroupDef>
<ItemDef OID="WEIGHT" Name="w" DataType="decimal">
 <Prompt><TranslatedText xml:lang="en" Type="text/plain">Weight</TranslatedText></Prompt>
 <CRFCompletionInstructions>
  <TranslatedText xml:lang="en" Type="text/plain">Without shoes</TranslatedText></CRFCompletionInstructions>
 <Coding Code="29463-7" System="http://loinc.org" Label="Body weight"/></ItemDef>
<ItemDef OID="U" Name="u" DataType="text"><CodeListRef CodeListOID="CU"/></ItemDef>
<ItemDef OID="LAST" Name="l" DataType="text"/>
<CodeList OID="CU" Name="units" DataType="text"><CodeListItem CodedValue="kg"/></CodeList>
"""


def test_odm_1_1_without_a_namespace_is_read() -> None:
    spec = formats.read(ODM_11)
    field = spec.fields[0]
    assert (spec.title, spec.format_version) == ("Old study", "1.1")
    assert (field.form, field.section, field.unit, field.required) == ("Vitals", "Blood pressure", "mmHg", True)
    assert spec.events[0].forms == ("Vitals",)
    assert spec.problems == ()


def test_odm_2_has_forms_inside_item_groups() -> None:
    spec = formats.read(odm(ODM_2, namespace=V20, version="2.0"))
    weight, last, unit = spec.fields
    assert (weight.form, weight.section, weight.repeating, weight.kind) == ("Vitals", "Rows", True, "decimal")
    assert (weight.label, weight.note, weight.unit) == ("Weight", "Without shoes", "kg")
    assert weight.codes == (("http://loinc.org", "29463-7", "Body weight"),)
    assert (last.form, last.section, last.initial) == ("Vitals", "", "none")
    assert (unit.asks, codes_of(spec)) == (False, ["supporting_item"])


def test_timings_of_odm_2_become_days() -> None:
    first, week, later = formats.read(odm(ODM_2, namespace=V20, version="2.0")).events
    assert (first.day, week.day, later.day) == (0, 28, 211)
    assert (week.start_day, week.end_day, week.arm, later.kind) == (25, 35, "A", "triggered")


def test_timings_of_a_workflow_become_days_and_its_branches_are_said_to_be_unread() -> None:
    steps = (
        '<Protocol><StudyTimings><StudyTiming OID="T" Name="t"><TransitionTimingConstraint OID="T1" Name="t" '
        'TransitionOID="TR" TimepointTarget="P7D" TimepointPreWindow="P1D"/></StudyTiming></StudyTimings></Protocol>'
        '<WorkflowDef OID="W" Name="w"><Transition OID="TR" Name="a" SourceOID="E0" TargetOID="E1"/>'
        '<Branching OID="B" Name="b" Type="Exclusive"/></WorkflowDef>'
        '<StudyEventDef OID="E0" Name="a" Repeating="No" Type="Scheduled"/>'
        '<StudyEventDef OID="E1" Name="b" Repeating="No" Type="Scheduled"/>'
    )
    spec = formats.read(odm(steps + item("X"), namespace=V20, version="2.0"))
    assert [(event.day, event.start_day) for event in spec.events] == [(0, None), (7, 6)]
    assert codes_of(spec) == ["no_forms", "workflow_not_read"]


def test_metadata_without_its_frame_is_read() -> None:
    alone = f'<MetaDataVersion xmlns="{V20}" OID="M" Name="M">{item("X")}</MetaDataVersion>'.encode()
    spec = formats.read(alone, "a file")
    assert ([field.name for field in spec.fields], spec.format_version, spec.title) == (["X"], "2.0", "a file")


def test_a_prefix_makes_no_difference() -> None:
    plain = odm(in_form(item("X", "integer"), shown("X")))
    with_prefix = plain.replace(b"<", b"<o:").replace(b"<o:/", b"</o:").replace(b"<o:?", b"<?")
    with_prefix = with_prefix.replace(b"xmlns=", b"xmlns:o=")
    assert formats.detect(with_prefix) == "odm"
    assert [f.name for f in formats.read(with_prefix).fields] == ["X"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_encodings_are_read(encoding: str) -> None:
    text = odm(in_form(item("X", question="Größe"), shown("X"))).decode()
    named = text.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)
    assert formats.read(named).fields[0].label == "Größe"


def test_a_file_that_is_not_the_utf_8_it_says_is_mended_and_reported() -> None:
    spec = formats.read(odm(in_form(item("X", question="Größe"), shown("X"))).decode().encode("cp1252"))
    assert (spec.fields[0].label, codes_of(spec)) == ("Größe", ["encoding_guessed"])


def test_an_item_in_two_forms_is_one_field_in_the_first() -> None:
    other = '<FormDef OID="F2" Name="Later" Repeating="No"><ItemGroupRef ItemGroupOID="G" Mandatory="Yes"/></FormDef>'
    spec = formats.read(odm(in_form(item("X"), shown("X"), other)))
    assert [(f.form, f.asks) for f in spec.fields] == [("Visit", True)]
    assert [(p.code, "Later" in p.message) for p in spec.problems] == [("item_in_several_forms", True)]


def test_an_item_that_no_form_shows_is_a_silent_field() -> None:
    spec = formats.read(odm(in_form(item("X") + item("LOST"), shown("X"))))
    assert [(f.name, f.form, f.asks) for f in spec.fields] == [("X", "Visit", True), ("LOST", "", False)]
    assert codes_of(spec) == ["unreferenced_item"]


def test_files_with_groups_or_items_only_are_asked_all_the_same() -> None:
    group = f'<ItemGroupDef OID="G" Name="Vitals" Repeating="No">{shown("X")}</ItemGroupDef>'
    only_group, only_item = formats.read(odm(group + item("X"))), formats.read(odm(item("X")))
    assert [(f.form, f.asks) for f in only_group.fields] == [("Vitals", True)]
    assert [(f.form, f.asks) for f in only_item.fields] == [("", True)]
    assert codes_of(only_group) == codes_of(only_item) == ["no_forms"]


def test_order_numbers_decide_where_all_have_one() -> None:
    refs = shown("B", 'OrderNumber="2"') + shown("A", 'OrderNumber="1"')
    assert [f.name for f in formats.read(odm(in_form(item("B") + item("A"), refs))).fields] == ["A", "B"]


def test_what_is_missing_or_twice_is_reported_with_its_line() -> None:
    refs = shown("X") + shown("GONE") + shown("Y", 'CollectionExceptionConditionOID="GONE" MethodOID="GONE"')
    items = item("X") + "\n" + item("X") + item("Y", "text", '<CodeListRef CodeListOID="GONE"/>')
    spec = formats.read(odm(in_form(items, refs)))
    assert len(spec.fields) == 3
    assert [f.path for f in spec.fields] == ["Visit/X#1", "Visit/X#2", "Y"]
    assert sorted(codes_of(spec)) == ["dangling_reference"] * 4 + ["duplicate_oid"]
    assert next(p.line for p in spec.problems if p.code == "duplicate_oid") == 6


def test_items_without_oid_or_name_are_still_fields() -> None:
    items = '<ItemDef Name="a" DataType="text"/><ItemDef OID="X" DataType="text"/>'
    spec = formats.read(odm(in_form(items, shown("X"))))
    assert len(spec.fields) == 2
    assert {"missing_oid", "missing_name"} <= set(codes_of(spec))


def test_of_several_versions_the_last_counts_and_brings_what_it_includes() -> None:
    first = in_form(item("X", question="Old") + item("Y"), shown("X") + shown("Y"))
    old = f'<MetaDataVersion OID="M0" Name="old">{first}</MetaDataVersion>'
    alone = formats.read(odm(in_form(item("X", question="New"), shown("X")), before=old))
    include = '<Include StudyOID="S" MetaDataVersionOID="M0"/>' + item("X", question="New")
    both = formats.read(odm(include, before=old))
    assert [f.label for f in alone.fields] == ["New"]
    assert codes_of(alone) == ["several_versions"]
    assert [f.label for f in both.fields] == ["New", "How are you?"]
    assert codes_of(both) == []


def test_patient_data_is_left_out_and_said_so() -> None:
    subject = '<SubjectData SubjectKey="1"><ItemData ItemOID="X" Value="1"/></SubjectData>'
    data = f'<ClinicalData StudyOID="S">{subject}</ClinicalData>'
    assert codes_of(formats.read(odm(in_form(item("X"), shown("X")), after=data))) == ["data_ignored"]


def test_groups_in_a_circle_end() -> None:
    groups = "".join(
        f'<ItemGroupDef OID="{a}" Name="{a}" Type="{t}" Repeating="No">'
        f'<ItemGroupRef ItemGroupOID="{b}" Mandatory="No"/>{shown("X")}</ItemGroupDef>'
        for a, b, t in (("A", "B", "Form"), ("B", "A", "Section"))
    )
    assert [f.form for f in formats.read(odm(groups + item("X"), namespace=V20, version="2.0")).fields] == ["A"]


def test_a_condition_in_some_events_only_does_not_hide_the_form() -> None:
    events = "".join(
        f'<StudyEventDef OID="{e}" Name="{e}" Repeating="No" Type="Scheduled">'
        f'<FormRef FormOID="F" Mandatory="No" {c}/></StudyEventDef>'
        for e, c in (("E1", 'CollectionExceptionConditionOID="K"'), ("E2", ""))
    )
    spec = formats.read(odm(events + in_form(item("X"), shown("X"))))
    assert (spec.fields[0].branching, codes_of(spec)) == ("", ["condition_by_event"])


def test_a_file_without_metadata_gets_one_clear_error() -> None:
    with pytest.raises(formats.UnreadableFile) as caught:
        formats.read(b'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study OID="S"/></ODM>')
    assert caught.value.code == "no_metadata"


def test_metadata_without_items_is_reported() -> None:
    assert codes_of(formats.read(odm(""))) == ["no_fields"]
