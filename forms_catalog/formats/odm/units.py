"""Units of items: MeasurementUnit (ODM 1), a units item or a UCUM code (ODM 2.0)."""

from __future__ import annotations

from forms_catalog.formats.odm.codelists import CodeLists
from forms_catalog.formats.odm.elements import attribute, child, children, line_of
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.xml_input import Element


class Units:
    """The unit of each item; one that the person chooses among several is left open and said so."""

    UCUM = "http://unitsofmeasure.org"

    def __init__(self, study: Study, codelists: CodeLists) -> None:
        self.study = study
        self.codelists = codelists
        self._named: dict[str, str] = {}

    def of(self, units: list[str], item: Element, reference: Element | None, path: str) -> str:
        """The unit as the program writes it; '' where there is none, or more than one."""
        found = [self._unit(oid, item, path) for oid in units if oid]
        found += [_coded(c) for c in children(item, "Coding") if attribute(c, "System") == self.UCUM]
        if not found and reference is not None:
            found = self._by_item(reference)
        said = list(dict.fromkeys(unit for unit in found if unit))
        if len(said) > 1:
            message = f"The answer is in one of several units ({', '.join(said)[:100]}), chosen when it is given."
            self.study.findings.warning(line_of(item), path, "several_units", f"{message} Agree on one.")
        return said[0] if len(said) == 1 else ""

    def _unit(self, oid: str, item: Element, path: str) -> str:
        if oid not in self._named:
            unit = self.study.get("MeasurementUnit", oid)
            if unit is None:
                message = (
                    f"It refers to MeasurementUnit {oid[:60]!r}, which is not in the file, so its unit is not known."
                )
                self.study.findings.error(line_of(item), path, "dangling_reference", f"{message} Add it.")
                self._named[oid] = ""
            else:
                speech = self.study.speech
                self._named[oid] = speech.main(speech.texts(child(unit, "Symbol"))) or attribute(unit, "Name")
        return self._named[oid]

    def _by_item(self, reference: Element) -> list[str]:
        """ODM 2.0: another item holds the unit; its choices are the units."""
        oid = attribute(reference, "UnitsItemOID")
        item = self.study.get("ItemDef", oid) if oid else None
        listed = None if item is None else self.codelists.of_item(item)
        return [option.label for option in listed.options] if listed else []


def _coded(coding: Element) -> str:
    return coding.get("Label") or attribute(coding, "Code")
