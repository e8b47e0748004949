"""Where each item stands: its form, section and conditions, by walking forms, item groups and their references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.elements import attribute, child, children, in_order, line_of, local
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.xml_input import Element

MAX_STEPS = 100_000  # references followed in all; a hostile file refers to the same groups again and again
_SHOWN = 6  # other forms that are named in a problem


@dataclass(slots=True)
class Place:
    """The first form that shows an item: `reference` is its ItemRef; `others` are more forms that show it."""

    form: str
    section: str
    repeating: bool
    reference: Element
    conditions: tuple[str, ...] = ()
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Stop:
    """One reference on the way down: what refers, and what holds for everything below it."""

    reference: Element
    section: str
    repeating: bool
    conditions: tuple[str, ...]


def places(study: Study) -> dict[str, Place]:
    """Every item that a form shows, by OID, in the order in which a person meets them."""
    walk = _Walk(study)
    for oid, form in _forms(study).items():
        walk.form(oid, form)
    if walk.steps > MAX_STEPS:
        message = f"More than {MAX_STEPS} references were met; the rest were not followed. Split the file by form."
        study.findings.error(0, "", "too_many_references", message)
    return walk.placed


def _forms(study: Study) -> dict[str, Element]:
    """FormDefs, or ODM 2.0's item groups of Type Form; where there are neither, the groups nobody refers to."""
    groups = study.of("ItemGroupDef")
    forms = study.of("FormDef") or {oid: g for oid, g in groups.items() if attribute(g, "Type") == "Form"}
    if forms or not groups:
        return forms
    message = "The file has no forms; its item groups were taken as forms."
    study.findings.info(0, "", "no_forms", message)
    below = {attribute(r, "ItemGroupOID") for g in groups.values() for r in children(g, "ItemGroupRef")}
    return {oid: group for oid, group in groups.items() if oid not in below}


class _Walk:
    """Follows references form by form; a group is walked once in each form, so circles end."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.placed: dict[str, Place] = {}
        self.steps = 0
        self.groups = study.of("ItemGroupDef")
        self.items = study.defs["ItemDef"]
        self.by_event = _event_conditions(study)
        self.reported: set[tuple[str, str]] = set()
        self.inside: dict[str, tuple[list[str], list[Element]]] = {}  # items and groups in each group walked
        self._sections: dict[str, str] = {}

    def form(self, oid: str, form: Element) -> None:
        """Place every item of a form that no earlier form has placed."""
        named = self.study.form_names.get(oid)
        name = (self.section(oid, form) or oid) if named is None else named
        repeating = _repeats(form)
        below = [_Stop(r, "", repeating, self.by_event.get(oid, ())) for r in _references(form)]
        waiting, seen = below[::-1], {oid}
        while waiting and self.steps <= MAX_STEPS:
            self.steps += 1
            stop = waiting.pop()
            if local(stop.reference) == "ItemRef":
                self.item(name, stop)
            else:
                waiting.extend(reversed(self.group(stop, name, seen)))

    def group(self, stop: _Stop, form: str, seen: set[str]) -> list[_Stop]:
        """The references inside the group that `stop` names."""
        oid = attribute(stop.reference, "ItemGroupOID")
        group = self.groups.get(oid)
        if group is None:
            self.dangling(stop.reference, "ItemGroupDef", oid)
            return []
        if oid in seen:
            return []
        seen.add(oid)
        section = self.section(oid, group)
        section = "" if section == form and not self.study.speech.verbatim else section
        repeating = stop.repeating or _repeats(group)
        conditions = _conditions(stop)
        return [_Stop(r, section, repeating, conditions) for r in self.references(oid, group, form)]

    def references(self, oid: str, group: Element, form: str) -> list[Element]:
        """What a group refers to; of one that an earlier form has, the groups alone, its items being placed."""
        if oid not in self.inside:
            found = _references(group)
            items = [attribute(r, "ItemOID") for r in found if local(r) == "ItemRef"]
            self.inside[oid] = items, [r for r in found if local(r) != "ItemRef"]
            return found
        items, groups = self.inside[oid]
        self.steps += len(items)
        for item in items if self.steps <= MAX_STEPS else ():
            self.again(item, form)
        return groups

    def again(self, oid: str, form: str) -> None:
        """Note one more form that shows an item."""
        place = self.placed.get(oid)
        if place and form != place.form and form not in place.others and len(place.others) < _SHOWN:
            place.others.append(form)

    def section(self, oid: str, group: Element) -> str:
        """What a group is called: its description, else its Name."""
        if oid not in self._sections:
            speech = self.study.speech
            said = own.aliases(group).get("section") if speech.verbatim else None
            name = group.get("Name") or "" if speech.verbatim else speech.clean(attribute(group, "Name"))
            self._sections[oid] = (
                said if said is not None else speech.main(speech.texts(child(group, "Description"))) or name
            )
        return self._sections[oid]

    def item(self, form: str, stop: _Stop) -> None:
        """Place one item, or note one more form that shows it."""
        oid = attribute(stop.reference, "ItemOID")
        if oid not in self.items:
            self.dangling(stop.reference, "ItemDef", oid)
        elif oid not in self.placed:
            self.placed[oid] = Place(form, stop.section, stop.repeating, stop.reference, _conditions(stop))
        else:
            self.again(oid, form)

    def dangling(self, reference: Element, kind: str, oid: str) -> None:
        """Report once what is referred to and not there."""
        if (kind, oid) not in self.reported:
            self.reported.add((kind, oid))
            message = f"It refers to {kind} {oid[:60]!r}, which is not in the file. Add it or remove the reference."
            self.study.findings.error(line_of(reference), "", "dangling_reference", message)


def _references(holder: Element) -> list[Element]:
    return in_order(children(holder, "ItemGroupRef", "ItemRef"))


def _repeats(definition: Element) -> bool:
    return attribute(definition, "Repeating") not in ("", "No")


def _conditions(stop: _Stop) -> tuple[str, ...]:
    oid = attribute(stop.reference, "CollectionExceptionConditionOID")
    return (*stop.conditions, oid) if oid and oid not in stop.conditions else stop.conditions


def _event_conditions(study: Study) -> dict[str, tuple[str, ...]]:
    """The condition of each form where every event that has the form sets the same one."""
    found: dict[str, list[str]] = {}
    for form, reference in _form_references(study):
        found.setdefault(form, []).append(attribute(reference, "CollectionExceptionConditionOID"))
    conditions: dict[str, tuple[str, ...]] = {}
    for form, oids in found.items():
        if len(set(oids)) > 1:
            message = f"Form {form[:60]!r} is conditional in some events only; it is asked in all. Check the schedule."
            study.findings.warning(0, "", "condition_by_event", message)
        elif oids[0]:
            conditions[form] = (oids[0],)
    return conditions


def _form_references(study: Study) -> Iterator[tuple[str, Element]]:
    for event in study.of("StudyEventDef").values():
        for reference in children(event, "FormRef", "ItemGroupRef"):
            yield attribute(reference, "FormOID") or attribute(reference, "ItemGroupOID"), reference
