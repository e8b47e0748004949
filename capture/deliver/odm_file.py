"""A slice as ODM 1.3.2 clinical data under the OIDs of the program's exported dictionary.

Pure; called by data_files. Repeats are ItemGroupData whose ItemGroupRepeatKey is the row's instance; the reports of
an event that repeats are told apart by StudyEventRepeatKey. A file is a snapshot: the whole report as it stands, blanks
left out, so a repeat that is gone is not in it. A report that was entered in error is a transaction that removes its
event. The same slice gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from lxml import etree

from capture.deliver import limits
from capture.deliver.slices import CellOut, Row, Slice, check_places
from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.layout import Form, Layout, Section
from forms_catalog.formats.odm.writing import METADATA, STUDY, oids
from forms_catalog.formats.odm.xml_parts import Edition, clean
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import DictionarySpec, FieldSpec

ODM = Edition("1.3.2", "")
Given = dict[str, str]  # field path → value as the file writes it


def write(slice_: Slice, spec: DictionarySpec, *, file_oid: str, created: datetime) -> bytes:
    """One ODM file. `spec` is the program's dictionary as it is exported (exporting.program), `created` knows its zone.

    Raises ValueError, naming what to do, where the program's own number is missing or `spec` has no place for a value.
    """
    layout = oids(spec)
    check_places(slice_, layout.items)
    event = _event(slice_, layout)
    root = ODM.root(_head(slice_, file_oid, created))
    clinical = ODM.add(root, "ClinicalData", StudyOID=STUDY, MetaDataVersionOID=METADATA)
    subject = ODM.add(clinical, "SubjectData", SubjectKey=clean(slice_.subject_id))
    if slice_.withdrawn:
        ODM.add(subject, "StudyEventData", **event, TransactionType="Remove")
    else:
        _report(ODM.add(subject, "StudyEventData", **event), slice_, layout)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(slice_: Slice, file_oid: str, created: datetime) -> dict[str, str]:
    if created.tzinfo is None:
        raise ValueError("The time a file is made at needs its zone.")
    return {
        "FileType": "Transactional" if slice_.withdrawn else "Snapshot",
        "Granularity": "SingleSubject",
        "FileOID": file_oid,
        "CreationDateTime": created.isoformat(timespec="seconds"),
        "ODMVersion": ODM.version,
        "SourceSystem": own.SYSTEM,
    }


def _event(slice_: Slice, layout: Layout) -> dict[str, str]:
    """The event's OID, and which of its reports this is where it has several."""
    for oid, event in layout.events:
        if event.code == clean(slice_.entry_code):
            key = {"StudyEventRepeatKey": str(slice_.number or 1)} if event.repeating else {}
            return {"StudyEventOID": oid, **key}
    raise ValueError(f"{slice_.program}: the dictionary has no event {slice_.entry_code}. Export it with its schedule.")


def _report(event: Element, slice_: Slice, layout: Layout) -> None:
    fields = {f.path: f for f in layout.spec.fields}
    for form in layout.forms.values():
        rows = [(r, _given(r, fields)) for r in slice_.rows if clean(r.form) == form.name]
        if any(given for _, given in rows):
            _form(ODM.add(event, "FormData", FormOID=form.oid), form, rows, layout)


def _form(holder: Element, form: Form, rows: Sequence[tuple[Row, Given]], layout: Layout) -> None:
    for section in form.sections:
        for key, given in _groups(section, rows):
            said = {"ItemGroupRepeatKey": key} if key else {}
            group = ODM.add(holder, "ItemGroupData", ItemGroupOID=section.oid, **said)
            for path, value in given.items():
                ODM.add(group, "ItemData", ItemOID=layout.items[path], Value=clean(value))


def _groups(section: Section, rows: Sequence[tuple[Row, Given]]) -> Iterator[tuple[str, Given]]:
    """Repeat key and values of each group of a section. What does not repeat in a form that does is there once."""
    parts = [(r.instance, {f.path: given[f.path] for f in section.fields if f.path in given}) for r, given in rows]
    if section.repeating:
        yield from ((key or "1", given) for key, given in parts if given)
    elif once := {path: value for _, given in reversed(parts) for path, value in given.items()}:
        yield "", {f.path: once[f.path] for f in section.fields if f.path in once}


def _given(row: Row, fields: dict[str, FieldSpec]) -> Given:
    return {c.path: _text(c, fields[c.path]) for c in row.cells if c.value}


def _text(cell: CellOut, field: FieldSpec) -> str:
    """Several codes are one value with commas between, as `initial` writes them; a date and time has a T between."""
    if cell.multiple:
        codes = cell.value.split("|")
        if any("," in code for code in codes):
            raise ValueError(f"{cell.name}: a code with a comma cannot be written beside others in one ODM value.")
        return ",".join(codes)
    found = limits.iso(cell.value, cell.date_format)
    return found.replace(" ", "T", 1) if field.kind == "datetime" else found
