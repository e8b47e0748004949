"""A program's own system, as far as an import goes: it knows its dictionary file and nothing of AskOnce's catalog.

It reads the REDCap dictionary and the delivered import files as raw CSV rows, keeps what it takes event by event, and
says what it would refuse: an unknown column or code, a number or date out of range, a value in a field that its own
branching hides. Only the reading of conditions is the project's (forms_catalog.language).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from forms_catalog import language, starter

KEYS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
YESNO = {"0", "1"}
Values = dict[str, str]


@dataclass(frozen=True)
class Field:
    """One row of the dictionary file."""

    name: str
    form: str
    kind: str
    codes: tuple[str, ...]
    validation: str
    low: str
    high: str
    branching: str


@dataclass
class ImportingSystem:
    """One program's project; `taken` counts values that were not blank."""

    program: str
    fields: dict[str, Field] = field(default_factory=dict)
    seen: Values = field(default_factory=dict)  # the latest value of each field over all events
    taken: int = 0

    def __post_init__(self) -> None:
        rows = csv.DictReader(io.StringIO(starter.program_csv(self.program).decode("utf-8-sig")))
        self.fields = {f.name: f for f in map(_field, rows)}

    def take(self, data: bytes) -> list[str]:
        """Import one file of one event; what would be refused, in words."""
        rows = [dict(r) for r in csv.DictReader(io.StringIO(data.decode()))]
        event: Values = {}
        problems: list[str] = []
        for row in rows:
            values, wrong = self._row(row)
            problems += wrong
            repeat = bool(row.get("redcap_repeat_instrument"))
            here = {**self.seen, **event, **values}
            problems += self._hidden(values, here)
            if not repeat:
                event |= values
            self.taken += sum(bool(v) for v in values.values())
        self.seen |= event
        return problems

    def _row(self, row: Values) -> tuple[Values, list[str]]:
        """Field → value (ticked codes joined with |), and what does not fit."""
        values: Values = {}
        problems: list[str] = []
        for column, text in row.items():
            if column in KEYS or column.endswith("_complete"):
                continue
            name, _, code = column.partition("___")
            known = self.fields.get(name)
            if known is None:
                problems.append(f"no field {column}")
            elif code:
                problems += self._tick(known, code, text, values)
            else:
                values[name] = text
                problems += [f"{name}={text}: {p}" for p in _wrong(known, text)]
        return values, problems

    def _tick(self, known: Field, code: str, text: str, values: Values) -> list[str]:
        codes = {re.sub(r"[^a-z0-9_]", "_", c.lower()): c for c in known.codes}
        if known.kind != "checkbox" or code not in codes or text not in ("", "0", "1"):
            return [f"{known.name} has no box {code}={text}"]
        before = values.setdefault(known.name, "")
        if text == "1":
            values[known.name] = "|".join(filter(None, (before, codes[code])))
        return []

    def _hidden(self, values: Values, here: Values) -> Iterator[str]:
        for name, value in values.items():
            rule = self.fields[name].branching
            if value and rule and not language.holds(language.parse(rule), lambda ref: _read(ref, here)):
                yield f"{name}={value} although hidden by {rule}"


def _read(ref: language.FieldRef, here: Values) -> str:
    value = here.get(ref.name, "")
    return ("1" if ref.code in value.split("|") else "0") if ref.code else value


def _field(row: dict[str, str]) -> Field:
    choices = row["Choices, Calculations, OR Slider Labels"]
    coded = row["Field Type"] in ("radio", "dropdown", "checkbox")
    codes = tuple(part.split(",", 1)[0].strip() for part in choices.split("|")) if coded else ()
    return Field(
        row["Variable / Field Name"],
        row["Form Name"],
        row["Field Type"],
        codes,
        row["Text Validation Type OR Show Slider Number"],
        row["Text Validation Min"],
        row["Text Validation Max"],
        row["Branching Logic (Show field only if...)"],
    )


def _wrong(known: Field, text: str) -> Iterator[str]:
    if not text:
        return
    if known.kind in ("calc", "descriptive"):
        yield "it is not entered"
    if known.kind in ("radio", "dropdown") and text not in known.codes:
        yield "no such code"
    if known.kind in ("yesno", "truefalse") and text not in YESNO:
        yield "0 or 1 only"
    if known.kind == "text" and known.validation in ("integer", "number"):
        yield from _number(known, text)
    if known.kind == "slider":
        yield from _number(Field(known.name, known.form, "text", (), "integer", "0", "100", ""), text)
    if known.kind == "text" and known.validation.startswith("date_"):
        yield from _date(known, text)


def _number(known: Field, text: str) -> Iterator[str]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        yield "not a number"
        return
    if known.validation == "integer" and not re.fullmatch(r"-?\d+", text):
        yield "not a whole number"
    if known.low and number < Decimal(known.low):
        yield f"below {known.low}"
    if known.high and number > Decimal(known.high):
        yield f"above {known.high}"


def _date(known: Field, text: str) -> Iterator[str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        yield "not a date"
        return
    if known.low and day < date.fromisoformat(known.low):
        yield f"before {known.low}"
    if known.high and day > date.fromisoformat(known.high):
        yield f"after {known.high}"
