"""The catalog, a program's version and a merged form as a DictionarySpec, which the writers of formats take. Pure.

Called by the export page, the API and manage.py export_dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forms_catalog import serial
from forms_catalog.specs import (
    AskSpec,
    DictionarySpec,
    ElementSpec,
    EventSpec,
    FieldSpec,
    Loss,
    ProgramSpec,
    ScheduleSpec,
)
from forms_catalog.specs.triggers import TriggerSpec

NEVER_TYPED = ("from-timepoint", "from-treatment", "from-events")
KINDS = ("text", "notes", "integer", "decimal", "date", "datetime", "time", "choice", "multichoice", "file")
NAMES = {
    "fhir": "FHIR R4 Questionnaire (JSON)",
    "odm": "CDISC ODM 1.3.2 (XML)",
    "odm2": "CDISC ODM 2.0 (XML)",
    "redcap": "REDCap data dictionary (CSV)",
    "xlsform": "XLSForm (Excel)",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What is to be written, under which file name, and what had to be left out before any format was chosen."""

    spec: DictionarySpec
    name: str
    left_out: tuple[Loss, ...] = ()


@dataclass(slots=True)
class _Names:
    """Field names that every format takes: lower-case letters, digits, '_'; each once."""

    taken: set[str] = field(default_factory=set)

    def of(self, text: str) -> str:
        """A name not given before."""
        bare = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "field"
        bare = bare if bare[0].isalpha() else f"q_{bare}"
        name, number = bare, 2
        while name in self.taken:
            name, number = f"{bare}_{number}", number + 1
        self.taken.add(name)
        return name


def catalog(elements: Iterable[ElementSpec]) -> Exported:
    """Each element as one field; its section is the form, its definition the note, its codes the codes."""
    names = _Names()
    ordered = sorted(elements, key=lambda e: e.section or "catalog")
    fields = [field_of(e, names.of(e.id), order) for order, e in enumerate(ordered, 1)]
    return Exported(_spec(fields, "AskOnce catalog"), "catalog")


def program(
    code: str,
    title: str,
    number: int,
    fields: Sequence[FieldSpec],
    entries: Iterable[ScheduleSpec],
    triggers: Iterable[TriggerSpec] = (),
) -> Exported:
    """One version of a program's dictionary as it was handed in, with its schedule and what comes due by answers as
    events.
    """
    forms = tuple(dict.fromkeys(f.form for f in fields))
    events = (*map(_event, entries), *(_opened(t, forms) for t in triggers))
    spec = replace(_spec(fields, title), events=events)
    return Exported(spec, f"{code}-v{number}")


def merged(programs: Sequence[ProgramSpec], elements: Mapping[str, ElementSpec]) -> Exported:
    """The form that answers all these programs at once: each element once, by section, with who needs it.

    What no person types is left out silently; a field that nobody has decided is left out with a loss.
    """
    asks = [(p, ask) for p in programs for ask in p.asks if ask.field.asks]
    undecided = tuple(
        Loss(
            f"{p.code}.{ask.field.path}", "mapping", "Not decided yet, so it is in no merged form. Review its mapping."
        )
        for p, ask in asks
        if ask.mapping is None
    )
    needed: dict[tuple[str, str], list[tuple[ProgramSpec, AskSpec]]] = {}
    for p, ask in asks:
        for source in ask.mapping.sources if ask.mapping else ():
            if source.element in elements:
                needed.setdefault((source.element, source.qualifier), []).append((p, ask))
    fields = list(_merged(needed, elements))
    title = "Merged form: " + ", ".join(p.title for p in programs)
    return Exported(_spec(fields, title), "merged-" + "-".join(p.code for p in programs), undecided)


def _merged(
    needed: Mapping[tuple[str, str], list[tuple[ProgramSpec, AskSpec]]], elements: Mapping[str, ElementSpec]
) -> Iterator[FieldSpec]:
    names = _Names()
    typed = [pair for pair in needed if elements[pair[0]].reuse not in NEVER_TYPED]
    typed.sort(key=lambda pair: elements[pair[0]].section or "catalog")
    for order, (key, qualifier) in enumerate(typed, 1):
        element, askers = elements[key], needed[key, qualifier]
        name = names.of(f"{key}_{qualifier}" if qualifier else key)
        made = field_of(element, name, order)
        if qualifier:
            made = _qualified(made, askers[0][1])
        who = ", ".join(sorted({p.code for p, _ in askers}))
        required = any(ask.field.required for _, ask in askers)
        yield replace(made, required=required, annotation=f"asked by {who}")


def _qualified(made: FieldSpec, ask: AskSpec) -> FieldSpec:
    """The extra question of a narrower mapping in place of the element's own."""
    if ask.mapping is None:
        return made
    options = ask.mapping.qualifier_options
    kind = "choice" if options else "text"
    return replace(made, label=ask.mapping.qualifier_question, options=options, kind=kind, unit="", codes=())


def field_of(element: ElementSpec, name: str, order: int) -> FieldSpec:
    """An element as a field in the catalog's own words."""
    kind = element.datatype if element.datatype in KINDS else "text"
    return FieldSpec(
        path=name,
        name=name,
        form=re.sub(r"[^a-z0-9]+", "_", (element.section or "catalog").lower()).strip("_") or "catalog",
        label=element.label,
        kind=kind,
        order=order,
        line=order,
        note=element.definition if element.definition != element.label else "",
        options=element.options if kind in ("choice", "multichoice") else (),
        unit=element.unit,
        date_format="ymd" if kind in ("date", "datetime") else "",
        minimum=_number(element.minimum),
        maximum=_number(element.maximum),
        identifier=element.identifier,
        asks=element.reuse not in NEVER_TYPED,
        codes=element.bindings,
    )


def file_name(exported: Exported, extension: str) -> str:
    """A name that no file system and no header minds."""
    bare = re.sub(r"[^A-Za-z0-9._-]+", "-", exported.name).strip(".-")[:80] or "dictionary"
    return f"{bare}.{extension.lstrip('.')}"


def _event(entry: ScheduleSpec) -> EventSpec:
    return EventSpec(
        code=entry.code,
        label=entry.label,
        forms=entry.forms,
        day=entry.due_day if entry.target_day is None else entry.target_day,
        start_day=entry.window_start_day,
        end_day=entry.window_end_day,
        kind=entry.kind,
    )


def _opened(trigger: TriggerSpec, forms: tuple[str, ...]) -> EventSpec:
    """A report may come for each record, so it repeats. Without forms of its own it may hold fields of any."""
    return EventSpec(trigger.entry, trigger.label, trigger.forms or forms, repeating=True, kind="triggered")


def _spec(fields: Sequence[FieldSpec], title: str) -> DictionarySpec:
    version = serial.digest([serial.dump(f) for f in fields])[:12]
    return DictionarySpec("askonce", version, tuple(fields), title=title)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
