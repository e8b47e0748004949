"""The shapes of a slice: what one program gets for one timepoint, frozen as JSON on the delivery. Pure.

Made by slicing; read by the import file, the copy helper, pages and the API. `content_sha` names what a program gets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms_catalog import serial, transforms

# given: a value · blank: nobody answered · no_code: an answer without a code here · hidden: its own rule hides it
# held: no decided mapping · withheld: no consent names identifying data · refused: the transform will not guess
# calculated: the program's system works it out
CELL_STATES = ("given", "blank", "no_code", "hidden", "held", "withheld", "refused", "calculated")


@dataclass(frozen=True, slots=True)
class CellOut:
    """One field in the program's terms: `value` as codes, units and dates of the program, `shown` in its own words.

    '' with a `note` says why nothing is delivered. `multiple` holds every code of a "check all that apply" field.
    An `identifier` names the person.
    """

    path: str
    name: str
    form: str
    section: str
    label: str
    value: str
    state: str
    note: str = ""
    shown: str = ""
    multiple: tuple[str, ...] = ()
    date_format: str = ""
    required: bool = False
    response_ids: tuple[str, ...] = ()
    mapping_ref: str = ""
    transform_version: str = transforms.VERSION
    identifier: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One form of a slice. `instance` is '' for a plain form, else the number of the repeat that `record` fills."""

    form: str
    instance: str
    record: str
    cells: tuple[CellOut, ...]

    @property
    def key(self) -> str:
        """Tells repeats of a form apart; '' for a plain form, whose field paths are unique."""
        return f"{self.form}#{self.instance}" if self.instance else ""


@dataclass(frozen=True, slots=True)
class Slice:
    """What one program gets for one timepoint. `held` says why it may not leave; `problems` name the fields.

    `withdrawn`: the report was entered in error, and why; all its cells are blank.

    Days are ISO texts; the interval is (`after`, `as_of`]. `record_field` is the program's column of its own id.
    `number` tells reports of one entry apart, such as of two malignancies; 0 = the entry has one report only.
    """

    program: str
    entry_code: str
    label: str
    kind: str
    record_field: str
    subject_id: str
    as_of: str
    after: str
    rows: tuple[Row, ...]
    held: str = ""
    problems: tuple[str, ...] = ()
    withdrawn: str = ""
    number: int = 0

    @property
    def report(self) -> str:
        """Names the report among all of the person: the entry's code, with #number where it has several."""
        return f"{self.entry_code}#{self.number}" if self.number else self.entry_code

    @property
    def cells(self) -> tuple[CellOut, ...]:
        """Every cell, row by row."""
        return tuple(c for row in self.rows for c in row.cells)

    @property
    def values(self) -> int:
        """How many fields carry a value: what has to be copied by hand."""
        return sum(1 for c in self.cells if c.value)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs between two slices of a timepoint. `gone` = its whole repeat is no longer there."""

    row: str
    path: str
    name: str
    label: str
    old: str
    new: str
    gone: bool = False


def load(payload: Any) -> Slice:
    """The slice a delivery's payload holds."""
    return serial.load(Slice, payload)


def content_sha(slice_: Slice) -> str:
    """Names what the program gets. Notes, labels and provenance are left out: they are no reason to send again.

    The first report of an entry is named as it was before reports had numbers.
    """
    rows = [[r.form, r.instance, [[c.path, c.value] for c in r.cells]] for r in slice_.rows]
    facts = [slice_.program, slice_.entry_code, slice_.record_field, slice_.subject_id, slice_.as_of, slice_.held]
    facts += [slice_.withdrawn] if slice_.withdrawn else []
    facts += [str(slice_.number)] if slice_.number > 1 else []
    return serial.digest([facts, rows])


def changes(before: Slice, now: Slice) -> list[Change]:
    """What differs between two slices of one timepoint, in form order; repeats that are gone come last."""
    old = {(r.key, c.path): c for r, c in each(before)}
    found = []
    for row, cell in each(now):
        was = old.pop((row.key, cell.path), None)
        if (was.value if was else "") != cell.value:
            found.append(Change(row.key, cell.path, cell.name, cell.label, was.value if was else "", cell.value))
    lost = [Change(key, c.path, c.name, c.label, c.value, "", True) for (key, _), c in old.items() if c.value]
    return found + lost


def check_places(slice_: Slice, paths: Collection[str]) -> None:
    """ValueError, with what to do, where a data file would have no person or no field to put a value under."""
    if not slice_.subject_id:
        raise ValueError(f"{slice_.program}: the program's own number of the person is not known. Enter it first.")
    for cell in slice_.cells:
        if cell.value and cell.path not in paths:
            raise ValueError(f"{slice_.program}: the dictionary has no field {cell.name}. Take the version it is of.")


def each(slice_: Slice) -> Iterator[tuple[Row, CellOut]]:
    """Every cell with its row."""
    return ((row, cell) for row in slice_.rows for cell in row.cells)


def instances(payload: Mapping[str, Any]) -> Mapping[str, int]:
    """form/record → its repeat number in a delivery's payload, so that a revision keeps the numbers in use."""
    rows = (r for r in payload.get("rows", ()) if r["instance"] and r["record"])
    return {f"{r['form']}/{r['record']}": int(r["instance"]) for r in rows}
