"""Answers, units, required marks and identifiers that the programs which share an element state differently. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from forms_catalog.formats.unit_words import ucum_of
from forms_catalog.merging_sides import Asked, decided, of_element, of_field
from forms_catalog.specs import Conflict, ElementSpec, MappingSpec, ReleaseSpec
from forms_catalog.transforms import Refusal, codes_without_target
from forms_catalog.transforms.units import to_program

CODED = frozenset({"choice", "multichoice"})
COARSE = "year_of"  # a year alone names nobody


def options(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """Answers some program has no code for: one conflict an element where its askers differ, else one a field."""
    found: dict[str, list[tuple[Asked, tuple[str, ...]]]] = defaultdict(list)
    for x, mapping in decided(asked):
        element = release.elements.get(mapping.sources[0].element)
        if element is not None and x.ask.field.kind in CODED and mapping.relation != "new":
            codes = [o.code for o in x.ask.field.options]
            found[element.id].append((x, tuple(codes_without_target(mapping, element, codes))))
    for name, askers in found.items():
        if len({x.program for x, _ in askers}) > 1 and len({lost for _, lost in askers}) > 1:
            yield _differ(name, askers)
            continue
        for x, lost in askers:
            if lost:
                text = f"{x.place} has no code for {', '.join(lost)}; such an answer is delivered blank with a note."
                yield of_field("no_target", x, text, _list(x, lost), name)


def _differ(element: str, askers: list[tuple[Asked, tuple[str, ...]]]) -> Conflict:
    parts = [f"{x.place} has no code for {', '.join(lost)}" for x, lost in askers if lost]
    text = f"Answers to {element} differ: {'; '.join(parts)}. Such an answer is delivered blank with a note."
    return of_element("options_differ", element, text, [x.says(_list(x, lost)) for x, lost in askers])


def _list(x: Asked, lost: tuple[str, ...]) -> str:
    """The program's own list, and what it lacks."""
    own = " | ".join(f"{o.code}, {o.label}" for o in x.ask.field.options)
    return f"{own} (no code for {', '.join(lost)})" if lost else own


def required(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """Elements that one program requires somewhere and another does nowhere."""
    found: dict[str, list[Asked]] = defaultdict(list)
    for x, mapping in decided(asked):
        element = release.elements.get(mapping.sources[0].element)
        if element is not None and element.scope != "program" and not element.reuse.startswith("from-"):
            found[element.id].append(x)
    for name, fields in found.items():
        by_program = {x.program: any(y.ask.field.required for y in fields if y.program == x.program) for x in fields}
        if len(set(by_program.values())) > 1:
            need = ", ".join(x.place for x in fields if x.ask.field.required)
            sides = [x.says("required" if x.ask.field.required else "may stay blank") for x in fields]
            yield of_element("required_differs", name, f"{name} is required by {need} only.", sides)


def units(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """Decisions that deliver another unit than the field asks for, or by a conversion that is refused."""
    for x, mapping in decided(asked):
        element = release.elements.get(mapping.sources[0].element)
        if element is None or mapping.relation == "new":
            continue
        wrong = _wrong_unit(x, mapping, element)
        if wrong:
            says = f"asks for '{x.ask.field.unit}'" if x.ask.field.unit else "states no unit of its own"
            yield of_field("unit_differs", x, f"{x.place}: {wrong}", says, element.id)


def _wrong_unit(x: Asked, mapping: MappingSpec, element: ElementSpec) -> str:
    step = next((s for s in mapping.transform if s.op == "unit"), None)
    delivered = str(step.args.get("to", "")) if step else element.unit
    if step:
        try:
            to_program(element, delivered)
        except Refusal as refused:
            return str(refused)
    wanted = ucum_of(x.ask.field.unit) if x.ask.field.unit and element.unit else ""
    by_rollup = any(s.op == "rollup" for s in mapping.transform)
    if wanted and wanted != delivered and not by_rollup:
        return f"it asks for '{x.ask.field.unit}', the decision delivers '{delivered}'."
    return ""


def identifiers(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """Programs that ask for what names the person, other than their own number; a year alone does not."""
    for x, mapping in decided(asked):
        if any(s.args.get("name") == COARSE for s in mapping.transform):
            continue
        found = [release.elements[s.element] for s in mapping.sources if s.element in release.elements]
        names = [e.id for e in found if e.identifier and e.scope != "program"]
        if names:
            text = f"{x.place} asks for {names[0]}, which names the person."
            yield of_field("identifier", x, text, f"asks for {names[0]}", names[0])
