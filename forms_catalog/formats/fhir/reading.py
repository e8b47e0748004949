"""FHIR Questionnaire (JSON or XML) to DictionarySpec: one form a Questionnaire, one field an item that is no group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from forms_catalog.formats.containers import container
from forms_catalog.formats.fhir import own, xml
from forms_catalog.formats.fhir.checks import check_field, check_fields
from forms_catalog.formats.fhir.choices import ChoiceReader, Choices
from forms_catalog.formats.fhir.fields import field_of
from forms_catalog.formats.fhir.items import Lines, Record, placed, records, titled
from forms_catalog.formats.fhir.kinds import kind_of, units_of
from forms_catalog.formats.fhir.logic import Known, LogicReader
from forms_catalog.formats.fhir.parts import Json, is_true, shown, text
from forms_catalog.formats.fhir.resources import questionnaires, version_of
from forms_catalog.formats.identity import content_version
from forms_catalog.formats.json_input import load
from forms_catalog.formats.problems import Findings
from forms_catalog.language.fhirpath import Answer
from forms_catalog.specs import YES_NO, DictionarySpec, FieldSpec

FORMAT = "fhir"


def looks_like(data: bytes) -> bool:
    """Whether the JSON or XML is a FHIR resource. Raises UnreadableFile where it is no valid JSON (json_input)."""
    if container(data) == "xml":
        return xml.is_fhir(data)
    if b'"resourceType"' in data.replace(b"\x00", b""):
        return True
    load(data, Findings())
    return False


def read(data: bytes, name: str = "") -> DictionarySpec:
    """All Questionnaires of the file as one dictionary. Raises UnreadableFile (json_input, resources)."""
    findings = Findings()
    if container(data) == "xml":
        document, pairs = xml.document_of(data, findings)
        lines = Lines.given(pairs)
    else:
        document, lines = load(data, findings, decimals=True), Lines.of(data)
    spec = spec_of(questionnaires(document), lines, name, findings)
    return replace(spec, version=content_version(data))


def spec_of(found: list[Json], lines: Lines, name: str, findings: Findings) -> DictionarySpec:
    """The dictionary of Questionnaires that are plain values already, without the version of a file."""
    versions = [version_of(node) for node in found]
    if len(found) > 1:
        message = f"The file holds {len(found)} Questionnaires; each was read as a form of its own."
        findings.info(0, "", "several_questionnaires", message)
    forms = titled(found, name.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    by_form = placed([records(node, form, lines, findings) for form, node in forms])
    fields: list[FieldSpec] = []
    for node, items in zip(found, by_form, strict=True):
        fields += _fields(node, items, len(fields), findings)
    check_fields(tuple(fields), findings)
    return DictionarySpec(
        format=FORMAT,
        version="",
        fields=tuple(fields),
        problems=findings.all(),
        title=shown(found[0].get("title")) or name,
        format_version=versions[0],
        language=text(found[0].get("language"))[:40],
    )


def _fields(questionnaire: Json, items: list[Record], start: int, findings: Findings) -> Iterator[FieldSpec]:
    exact = own.is_own(questionnaire)
    reader = ChoiceReader(questionnaire, findings, exact=exact)
    choices = [reader.choices(item.node, item.line, item.path) for item in items]
    known: dict[str, Known] = {}
    for item, offered in zip(items, choices, strict=True):
        known.setdefault(item.link, known_of(item, offered))
    logic = LogicReader(questionnaire, known)
    for order, (item, offered) in enumerate(zip(items, choices, strict=True), start=start):
        branching, calculation = logic.branching(item), logic.calculation(item)
        field = field_of(item, offered, order, branching, calculation, exact=exact)
        field = own.applied(field, item.node) if exact else field
        yield check_field(field, item.node, offered, (branching, calculation), findings)


def known_of(record: Record, choices: Choices) -> Known:
    """What conditions may know of an item."""
    node, kind = record.node, kind_of(record.node, choices)
    boolean = node.get("type") == "boolean" and not choices.given
    options = YES_NO if boolean else choices.options
    units = units_of(node)
    several = kind not in ("choice", "multichoice") and is_true(node.get("repeats"))
    weights = tuple(choice.weight for choice in choices.given)
    answer = Answer(
        name=record.name,
        codes=tuple(option.code for option in options),
        many=kind == "multichoice",
        boolean=boolean,
        number=kind in ("integer", "decimal"),
        repeated=bool(record.scope) or several,
        labels=tuple(option.label for option in options),
        weights=weights if any(weights) else (),
    )
    return Known(
        answer, choices, units[0] if len(units) == 1 else "", (*record.scope, record.link) if several else record.scope
    )
