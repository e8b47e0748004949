"""A slice as the submission of an XForm: the instance of the program's exported XLSForm, as ODK's servers take it.

Pure; called by data_files. Groups and questions have the names of the exported form; a form that repeats is its repeat
once a row, in the order of the import file's numbers. Blanks are left out, as is every value of a report that was
entered in error. The same slice gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from capture.deliver import limits
from capture.deliver.slices import CellOut, Slice, check_places
from forms_catalog.formats.odm.xml_parts import clean
from forms_catalog.formats.xlsform.writing import Place, outline
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import DictionarySpec, FieldSpec

ROOT = "data"  # what a form's instance is called where nothing else is said
_MINUTES = re.compile(r"(.*T)?\d{2}:\d{2}")
Given = Mapping[str, CellOut]  # field path → the cell of one row


def write(slice_: Slice, spec: DictionarySpec, *, instance: str, replaces: str = "") -> bytes:
    """One submission. `spec` is the program's dictionary as it is exported (exporting.program), `instance` names the
    delivery, `replaces` the one the program has of this report; both are UUIDs.

    The name of the instance is the program's own number of the person and the report (OpenRosa's meta block has no
    place for events). Raises ValueError, naming what to do, where that number is missing or `spec` has no place for a
    value.
    """
    fields = {f.path: f for f in spec.fields}
    check_places(slice_, fields)
    form = outline(spec)
    root = etree.Element(ROOT, id=form.form_id, version=form.version)
    rows = [{c.path: c for c in row.cells if c.value} for row in slice_.rows]
    _Filling(fields).fill(root, form.places, [] if slice_.withdrawn else rows)
    meta = etree.SubElement(root, "meta")
    said = {
        "instanceID": f"uuid:{instance}",
        "deprecatedID": f"uuid:{replaces}" if replaces else "",
        "instanceName": clean(f"{slice_.subject_id} {slice_.report}"),
    }
    for name, text in said.items():
        if text:
            etree.SubElement(meta, name).text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@dataclass(frozen=True, slots=True)
class _Filling:
    """Lays rows into the tree of the form; a group that holds no value is left out."""

    fields: Mapping[str, FieldSpec]

    def fill(self, holder: Element, places: Sequence[Place], rows: Sequence[Given]) -> None:
        for place in places:
            if not place.path:
                paths = frozenset(_paths(place))
                mine = [row for row in rows if not paths.isdisjoint(row)]
                for part in [[row] for row in mine] if place.repeats else [mine] if mine else []:
                    self.fill(etree.SubElement(holder, place.name), place.inside, part)
            elif found := [row[place.path] for row in rows if place.path in row]:
                text = _text(found[0], self.fields[place.path], place.codes)
                etree.SubElement(holder, place.name).text = clean(text)


def _paths(place: Place) -> Iterator[str]:
    for one in place.inside:
        yield from [one.path] if one.path else _paths(one)


def _text(cell: CellOut, field: FieldSpec, codes: Mapping[str, str]) -> str:
    """Codes with spaces between; a month as its first day, as ODK keeps one; times with their seconds."""
    if cell.multiple:
        return " ".join(codes.get(code, code) for code in cell.value.split("|"))
    if field.options:
        return codes.get(cell.value, cell.value)
    found = limits.iso(cell.value, cell.date_format)
    if cell.date_format == "my" and found != cell.value:
        return f"{found}-01"
    if field.kind not in ("datetime", "time"):
        return found
    moment = found.replace(" ", "T", 1)
    return f"{moment}:00" if _MINUTES.fullmatch(moment) else moment
