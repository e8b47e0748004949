"""One record to one FieldSpec: label, note, kind, options, limits, codes, translations."""

from __future__ import annotations

from forms_catalog.formats.fhir.choices import Choices
from forms_catalog.formats.fhir.items import Record
from forms_catalog.formats.fhir.kinds import initial_of, kind_of, limit, units_of
from forms_catalog.formats.fhir.logic import Logic
from forms_catalog.formats.fhir.parts import (
    Json,
    compact,
    dicts,
    extended,
    extensions,
    is_true,
    node_of,
    shown,
    text,
    translations,
)
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.specs import YES_NO, FieldSpec, Option, Translation

_MEASURED = ("integer", "decimal", "text")
_PLAIN = Logic()


def field_of(
    record: Record, choices: Choices, order: int, branching: Logic = _PLAIN, calculation: Logic = _PLAIN, *, exact: bool
) -> FieldSpec:
    """The field. `exact` takes texts as they stand and guesses no unit: for what this product wrote."""
    node = record.node
    show = text if exact else shown
    kind = kind_of(node, choices)
    label = show(node.get("text")) or _other_label(node)
    note = show(extended(node, "entryFormat"))
    type_ = text(node.get("type")) or "string"
    unit = _unit(node, kind, label, note, exact)
    asks = kind != "display" and not (
        record.closed or record.hidden or is_true(node.get("readOnly")) or calculation != _PLAIN
    )
    return FieldSpec(
        path=record.path,
        name=record.name,
        form=record.form,
        label=label,
        kind=kind,
        order=order,
        line=record.line,
        section=record.section,
        note=note,
        field_type=type_,
        options=YES_NO if type_ == "boolean" and not choices.given else choices.options,
        unit=unit,
        validation="url" if type_ in ("url", "uri") else text(extended(node, "regex")),
        date_format="ymd" if kind in ("date", "datetime") else "",
        minimum=limit(node, "min"),
        maximum=limit(node, "max"),
        branching=branching.text,
        calculation=calculation.text,
        required=is_true(node.get("required")) and asks,
        asks=asks,
        repeating=bool(record.scope) or (kind not in ("choice", "multichoice") and is_true(node.get("repeats"))),
        initial=initial_of(node, choices),
        branching_as_written=branching.as_written,
        calculation_as_written=calculation.as_written,
        codes=_codes(node),
        translations=_translations(node, choices, exact=exact),
        original=_original(node),
    )


def _other_label(node: Json) -> str:
    """What names an item without text: its text as XHTML, a short text, the display of its code."""
    beside = node.get("_text")
    marked = shown(extended(beside, "rendering-xhtml")) if isinstance(beside, dict) else ""
    coded = next((shown(code.get("display")) for code in dicts(node.get("code")) if code.get("display")), "")
    return marked or shown(extended(node, "shortText")) or coded or shown(node.get("prefix"))


def _unit(node: Json, kind: str, label: str, note: str, exact: bool) -> str:
    units = units_of(node)
    if len(units) == 1:
        return units[0]
    if units or exact or kind not in _MEASURED:
        return ""
    return unit_of(label, note, number=kind in ("integer", "decimal"))


def _codes(node: Json) -> tuple[tuple[str, str, str], ...]:
    given = dicts(node.get("code"))
    given += [node_of(e.get("valueCoding")) for n, e in extensions(node).items() if n.startswith("own:code-")]
    found = [(text(code.get("system")), text(code.get("code")).strip(), text(code.get("display"))) for code in given]
    return tuple(dict.fromkeys(code for code in found if code[1] or code[2]))


def _translations(node: Json, choices: Choices, *, exact: bool) -> tuple[Translation, ...]:
    """The item's texts in other languages, in the order in which the languages come up."""
    show = text if exact else shown
    labels = dict(translations(node, "text"))
    note = extensions(node).get("entryFormat", {})
    notes = dict(translations(note, "valueString"))
    options: dict[str, list[Option]] = {}
    for choice in choices.given:
        for language, words in choice.spoken:
            options.setdefault(language, []).append(Option(choice.option.code, words))
    return tuple(
        Translation(
            language,
            show(labels.get(language, "")),
            show(notes.get(language, "")),
            tuple(options.get(language, ())),
        )
        for language in dict.fromkeys([*labels, *notes, *options])
    )


def _original(node: Json) -> tuple[tuple[str, str], ...]:
    """The item as the file has it, without the items in it; parts that are no plain value as JSON."""
    return tuple(
        (key, compact(value) if isinstance(value, dict | list) else text(value))
        for key, value in node.items()
        if key != "item"
    )
