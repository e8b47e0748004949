"""DictionarySpec to a REDCap data dictionary CSV. A row that came from REDCap goes back as it was. Pure.

What the columns cannot say stands in the annotation (marks.py); what is lost is found by reading the rows back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from forms_catalog.comparing import Change, differences
from forms_catalog.formats.csv_rows import Row
from forms_catalog.formats.headers import Header
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.redcap import marks
from forms_catalog.formats.redcap.cells import escaped, made
from forms_catalog.formats.redcap.columns import COLUMNS
from forms_catalog.formats.redcap.names import named
from forms_catalog.formats.redcap.reading import FORMAT, RECORD_ID_ROW, fields_of
from forms_catalog.specs import DictionarySpec, FieldSpec, Loss, Option, Written

MEDIA_TYPE = "text/csv"
_API = tuple(COLUMNS)
_RECORD_ID = re.compile(r"(?:.*_)?(?:u?subj(?:ect)?|pat(?:ient)?|study|record|case|participant)?_?(?:id|key|mrn)")


@dataclass(slots=True)
class _Line:
    """A field to be written (under REDCap's names), the path it came by, its cells by API or own column name."""

    spec: FieldSpec
    path: str
    form: str
    cells: dict[str, str] = field(default_factory=dict)
    added: str = ""


def write(spec: DictionarySpec) -> Written:
    """UTF-8 with a byte order mark (spreadsheets need it), REDCap's own 18 columns, then the source's further ones."""
    own = spec.format == FORMAT
    fields, renamed, losses = _under_legal_names(spec.fields, own)
    lines = [_Line(made_spec, f.path, f.form) for f, made_spec in zip(spec.fields, fields, strict=True)]
    lines = _form_by_form(lines)
    first = _record_id_row(spec, lines, own)
    extra = tuple(_extra_columns(lines, own))
    _fill(lines, extra, own)
    _mark(lines, extra)
    losses += [*_whole(spec, bool(first) and not own), *_lost(lines, extra)]
    known: dict[tuple[str, str], Loss] = {}
    for loss in losses:
        known.setdefault((loss.path, loss.what), loss)
    data = _csv([*first, *(line.cells for line in lines)], extra)
    return Written(data, MEDIA_TYPE, "csv", tuple(known.values()), renamed)


def _under_legal_names(
    fields: tuple[FieldSpec, ...], own: bool
) -> tuple[tuple[FieldSpec, ...], dict[str, str], list[Loss]]:
    if own:
        return fields, {}, []
    found = named(fields)
    return found.fields, dict(found.renamed), list(found.losses)


def _form_by_form(lines: list[_Line]) -> list[_Line]:
    """REDCap refuses a form that goes on after another one: all rows of a form where its first one stands."""
    forms: dict[str, list[_Line]] = {}
    for line in lines:
        forms.setdefault(line.spec.form, []).append(line)
    return [line for group in forms.values() for line in group]


def _record_id_row(spec: DictionarySpec, lines: list[_Line], own: bool) -> list[dict[str, str]]:
    """REDCap takes the first field as the record id. Where the source's is no such field, a row is put before it."""
    if own:
        needed = any(problem.code == RECORD_ID_ROW for problem in spec.problems)
    else:
        needed = not lines or not _can_be_record_id(lines[0].spec)
    if not needed:
        return []
    taken = {line.spec.name for line in lines}
    name = next(n for n in ("record_id", *(f"record_id_{i}" for i in range(2, len(taken) + 3))) if n not in taken)
    form = lines[0].spec.form if lines else "form"
    mark = marks.tag({"added_row": marks.ROW_ADDED})
    cells = {"field_name": name, "form_name": form, "field_type": "text", "field_label": "Record ID"}
    return [cells | {"field_annotation": mark}]


def _can_be_record_id(first: FieldSpec) -> bool:
    named_so = bool(_RECORD_ID.fullmatch(first.name))
    return first.kind == "text" and first.asks and not first.branching and named_so


def _extra_columns(lines: list[_Line], own: bool) -> Iterator[str]:
    if own:
        names = dict.fromkeys(name for line in lines for name, _ in line.spec.original)
        yield from (name for name in names if name not in COLUMNS)


def _fill(lines: list[_Line], extra: tuple[str, ...], own: bool) -> None:
    """Rows as REDCap wrote them where they still say what the field says, else rows made from the field."""
    for line in lines:
        if own:
            line.cells = dict(line.spec.original) | {"field_name": line.spec.name, "form_name": line.spec.form}
    form, section = "", ""
    again = _read(lines, extra) if own else []
    for at, line in enumerate(lines):
        section = section if line.spec.form == form else ""
        form = line.spec.form
        if not own or differences(line.spec, again[at]):
            line.cells = _made(line, section)
        section = line.spec.section or section


def _made(line: _Line, section: str) -> dict[str, str]:
    cells, line.added = made(line.spec)
    kept = {name: cell for name, cell in line.spec.original if name in _LOOKS or name not in COLUMNS}
    if "field_name" in dict(line.spec.original):
        cells = kept | cells
    if line.spec.section != section:
        cells["section_header"] = escaped(line.spec.section)
    cells["field_annotation"] = "\n".join(filter(None, (line.spec.annotation, line.added)))
    return cells


_LOOKS = ("custom_alignment", "question_number", "matrix_group_name", "matrix_ranking")


def _mark(lines: list[_Line], extra: tuple[str, ...]) -> None:
    """Put into the annotation what the row alone does not give back."""
    for line, again in zip(lines, _read(lines, extra), strict=True):
        found = {c.what: marks.value_of(line.spec, c.what) for c in differences(line.spec, again) if _kept(c)}
        if line.form != line.spec.form:
            found["form"] = line.form
        if line.added:
            found["added"] = line.added
        if found:
            mark = marks.tag({"row": marks.checksum(line.cells, _API), **found})
            line.cells["field_annotation"] = "\n".join(filter(None, (line.cells.get("field_annotation", ""), mark)))


def _kept(change: Change) -> bool:
    """Whether the mark can keep it. Other choices than the row has would make logic name what is not there."""
    if change.what == "options":
        before, after = change.before, change.after
        return isinstance(before, tuple) and isinstance(after, tuple) and _codes(before) == _codes(after)
    return change.what in marks.KEPT


def _codes(options: tuple[Option, ...]) -> list[str]:
    return [option.code for option in options]


def _lost(lines: list[_Line], extra: tuple[str, ...]) -> Iterator[Loss]:
    """What reads back otherwise, and fields that do not stand in the order they had."""
    last = -1
    for line, again in zip(lines, _read(lines, extra), strict=True):
        for change in differences(replace(line.spec, form=line.form), again):
            message = f"REDCap cannot say it; it reads back as {str(change.after)[:80]!r}."
            yield Loss(line.path, change.what, message)
        if line.spec.order < last:
            yield Loss(line.path, "order", "REDCap wants all fields of a form together; the field was moved to them.")
        last = max(last, line.spec.order)


def _whole(spec: DictionarySpec, row_added: bool) -> Iterator[Loss]:
    if row_added:
        yield Loss("", "fields", "A first row for the record id was added, which REDCap needs. It is read as no field.")
    if spec.events:
        message = "A REDCap dictionary holds no events. Enter them in the project, with the forms of each."
        yield Loss("", "events", message)
    if spec.language:
        yield Loss("", "language", "A REDCap dictionary does not name its language.")


def _read(lines: list[_Line], extra: tuple[str, ...]) -> tuple[FieldSpec, ...]:
    """What our reader makes of the rows."""
    names = (*_API, *extra)
    header = Header(1, names, (*_API, *("" for _ in extra)))
    rows = [Row(at + 2, [line.cells.get(name, "") for name in names]) for at, line in enumerate(lines)]
    return fields_of(rows, header, Findings())


def _csv(rows: list[dict[str, str]], extra: tuple[str, ...]) -> bytes:
    """Cells that start with = + - @ stay: annotations and labels do, and REDCap takes the file as data."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(names[0] for names in COLUMNS.values()), *extra])
    writer.writerows([row.get(name, "") for name in (*_API, *extra)] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")
