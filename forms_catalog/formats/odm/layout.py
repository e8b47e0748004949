"""How a dictionary is laid out as ODM definitions: forms, sections, lists and rules, each with an OID of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from forms_catalog.formats.odm.xml_parts import clean
from forms_catalog.specs import DictionarySpec, EventSpec, FieldSpec, Loss, Option, Translation

Listed = tuple[tuple[Option, ...], tuple[tuple[str, tuple[Option, ...]], ...], str]  # options, others, data type


@dataclass(slots=True)
class Section:
    """Fields that stand together in a form under one heading, all repeating or none."""

    oid: str
    name: str
    repeating: bool
    fields: list[FieldSpec]


@dataclass(slots=True)
class Form:
    """One form with its sections."""

    oid: str
    name: str
    sections: list[Section] = field(default_factory=list)


@dataclass(slots=True)
class Layout:
    """Every definition to be written. What is shared (lists, units, rules) is found by its content."""

    spec: DictionarySpec
    losses: list[Loss]
    items: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    events: list[tuple[str, EventSpec]] = field(default_factory=list)
    lists: dict[Listed, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def oid(self, wanted: str) -> str:
        """An OID that nothing else in the file has."""
        wanted = clean(wanted).strip() or "item"
        found, number = wanted, 1
        while found in self.taken:
            number += 1
            found = f"{wanted}.{number}"
        self.taken.add(found)
        return found

    def shared(self, kind: str, known: dict[str, str], content: str) -> str:
        """The OID of a unit, condition or method with this content."""
        if content not in known:
            known[content] = self.oid(f"{kind}.{len(known) + 1}")
        return known[content]

    def listed(self, listed: Listed) -> str:
        """The OID of the code list with these choices."""
        if listed not in self.lists:
            self.lists[listed] = self.oid(f"CL.{len(self.lists) + 1}")
        return self.lists[listed]


def laid_out(spec: DictionarySpec, losses: list[Loss]) -> Layout:
    """Forms in the order met, each once; a section goes on as long as heading and repetition stay the same."""
    layout = Layout(spec, losses)
    for one in spec.fields:
        oid = layout.oid(one.path)
        layout.items[one.path] = oid
        if oid != one.path:
            layout.renamed[one.path] = oid
    for one in spec.fields:
        _place(layout, one)
    for event in spec.events:
        for name in event.forms:
            _form(layout, name)
        layout.events.append((layout.oid(event.code), event))
    return layout


def _form(layout: Layout, name: str) -> Form:
    if name not in layout.forms:
        layout.forms[name] = Form(layout.oid(f"F.{len(layout.forms) + 1}"), name)
    return layout.forms[name]


def _place(layout: Layout, one: FieldSpec) -> None:
    form = _form(layout, one.form)
    last = form.sections[-1] if form.sections else None
    if last is None or (last.name, last.repeating) != (one.section, one.repeating):
        oid = layout.oid(f"IG.{form.oid.removeprefix('F.')}.{len(form.sections) + 1}")
        last = Section(oid, one.section, one.repeating, [])
        form.sections.append(last)
    last.fields.append(one)


def choices(layout: Layout, one: FieldSpec, translations: list[Translation], data_type: str) -> Listed | None:
    """What the code list of a field holds; None where it has no choices. Reports what a list cannot hold."""
    options = {option.code: option for option in reversed(one.options)}
    kept = tuple(option for option in one.options if options[option.code] is option)
    if kept != one.options:
        layout.losses.append(Loss(one.path, "options", "A code that is there twice is written once."))
    others = []
    for said in translations:
        by_code = {option.code: option for option in said.options}
        found = tuple(by_code[option.code] for option in kept if option.code in by_code and by_code[option.code].label)
        if found != said.options:
            layout.losses.append(
                Loss(one.path, "translations", "Choices that the main language does not have are left out.")
            )
        if found:
            others.append((said.language, found))
    return (kept, tuple(others), data_type) if kept else None
