"""A REDCap import file: record id, event name, instance columns for repeats, var___code checkboxes, form_complete.

Pure. Blanks do not overwrite by REDCap's default, so a later revision holds only changed fields and says when to import
with "overwrite". Dates are written as YYYY-MM-DD, which REDCap's import reads whatever the field shows. Values are raw.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from capture.deliver.slicing import CellOut, Slice

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
COMPLETE = "2"
DMY = re.compile(r"(\d{2})-(\d{2})-(\d{4})")


def write(slices: Sequence[Slice], *, before: Slice | None = None) -> bytes:
    """One row a slice of one program; with `before`, only the fields that changed since. UTF-8, \\n line ends."""
    rows = [_row(s, _changed(s, before)) for s in slices]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def event_name(label: str) -> str:
    """REDCap's unique event name: the label in lower case with _ for what is no letter or digit, and the arm."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:90] + "_arm_1"


def _changed(slice_: Slice, before: Slice | None) -> list[CellOut]:
    old = {c.path: c.value for c in before.cells} if before else {}
    return [c for c in slice_.cells if before is None or old.get(c.path, "") != c.value]


def _row(slice_: Slice, cells: Sequence[CellOut]) -> dict[str, str]:
    row = {slice_.record_field: slice_.subject_id, EVENT: event_name(slice_.label), INSTRUMENT: "", INSTANCE: ""}
    for cell in cells:
        if cell.name == slice_.record_field:
            continue
        if cell.multiple:
            chosen = cell.value.split("|")
            row |= {f"{cell.name}___{code.lower()}": str(int(code in chosen)) for code in cell.multiple}
        else:
            row[cell.name] = _date(cell.value)
    row |= {f"{form}_complete": COMPLETE for form in dict.fromkeys(c.form for c in slice_.cells)}
    return row


def _date(value: str) -> str:
    found = DMY.fullmatch(value)
    return f"{found[3]}-{found[2]}-{found[1]}" if found else value


def advice(slice_: Slice, before: Slice | None) -> str:
    """What to choose when importing, in words."""
    blanked = [c.name for c in _changed(slice_, before) if before and not c.value]
    if blanked:
        return f"Import with 'Yes, blank values will overwrite': {', '.join(blanked)} became blank."
    return "Import with 'No, ignore blank values'."
