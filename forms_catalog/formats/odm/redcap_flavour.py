"""ODM as REDCap exports it: its own attributes say what the data dictionary says, and a checkbox is many items.

Each ItemDef is a field. Of a checkbox the first is the one question, with all options and the variable's name; the
others are silent, named as in the export (race___2), and say in their note which choice they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.odm.codelists import CodeLists
from forms_catalog.formats.odm.elements import attribute, child, children, is_yes, line_of, redcap
from forms_catalog.formats.odm.items import original
from forms_catalog.formats.odm.kinds import limits_of, units_of
from forms_catalog.formats.odm.placing import Place
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.redcap.choices import IMPLIED, options_of
from forms_catalog.formats.redcap.kinds import kind_of, type_of
from forms_catalog.formats.redcap.tags import tags_of
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import FieldSpec, Option

PART = "checkbox_part"  # field type of the silent rest of a checkbox
_SAME = {"int": "integer", "float": "number"}  # REDCap's inner words for what its dictionary calls otherwise
_MEASURED = ("integer", "decimal", "text")


def names(ordered: list[tuple[str, Element]]) -> list[str]:
    """The variable of each item; of a checkbox the first item has it, the others keep their OID."""
    found, seen = [], set[str]()
    for oid, item in ordered:
        variable = redcap(item, "Variable") or oid
        is_part = redcap(item, "FieldType") == "checkbox" and variable in seen
        seen.add(variable)
        found.append(oid if is_part else variable)
    return found


def with_forms(study: Study, fields: list[FieldSpec]) -> list[FieldSpec]:
    """The fields with what only their neighbours and forms tell: sections, whole checkboxes, repeating forms."""
    repeating = {redcap(element, "RepeatInstrument") for element in study.root.iter("{*}RepeatingInstrument")}
    found = folded(list(with_sections(fields)))
    return [replace(field, repeating=True) if field.form in repeating else field for field in found]


def field_of(
    study: Study, codelists: CodeLists, name: str, path: str, item: Element, place: Place | None, order: int
) -> FieldSpec:
    """The field as the data dictionary would say it, were it exported as CSV."""
    line, written = line_of(item), redcap(item, "FieldType")
    field_type = type_of(written) or _unknown(study, line, path, written)
    tags = tags_of(redcap(item, "FieldAnnotation"))
    note = plain(redcap(item, "FieldNote"))
    form = place.form if place else ""
    is_status = name == f"{form}_complete" and field_type == "dropdown"
    asks = place is not None and tags.asks and field_type not in ("calc", "descriptive") and not is_status
    label = study.speech.main(study.speech.texts(child(item, "Question"))) or _missing_label(
        study, path, item, name, asks
    )
    validation = redcap(item, "TextValidationType").lower()
    validation = _SAME.get(validation, validation)
    kind, date_format = kind_of(field_type, validation, f"{label} {note}")
    checks = list(children(item, "RangeCheck"))
    limits = limits_of(checks, units_of(item, checks), whole=kind == "integer")
    least, most = ("0", "100") if field_type == "slider" else ("", "")
    return FieldSpec(
        path=path,
        name=name,
        form=form,
        label=label,
        kind=kind,
        order=order,
        line=line,
        note=note,
        field_type=field_type,
        options=_options(study, codelists, item, path, field_type),
        unit=unit_of(label, note, number=kind in ("integer", "decimal")) if kind in _MEASURED else "",
        validation=validation,
        date_format=date_format,
        minimum=limits.minimum or least,
        maximum=limits.maximum or most,
        branching=redcap(item, "BranchingLogic"),
        calculation=redcap(item, "Calculation") if field_type == "calc" else tags.calculation,
        required=is_yes(redcap(item, "RequiredField")) and asks,
        identifier=is_yes(redcap(item, "Identifier")),
        asks=asks,
        repeating=bool(place and place.repeating),
        annotation=redcap(item, "FieldAnnotation"),
        codes=tuple((attribute(c, "Context"), attribute(c, "Name"), "") for c in children(item, "Alias")),
        original=original(item, place, checks),
    )


def _unknown(study: Study, line: int, path: str, written: str) -> str:
    message = f"Field type {written[:40]!r} is not known; the field is asked as text. Use one of REDCap's types."
    study.findings.error(line, path, "unknown_type", message)
    return "text"


def _missing_label(study: Study, path: str, item: Element, name: str, asks: bool) -> str:
    if not asks:
        return ""
    message = "The question has no label; its variable name is shown instead. Add a label."
    study.findings.warning(line_of(item), path, "missing_label", message)
    return name


def _options(study: Study, codelists: CodeLists, item: Element, path: str, field_type: str) -> tuple[Option, ...]:
    if field_type != "checkbox":
        codelist = codelists.of_item(item)
        return codelist.options if codelist else IMPLIED.get(field_type, ())
    reference = child(item, "CodeListRef")
    listed = None if reference is None else study.get("CodeList", attribute(reference, "CodeListOID"))
    cell = "" if listed is None else redcap(listed, "CheckboxChoices")
    if cell and cell not in codelists.cells:
        codelists.cells[cell] = options_of(cell, line_of(item), path, study.findings)
    return codelists.cells.get(cell, ())


def with_sections(fields: list[FieldSpec]) -> Iterator[FieldSpec]:
    """Section headers carried down to the next one of the form, as in the data dictionary."""
    form, section = "", ""
    for field in fields:
        header = plain(dict(field.original).get("redcap:SectionHeader", ""))
        section = header or (section if field.form == form else "")
        form = field.form
        yield replace(field, section=section) if section else field


def folded(fields: list[FieldSpec]) -> Iterator[FieldSpec]:
    """Checkboxes as one question each: the first item asks, the others hold one choice each and are silent."""
    whole: dict[str, FieldSpec] = {}
    codes = _codes(fields)
    for field in fields:
        variable = dict(field.original).get("redcap:Variable", field.name)
        if field.field_type != "checkbox":
            yield field
        elif variable not in whole:
            whole[variable] = replace(field, options=field.options or codes[variable])
            yield whole[variable]
        else:
            yield _part(field, whole[variable])


def _part(field: FieldSpec, whole: FieldSpec) -> FieldSpec:
    suffix = field.name.removeprefix(f"{whole.name}___")
    held = next((o for o in whole.options if _as_suffix(o.code) == suffix), Option(suffix, suffix))
    return replace(
        field,
        kind="choice",
        options=(Option("1", "Checked"), Option("0", "Unchecked")),
        note=f"Choice {held.code} ({held.label}) of [{whole.name}]",
        field_type=PART,
        asks=False,
        required=False,
    )


def _codes(fields: list[FieldSpec]) -> dict[str, tuple[Option, ...]]:
    """The choices of each checkbox by the OIDs of its items, for exports that do not list them."""
    found: dict[str, dict[str, Option]] = {}
    for field in fields:
        said = dict(field.original)
        variable = said.get("redcap:Variable", field.name)
        code = said.get("OID", "").removeprefix(f"{variable}___")
        found.setdefault(variable, {}).setdefault(code, Option(code, code))
    return {variable: tuple(options.values()) for variable, options in found.items()}


def _as_suffix(code: str) -> str:
    """A choice's code as REDCap writes it into the names of export columns: -9 becomes _9."""
    return re.sub(r"[^a-z0-9_]", "_", code.lower())
