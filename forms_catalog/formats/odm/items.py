"""One ItemDef with its place to one FieldSpec. REDCap's flavour of ODM says more and is read in redcap_flavour."""

from __future__ import annotations

from dataclasses import dataclass

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.codelists import NOTHING, CodeList, CodeLists
from forms_catalog.formats.odm.conditions import Rules
from forms_catalog.formats.odm.elements import attribute, child, children, line_of
from forms_catalog.formats.odm.kinds import KINDS, Limits, evidence, kind_of, limits_of, units_of
from forms_catalog.formats.odm.openclinica import ShownItems
from forms_catalog.formats.odm.placing import Place
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.odm.units import Units
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import YES_NO, FieldSpec, Option, Translation

_NUMBERS = ("integer", "decimal")


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads the parts of an item: the study and everything that is shared between items."""

    study: Study
    codelists: CodeLists
    units: Units
    rules: Rules
    shown: ShownItems
    asked_without_form: bool


@dataclass(frozen=True, slots=True)
class _Words:
    label: str
    note: str
    translations: tuple[Translation, ...]


def field_of(readers: Readers, oid: str, path: str, item: Element, place: Place | None, order: int) -> FieldSpec:
    """The field as ODM alone tells it, then what this product's own Aliases add."""
    study, line = readers.study, line_of(item)
    data_type, checks = attribute(item, "DataType"), list(children(item, "RangeCheck"))
    units = units_of(item, checks)
    codelist = readers.codelists.of_item(item)
    kind = kind_of(data_type, attribute(item, "Length"), coded=codelist is not None) or _unknown(study, path, item)
    kind = "multichoice" if codelist and codelist.multiple else kind
    words = _words(study, item, oid, codelist or NOTHING)
    limits = limits_of(checks, units, whole=kind == "integer")
    _report(study, line, path, limits, codelist)
    reference = place.reference if place else None
    method = "" if reference is None else attribute(reference, "MethodOID")
    asks = not method and (place is not None or readers.asked_without_form)
    branching = readers.rules.branching(place.conditions, place.reference) if place else None
    calculation = readers.rules.calculation(method, item) if method else None
    unit = readers.units.of(units, item, reference, path)
    if not unit and kind in _NUMBERS and not study.speech.verbatim:
        unit = unit_of(words.label, words.note, number=True)
    said = own.aliases(item) if study.speech.verbatim else {}
    found = FieldSpec(
        path=path,
        name=oid,
        form=place.form if place else "",
        label=words.label,
        kind=kind,
        order=order,
        line=line,
        section=place.section if place else "",
        note=words.note,
        field_type=data_type,
        options=_options(codelist, data_type),
        unit=unit,
        validation="" if study.speech.verbatim else _precision(item, kind),
        date_format="ymd" if kind in ("date", "datetime") else "",
        minimum=limits.minimum,
        maximum=limits.maximum,
        branching=branching.text if branching else "",
        branching_as_written=branching.as_written if branching else "",
        calculation=calculation.text if calculation else "",
        calculation_as_written=calculation.as_written if calculation else "",
        required=_required(reference) and (asks or study.speech.verbatim),
        asks=asks,
        repeating=place.repeating if place else False,
        initial="" if reference is None else reference.get("PreSpecifiedValue") or "",
        codes=_codes(item),
        translations=words.translations,
        original=original(item, place, checks),
    )
    return own.restored(found, said) if said else readers.shown.applied(found, item)


def _unknown(study: Study, path: str, item: Element) -> str:
    message = (
        f"DataType {attribute(item, 'DataType')[:40]!r} is not known; the item is asked as text. Use one of ODM's."
    )
    study.findings.error(line_of(item), path, "unknown_type", message)
    return "text"


def _words(study: Study, item: Element, oid: str, codelist: CodeList) -> _Words:
    """The label is the question, else the prompt, else the description, else the name; the note is what is left."""
    speech = study.speech
    question, prompt = speech.texts(child(item, "Question")), speech.texts(child(item, "Prompt"))
    described = speech.texts(child(item, "Description"))
    instructions = speech.texts(child(item, "CRFCompletionInstructions"))
    if speech.verbatim:
        label, note = question, instructions or described
    else:
        label = question or prompt or described or {"": speech.clean(attribute(item, "Name")) or oid}
        note = instructions or (described if described != label else {})
    said, noted = speech.main(label), speech.main(note)
    translations = tuple(
        Translation(language, label.get(language, ""), note.get(language, ""), codelist.others.get(language, ()))
        for language in speech.others(label, note, dict.fromkeys(codelist.others, ""))
    )
    return _Words(said, "" if noted == said and not speech.verbatim else noted, translations)


def _report(study: Study, line: int, path: str, limits: Limits, codelist: CodeList | None) -> None:
    if limits.unread:
        message = f"A check could not be kept: {'; '.join(limits.unread)[:200]}. Tell the sites if it matters."
        study.findings.info(line, path, "check_not_kept", message)
    if codelist and codelist.external:
        message = f"Its choices are in {codelist.external[:100]!r}, outside of the file. Ask the program for the list."
        study.findings.info(line, path, "choices_elsewhere", message)
    elif codelist not in (None, NOTHING) and not (codelist and codelist.options):
        study.findings.error(line, path, "missing_choices", "The item has a code list without choices. Add them.")


def _options(codelist: CodeList | None, data_type: str) -> tuple[Option, ...]:
    if codelist is None:
        return YES_NO if KINDS.get(data_type) == "choice" else ()
    return codelist.options


def _precision(item: Element, kind: str) -> str:
    """SignificantDigits as REDCap's word for it."""
    digits = attribute(item, "SignificantDigits")
    return f"number_{digits}dp" if kind == "decimal" and digits in ("1", "2", "3", "4") else ""


def _required(reference: Element | None) -> bool:
    return reference is not None and attribute(reference, "Mandatory") == "Yes"


def _codes(item: Element) -> tuple[tuple[str, str, str], ...]:
    """Coding and Alias as (system, code, display), without what is this product's own or the unit."""
    coded = [
        (attribute(c, "System"), attribute(c, "Code"), attribute(c, "Label"))
        for c in children(item, "Coding")
        if attribute(c, "System") != Units.UCUM
    ]
    named = [(c.get("Context") or "", c.get("Name") or "", "") for c in children(item, "Alias")]
    return (*coded, *(code for code in named if not code[0].startswith(own.PREFIX)))


def original(item: Element, place: Place | None, checks: list[Element]) -> tuple[tuple[str, str], ...]:
    """The element as read: its attributes, checks, lists, and those of the reference that places it."""
    found = [(_name(str(key)), str(value)) for key, value in item.attrib.items()]
    found += evidence(checks)
    found += [("CodeListRef", attribute(c, "CodeListOID")) for c in children(item, "CodeListRef")]
    if place:
        found += [(f"ItemRef {_name(str(key))}", str(value)) for key, value in place.reference.attrib.items()]
    return tuple(found)


def _name(key: str) -> str:
    namespace, _, local = key.rpartition("}")
    return f"redcap:{local}" if namespace.endswith("projectredcap.org") else local
