"""REDCap data dictionary CSV to DictionarySpec. Called by formats.read; nothing is refused whole for a bad row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from forms_catalog.formats.csv_rows import Row, decode, rows
from forms_catalog.formats.headers import Header
from forms_catalog.formats.html_text import plain
from forms_catalog.formats.identity import content_version, paths_of
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.formats.redcap import columns, marks
from forms_catalog.formats.redcap.checks import check_fields
from forms_catalog.formats.redcap.choices import IMPLIED, options_of
from forms_catalog.formats.redcap.kinds import CHOICES, kind_of, type_of
from forms_catalog.formats.redcap.tags import Tags, tags_of
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.specs import DictionarySpec, FieldSpec, Option

FORMAT = "redcap"
MAX_ROWS = 20_000  # ten times the largest real dictionary seen
RECORD_ID_ROW = "record_id_row"  # the problem code of a row that our writer put first
_API = tuple(columns.COLUMNS)
_HEAD = 200_000  # characters in which the header must stand


@dataclass(frozen=True, slots=True)
class _Record:
    """One row with a variable name, placed: its cells by API name, its form and section, its path."""

    line: int
    cells: dict[str, str]
    form: str
    section: str
    annotation: str = ""
    mark: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""

    def cell(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def looks_like(data: bytes) -> bool:
    """Whether the text has a REDCap header in its first rows. Raises UnreadableFile (see csv_rows.decode)."""
    return _header(decode(data, Findings())) is not None


def read(data: bytes, name: str = "") -> DictionarySpec:
    """The dictionary with every problem found. Raises UnreadableFile where the bytes are no REDCap dictionary."""
    findings = Findings()
    text = decode(data, findings)
    found = _header(text)
    if found is None:
        raise UnreadableFile("no_header", "No row has REDCap's columns. Export the data dictionary with its header.")
    delimiter, header = found
    columns.report(header, findings)
    body = [row for row in rows(text, delimiter, findings) if row.line > header.line]
    if len(body) > MAX_ROWS:
        raise UnreadableFile("too_many_rows", f"The file has more than {MAX_ROWS} rows. Split it by form.")
    fields = fields_of(body, header, findings)
    check_fields(fields, findings)
    version = content_version(data)
    return DictionarySpec(format=FORMAT, version=version, fields=fields, problems=findings.all(), title=name)


def fields_of(body: list[Row], header: Header, findings: Findings) -> tuple[FieldSpec, ...]:
    """The rows below the header as fields, before what stands in them is checked. The writer reads its rows with it."""
    records = _records(body, header, findings)
    forms = _forms_before_export(records)
    return tuple(
        _field(record, order, forms.get(record.form, record.form), findings)
        for order, record in enumerate(_with_paths(records))
    )


def _forms_before_export(records: list[_Record]) -> dict[str, str]:
    """Form as REDCap has it → its name before our writer made it legal, as its first mark says."""
    found: dict[str, str] = {}
    for record in records:
        form = record.mark.get("form")
        if form is not None and marks.is_text(form):
            found.setdefault(record.form, form)
    return found


def _header(text: str) -> tuple[str, Header] | None:
    for delimiter in ",;\t":
        header = columns.find_header(rows(text[:_HEAD], delimiter, Findings()))
        if header:
            return delimiter, header
    return None


def _records(found: list[Row], header: Header, findings: Findings) -> list[_Record]:
    """The rows with a variable name, with form and section carried down; the others become problems."""
    records: list[_Record] = []
    form, section, blank = "", "", []
    for row in found:
        if not any(cell.strip() for cell in row.cells):
            blank.append(row.line)
            continue
        cells = _cells(row, header, findings)
        own_form = cells.get("form_name", "").strip() or _missing_form(row.line, form, header, findings)
        section = plain(cells.get("section_header", "")) or (section if own_form == form else "")
        form = own_form
        if cells.get("field_name", "").strip():
            annotation, mark = marks.split(cells.get("field_annotation", "").strip())
            if mark.get("added_row") == marks.ROW_ADDED:
                findings.info(row.line, "", RECORD_ID_ROW, "The row was added by an export for the record id.")
                continue
            records.append(_Record(row.line, cells, form, section, annotation, mark))
        else:
            shown = plain(cells.get("field_label", ""))[:60]
            message = f"This row ({shown!r}) has no variable name and was left out. Give it a name."
            findings.error(row.line, "", "missing_name", message)
    if blank:
        findings.info(blank[0], "", "blank_rows", f"{len(blank)} empty rows were left out.")
    if not records:
        findings.error(0, "", "no_fields", "The file has a header and no fields. Check that the export is complete.")
    return records


def _cells(row: Row, header: Header, findings: Findings) -> dict[str, str]:
    """The row's filled cells by API name, or by header text for columns that are not REDCap's."""
    wide, given = len(header.names), len(row.cells)
    if given < wide or any(cell.strip() for cell in row.cells[wide:]):
        message = (
            f"The row has {given} cells and the header {wide}. Missing ones are taken as empty, extra ones left out."
        )
        findings.warning(row.line, row.cells[0].strip()[:60], "ragged_row", message)
    cells: dict[str, str] = {}
    for name, written, cell in zip(header.names, header.written, row.cells, strict=False):
        if cell.strip():
            cells.setdefault(name or written.strip() or "unnamed column", cell)
    return cells


def _missing_form(line: int, form: str, header: Header, findings: Findings) -> str:
    if "form_name" in header.names:
        findings.warning(line, "", "missing_form", f"The row names no form; it was put into {form or 'form'!r}.")
    return form or "form"


def _with_paths(records: list[_Record]) -> list[_Record]:
    paths = paths_of((record.form, record.cell("field_name")) for record in records)
    return [replace(record, path=path) for record, path in zip(records, paths, strict=True)]


def _field(record: _Record, order: int, form: str, findings: Findings) -> FieldSpec:
    field_type = _field_type(record, findings)
    tags = tags_of(record.annotation)
    note = plain(record.cell("field_note"))
    asks = tags.asks and field_type not in ("calc", "descriptive")
    label = plain(record.cell("field_label")) or _missing_label(record, asks, findings)
    validation = record.cell("text_validation_type_or_show_slider_number").lower()
    kind, date_format = kind_of(field_type, validation, f"{label} {note}")
    least, most = ("0", "100") if field_type == "slider" else ("", "")
    found = FieldSpec(
        path=record.path,
        name=record.cell("field_name"),
        form=form,
        label=label,
        kind=kind,
        order=order,
        line=record.line,
        section=record.section,
        note=note,
        field_type=field_type,
        options=_options(record, field_type, findings),
        unit=unit_of(label, note, number=kind in ("integer", "decimal")) if kind in _MEASURED else "",
        validation=validation,
        date_format=date_format,
        minimum=record.cell("text_validation_min") or least,
        maximum=record.cell("text_validation_max") or most,
        branching=record.cell("branching_logic"),
        calculation=_calculation(record, field_type, tags),
        required=_says_yes(record.cell("required_field")) and asks,
        identifier=_says_yes(record.cell("identifier")),
        asks=asks,
        annotation=marks.without_added(record.annotation, record.mark),
        initial=tags.initial,
        original=tuple(record.cells.items()),
    )
    return marks.restored(found, record.mark, marks.checksum(record.cells, _API)) if record.mark else found


def _missing_label(record: _Record, asks: bool, findings: Findings) -> str:
    if not asks:
        return ""
    message = "The question has no label; its variable name is shown instead. Add a label."
    findings.warning(record.line, record.path, "missing_label", message)
    return record.cell("field_name")


_MEASURED = ("integer", "decimal", "text")


def _field_type(record: _Record, findings: Findings) -> str:
    written = record.cell("field_type")
    field_type = type_of(written)
    if field_type:
        return field_type
    if written:
        message = f"Field type {written[:40]!r} is not known; the field is asked as text. Use one of REDCap's types."
        findings.error(record.line, record.path, "unknown_type", message)
    else:
        message = "The field has no type; it is asked as text. Fill in its Field Type."
        findings.error(record.line, record.path, "missing_type", message)
    return "text"


def _options(record: _Record, field_type: str, findings: Findings) -> tuple[Option, ...]:
    if field_type in CHOICES:
        return options_of(record.cell("select_choices_or_calculations"), record.line, record.path, findings)
    return IMPLIED.get(field_type, ())


def _calculation(record: _Record, field_type: str, tags: Tags) -> str:
    return record.cell("select_choices_or_calculations") if field_type == "calc" else tags.calculation


def _says_yes(cell: str) -> bool:
    return cell.lower() in ("y", "yes", "1", "true", "x")
