"""CDISC ODM-XML 1.1 to 2.0, and REDCap's flavour of it, to DictionarySpec. Called by formats.read."""

from __future__ import annotations

from forms_catalog.formats.identity import content_version, paths_of
from forms_catalog.formats.logic_checks import check_logic
from forms_catalog.formats.odm import items, redcap_flavour
from forms_catalog.formats.odm.codelists import CodeLists
from forms_catalog.formats.odm.conditions import Rules
from forms_catalog.formats.odm.elements import attribute, child, children
from forms_catalog.formats.odm.events import events_of
from forms_catalog.formats.odm.expressions import Expressions
from forms_catalog.formats.odm.kinds import KINDS
from forms_catalog.formats.odm.openclinica import ShownItems
from forms_catalog.formats.odm.placing import Place, places
from forms_catalog.formats.odm.study import Study, load
from forms_catalog.formats.odm.units import Units
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xml_input import Element, parse, root_name
from forms_catalog.specs import DictionarySpec, FieldSpec

FORMAT = "odm"


def looks_like(data: bytes) -> bool:
    """Whether the first element is ODM, or a part of it that holds questions. Raises UnreadableFile('doctype')."""
    return root_name(data) in ("ODM", "MetaDataVersion")


def read(data: bytes, name: str = "") -> DictionarySpec:
    """One field for every ItemDef, in the order of the forms, those no form shows at the end.

    Raises UnreadableFile: what xml_input.parse raises, no_metadata, too_many_items.
    """
    findings = Findings()
    study = load(parse(data, findings), name, findings)
    placed = places(study)
    fields = tuple(_fields(study, placed))
    _report(study, placed, fields)
    _report_doubles(study, fields)
    check_logic(fields, findings)
    return DictionarySpec(
        format=FORMAT,
        version=content_version(data),
        fields=fields,
        events=events_of(study),
        problems=findings.all(),
        title=study.title,
        format_version=study.format_version,
        language=study.speech.language,
    )


def _fields(study: Study, placed: dict[str, Place]) -> list[FieldSpec]:
    ordered = _ordered(study, placed)
    from_redcap = study.is_redcap and not study.speech.verbatim
    names = redcap_flavour.names(ordered) if from_redcap else [oid for oid, _ in ordered]
    forms = [placed[oid].form if oid in placed else "form" for oid, _ in ordered]
    paths = paths_of(zip(forms, names, strict=True))
    found = list(zip(ordered, names, paths, strict=True))
    codelists = CodeLists(study)
    if from_redcap:
        return redcap_flavour.with_forms(
            study,
            [
                redcap_flavour.field_of(study, codelists, name, path, item, placed.get(oid), order)
                for order, ((oid, item), name, path) in enumerate(found)
            ],
        )
    rules = Rules(study, _expressions(study))
    readers = items.Readers(
        study, codelists, Units(study, codelists), rules, ShownItems(study), asked_without_form=not placed
    )
    return [
        items.field_of(readers, oid, path, item, placed.get(oid), order)
        for order, ((oid, item), _, path) in enumerate(found)
    ]


def _ordered(study: Study, placed: dict[str, Place]) -> list[tuple[str, Element]]:
    """Items as a person meets them, then the rest as they stand in the file."""
    order = {oid: at for at, oid in enumerate(placed)}
    return sorted(study.items, key=lambda pair: order.get(pair[0], len(order)))


def _expressions(study: Study) -> Expressions:
    named = study.of("ItemDef")
    truths = {
        oid
        for oid, item in named.items()
        if KINDS.get(attribute(item, "DataType")) == "choice" and child(item, "CodeListRef") is None
    }
    return Expressions(named, study.of("ItemGroupDef"), truths)


def _report(study: Study, placed: dict[str, Place], fields: tuple[FieldSpec, ...]) -> None:
    findings = study.findings
    if not fields:
        findings.error(0, "", "no_fields", "The file defines no items. Check that the export is complete.")
    elif not placed:
        findings.info(0, "", "no_forms", "No form shows any item; all items were taken as asked.")
    supporting = _supporting(study)
    for field in fields:
        oid, line, path = _oid(field), field.line, field.path
        if oid in placed:
            if others := placed[oid].others:
                shown = ", ".join(others)[:150]
                message = f"The item is in form {field.form[:60]!r} and also in: {shown}. It is one field here."
                findings.info(line, path, "item_in_several_forms", message)
        elif oid in supporting:
            findings.info(line, path, "supporting_item", f"{supporting[oid]} It is not asked by itself.")
        elif placed:
            message = "No form shows this item, so nobody is asked for it. Put it into a form or remove it."
            findings.warning(line, path, "unreferenced_item", message)


def _oid(field: FieldSpec) -> str:
    return dict(field.original).get("OID", "").strip()


def _report_doubles(study: Study, fields: tuple[FieldSpec, ...]) -> None:
    first: dict[str, int] = {}
    for field in fields:
        oid = _oid(field)
        if oid and oid in first:
            message = f"The OID {oid[:60]!r} is already used in line {first[oid]}. Give each ItemDef its own."
            study.findings.error(field.line, field.path, "duplicate_oid", message)
        first.setdefault(oid, field.line)


def _supporting(study: Study) -> dict[str, str]:
    """Items that only support others: rows of a value list, and units."""
    rows = {
        attribute(reference, "ItemOID"): "The item describes one case of another item, chosen by a condition."
        for values in study.of("ValueListDef").values()
        for reference in children(values, "ItemRef")
    }
    units = {
        attribute(reference, "UnitsItemOID"): "The item names the units of another."
        for group in study.of("ItemGroupDef").values()
        for reference in children(group, "ItemRef")
    }
    return rows | units
