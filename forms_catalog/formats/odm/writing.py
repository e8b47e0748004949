"""DictionarySpec to ODM-XML 1.3.2 and 2.0, valid against CDISC's schemas. The same dictionary gives the same bytes.

What ODM has no place for stands in Aliases whose Context begins with AskOnce, so that reading gives the same again.
"""

from __future__ import annotations

from lxml import etree

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.layout import Form, Layout, Section, laid_out
from forms_catalog.formats.odm.writing_items import Items
from forms_catalog.formats.odm.xml_parts import Edition, cleaned
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import DictionarySpec, EventSpec, Written

MEDIA_TYPE = "application/xml"
STUDY, METADATA = "S.1", "MDV.1"  # the OIDs that data name their dictionary by
_CREATED = "2000-01-01T00:00:00"  # ODM wants a time; a fixed one keeps the bytes the same for the same dictionary


def write(spec: DictionarySpec) -> Written:
    """ODM 1.3.2."""
    return _write(spec, "1.3.2")


def write_2(spec: DictionarySpec) -> Written:
    """ODM 2.0."""
    return _write(spec, "2.0")


def oids(spec: DictionarySpec) -> Layout:
    """The OIDs that both editions give to events, forms, sections and items: data of this dictionary use the same."""
    return laid_out(cleaned(spec)[0], [])


def _write(spec: DictionarySpec, version: str) -> Written:
    spec, losses = cleaned(spec)
    edition, layout = Edition(version, spec.language), laid_out(spec, losses)
    items = Items(edition, layout)
    root = edition.root(
        {
            "FileType": "Snapshot",
            "Granularity": "Metadata",
            "FileOID": f"AskOnce.{spec.version or 'dictionary'}",
            "CreationDateTime": _CREATED,
            "ODMVersion": version,
            "SourceSystem": own.SYSTEM,
        }
    )
    title = spec.title.strip() or "Dictionary"
    if edition.is_2:
        study = edition.add(root, "Study", OID=STUDY, StudyName=title, ProtocolName=title)
    else:
        study = edition.add(root, "Study", OID=STUDY)
        names = edition.add(study, "GlobalVariables")
        for name in ("StudyName", "StudyDescription", "ProtocolName"):
            edition.add(names, name).text = title
    units = None if edition.is_2 else edition.add(study, "BasicDefinitions")
    _metadata(edition, layout, items, edition.add(study, "MetaDataVersion", OID=METADATA, Name=title))
    if units is not None:
        items.units(units)
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Written(data, MEDIA_TYPE, "xml", tuple(dict.fromkeys(layout.losses)), layout.renamed)


def _metadata(edition: Edition, layout: Layout, items: Items, metadata: Element) -> None:
    """The definitions in the order of the schemas: what refers stands before what is referred to."""
    protocol = edition.add(metadata, "Protocol")
    edition.say(protocol, "Description", layout.spec.title.strip() or "Dictionary")
    if not edition.is_2:
        for number, (oid, _) in enumerate(layout.events, start=1):
            edition.add(protocol, "StudyEventRef", StudyEventOID=oid, OrderNumber=str(number), Mandatory="No")
    for oid, event in layout.events:
        _event(edition, layout, metadata, oid, event)
    for form in layout.forms.values():
        _form(edition, metadata, form)
    for form in layout.forms.values():
        for section in form.sections:
            _section(edition, items, metadata, form, section)
    for field in layout.spec.fields:
        items.define(metadata, field)
    items.lists(metadata)
    items.rules(metadata)


def _event(edition: Edition, layout: Layout, metadata: Element, oid: str, event: EventSpec) -> None:
    kind = "Unscheduled" if event.kind == "triggered" else "Scheduled"
    repeating = "Yes" if event.repeating else "No"
    name = event.label or event.code or oid
    element = edition.add(metadata, "StudyEventDef", OID=oid, Name=name, Repeating=repeating, Type=kind)
    for number, form in enumerate(dict.fromkeys(event.forms), start=1):
        tag = "ItemGroup" if edition.is_2 else "Form"
        found = {f"{tag}OID": layout.forms[form].oid, "OrderNumber": str(number), "Mandatory": "No"}
        edition.add(element, f"{tag}Ref", **found)
    days = {"day": event.day, "start_day": event.start_day, "end_day": event.end_day}
    said = {
        **({"code": event.code} if event.code != oid else {}),
        **({"label": event.label} if event.label != name else {}),
        **{what: str(day) for what, day in days.items() if day is not None},
        **({"kind": event.kind} if event.kind not in ("", "triggered") else {}),
        **({"arm": event.arm} if event.arm else {}),
    }
    edition.own(element, said)


def _form(edition: Edition, metadata: Element, form: Form) -> None:
    tag, more = ("ItemGroupDef", {"Type": "Form"}) if edition.is_2 else ("FormDef", {})
    name = form.name or "Without form"
    element = edition.add(metadata, tag, OID=form.oid, Name=name, Repeating="No", **more)
    for section in form.sections:
        edition.add(element, "ItemGroupRef", ItemGroupOID=section.oid, Mandatory="No")
    edition.own(element, {"form": form.name} if form.name != name else {})


def _section(edition: Edition, items: Items, metadata: Element, form: Form, section: Section) -> None:
    repeating = ("Simple" if edition.is_2 else "Yes") if section.repeating else "No"
    more = {"Type": "Section"} if edition.is_2 else {}
    name = section.name or form.name or "Without section"
    element = edition.add(metadata, "ItemGroupDef", OID=section.oid, Name=name, Repeating=repeating, **more)
    for field in section.fields:
        items.reference(element, field)
    edition.own(element, {"section": section.name} if section.name != name else {})
