"""A REDCap import file: record id, event name, instance columns for repeats, var___code checkboxes, form_complete.

Pure. Dates are always YYYY-MM-DD, the one format REDCap's import reads whatever the field shows. Values are raw:
this file is for a machine, do not open and save it in a spreadsheet. The same slices give the same bytes.
Blanks do not overwrite by REDCap's default, so a later revision holds only what changed and `advice` says how to
import it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from capture.deliver import limits
from capture.deliver.slices import CellOut, Row, Slice, changes

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
COMPLETE = "2"
Line = dict[str, str]


def write(slices: Sequence[Slice], *, before: Slice | None = None) -> bytes:
    """One line a slice, and one a repeat, of one program. With `before` (one slice only), what changed since.

    UTF-8 without a mark, \\n line ends. Raises ValueError for slices of several programs, or `before` with several.
    """
    if len({(s.program, s.record_field) for s in slices}) > 1:
        raise ValueError("An import file holds slices of one program only.")
    if before is not None and len(slices) != 1:
        raise ValueError("Changes are written for one slice at a time: a blank of one would overwrite another's value.")
    lines = [line for s in slices for line in _lines(s, before)]
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns(lines), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode("utf-8")


def event_name(label: str, code: str = "") -> str:
    """REDCap's unique event name: the label (or the code) in lower case, spaces as _, 18 characters, arm 1.

    REDCap makes it from the event's label and adds a letter where two labels start alike; a dictionary file does not
    hold it, so a program whose events are called otherwise renames them here by its schedule labels.
    """
    words = re.sub(r"[^a-z0-9 _]+", "", (label or code).lower())
    return re.sub(r"\s+", "_", words.strip())[:18] + "_arm_1"


def advice(slice_: Slice, before: Slice | None = None) -> str:
    """What to choose when importing, in words; names fields, never values."""
    if before is None:
        return "Import with dates as YYYY-MM-DD. Blank values need not overwrite."
    found = changes(before, slice_)
    blanked = sorted({c.name for c in found if not c.new and not c.gone})
    gone = sorted({c.row for c in found if c.gone and c.row})
    texts = ["This file holds only what changed since the last one. Import with dates as YYYY-MM-DD."]
    if blanked:
        texts.append(f"Let blank values overwrite: {', '.join(blanked)} became blank.")
    if gone:
        texts.append(f"Delete by hand, an import cannot: {', '.join(gone)}.")
    return " ".join(texts)


def _lines(slice_: Slice, before: Slice | None) -> list[Line]:
    """The plain forms of an event are one line, each repeat of a form is a line of its own."""
    key = _place(slice_)
    same_place = before is not None and _place(before) == key
    changed = {(c.row, c.path) for c in changes(before, slice_)} if before is not None and same_place else None
    plain: Line = {}
    repeats: list[Line] = []
    for row in slice_.rows:
        values = _values(row, slice_.record_field, changed)
        if row.instance and values:
            repeats.append({**key, INSTRUMENT: row.form, INSTANCE: row.instance, **values})
        elif values:
            plain |= values
    return [{**key, **plain}, *repeats] if plain or not repeats else repeats


def _place(slice_: Slice) -> Line:
    """Person and event. An event that repeats has the report's number as its instance and no instrument."""
    label = slice_.label.removesuffix(f" {slice_.number}") if slice_.number else slice_.label
    person = {slice_.record_field: slice_.subject_id, EVENT: event_name(label, slice_.entry_code)}
    return person | ({INSTRUMENT: "", INSTANCE: str(slice_.number)} if slice_.number else {})


def _values(row: Row, record_field: str, changed: set[tuple[str, str]] | None) -> Line:
    found: Line = {}
    for cell in row.cells:
        wanted = changed is None or (row.key, cell.path) in changed
        if wanted and cell.name != record_field and cell.state != "calculated":
            found |= _boxes(cell, unticked=changed is not None) if cell.multiple else {cell.name: _date(cell)}
    return {**found, f"{row.form}_complete": COMPLETE} if found else {}


def _boxes(cell: CellOut, *, unticked: bool) -> Line:
    """1 or 0 for each code. An unanswered question leaves its boxes blank, unless they have to be unticked now."""
    chosen = cell.value.split("|")
    empty = "0" if cell.value or unticked else ""
    return {column(cell.name, code): "1" if code in chosen else empty for code in cell.multiple}


def column(name: str, code: str) -> str:
    """The column of one code of a checkbox: REDCap writes codes in lower case with _ for what is no letter or digit."""
    return f"{name}___{re.sub(r'[^a-z0-9_]', '_', code.lower())}"


def _date(cell: CellOut) -> str:
    """A date in the program's format as YYYY-MM-DD; anything else (also month and year only) as it is."""
    return limits.iso(cell.value, cell.date_format) if cell.date_format in limits.DATES else cell.value


def _columns(lines: Sequence[Line]) -> list[str]:
    """Record id and event first; instance columns only where something repeats, other projects refuse them."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    head = [n for n in names[:2] if n not in (INSTRUMENT, INSTANCE)]
    repeat = [n for n in (INSTRUMENT, INSTANCE) if n in names]
    return [*head, *repeat, *(n for n in names if n not in head and n not in repeat)]
