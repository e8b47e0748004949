"""REDCap's events CSV and instrument-event designations CSV (from its pages or its API) → EventSpecs. Pure.

Sources: the columns that REDCap's API names in exportEvents and exportInstrumentEventMappings, and its own downloads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forms_catalog.formats.csv_rows import Row, decode, rows
from forms_catalog.formats.html_text import plain
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.specs import EventSpec, Problem

MAX_EVENTS = 2_000
_ALIASES = {
    "event_name": ("eventname", "event", "eventlabel"),
    "arm_num": ("armnum", "armnumber", "arm"),
    "day_offset": ("dayoffset", "daysoffset", "offset", "day"),
    "offset_min": ("offsetmin", "offsetrangemin", "minoffset"),
    "offset_max": ("offsetmax", "offsetrangemax", "maxoffset"),
    "unique_event_name": ("uniqueeventname", "uniqueevent"),
    "custom_event_label": ("customeventlabel", "customlabel"),
    "form": ("form", "formname", "instrument", "instrumentname"),
}
_BY_KEY = {key: name for name, keys in _ALIASES.items() for key in keys}
_HEADER_ROWS = 10


@dataclass(frozen=True, slots=True)
class _Table:
    """One file: 'events' or 'forms', and its rows as line → cells by API name."""

    what: str
    rows: tuple[tuple[int, dict[str, str]], ...]


def looks_like(data: bytes) -> bool:
    """Whether the bytes are one of the two files."""
    try:
        return _table(data) is not None
    except UnreadableFile:
        return False


def read(files: Sequence[bytes]) -> tuple[tuple[EventSpec, ...], tuple[Problem, ...]]:
    """The events of all files with the forms of each; problems have the line in their file and the event as path."""
    findings = Findings()
    tables = [table for data in files if (table := _table(data))]
    events = _events([row for table in tables if table.what == "events" for row in table.rows], findings)
    designated = [row for table in tables if table.what == "forms" for row in table.rows]
    forms = _forms(designated, set(events), findings)
    if not designated and events:
        text = "No file says which forms an event has. Upload the instrument designations (arm_num, ..., form) with it."
        findings.warning(0, "", "no_designations", text)
    if designated and not events:
        text = (
            "The events have no days: only the designations came. Upload the events (event_name, ..., day_offset) too."
        )
        findings.warning(0, "", "no_events", text)
        events = {name: EventSpec(name, name, ()) for name in forms}
    made = tuple(_with_forms(event, tuple(forms.get(name, ()))) for name, event in events.items())
    for event in made:
        if designated and not event.forms:
            findings.warning(0, event.code, "event_without_forms", f"{event.label[:60]} has no form. Designate one.")
    return made, findings.all()


def _with_forms(event: EventSpec, forms: tuple[str, ...]) -> EventSpec:
    return EventSpec(event.code, event.label, forms, event.day, event.start_day, event.end_day, arm=event.arm)


def _table(data: bytes) -> _Table | None:
    text = decode(data, Findings())
    for delimiter in ",;\t":
        found = [*rows(text, delimiter, Findings())]
        for at, row in enumerate(found[:_HEADER_ROWS]):
            names = [_BY_KEY.get(re.sub(r"[^a-z]", "", cell.lower()), "") for cell in row.cells]
            what = _what(set(names))
            if what:
                return _Table(what, tuple(_filled(found[at + 1 :], names)))
    return None


def _what(names: set[str]) -> str:
    if "form" in names and "unique_event_name" in names:
        return "forms"
    return "events" if "event_name" in names and {"day_offset", "unique_event_name"} & names else ""


def _filled(found: Sequence[Row], names: list[str]) -> Iterable[tuple[int, dict[str, str]]]:
    for row in found:
        cells = {n: c.strip() for n, c in zip(names, row.cells, strict=False) if n and c.strip()}
        if cells:
            yield row.line, cells


def _events(found: list[tuple[int, dict[str, str]]], findings: Findings) -> dict[str, EventSpec]:
    if len(found) > MAX_EVENTS:
        text = f"The file has more than {MAX_EVENTS} events; the rest were left out. Split the program."
        findings.error(found[MAX_EVENTS][0], "", "too_many_events", text)
    events: dict[str, EventSpec] = {}
    for line, cells in found[:MAX_EVENTS]:
        label = plain(cells.get("event_name", ""))
        arm = cells.get("arm_num", "1")
        name = cells.get("unique_event_name") or _unique_name(label, arm)
        if not label and not name:
            findings.error(line, "", "event_without_name", "This event has no name and was left out. Name it.")
        elif name in events:
            findings.error(line, name, "duplicate_code", f"The event {name[:60]} comes twice; the first counts.")
        else:
            events[name] = _event(name, label or name, arm, cells, line, findings)
    return events


def _unique_name(label: str, arm: str) -> str:
    """As REDCap makes it: 'Day 100' of arm 1 is day_100_arm_1."""
    stem = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:18].rstrip("_")
    return f"{stem}_arm_{arm}" if stem else ""


def _event(name: str, label: str, arm: str, cells: dict[str, str], line: int, findings: Findings) -> EventSpec:
    days: dict[str, int | None] = {}
    for column in ("day_offset", "offset_min", "offset_max"):
        days[column] = _number(cells.get(column, ""))
        if cells.get(column) and days[column] is None:
            text = f"{column} of {label[:60]} is {cells[column][:20]!r}, no whole number of days. Correct it."
            findings.error(line, name, "bad_day", text)
    day = days["day_offset"]
    if day is None:
        return EventSpec(name, label, (), arm=arm)
    return EventSpec(
        name, label, (), day, day - abs(days["offset_min"] or 0), day + abs(days["offset_max"] or 0), arm=arm
    )


def _number(text: str) -> int | None:
    return int(text.partition(".")[0]) if re.fullmatch(r"[+-]?[0-9]{1,6}(?:\.0+)?", text) else None


def _forms(found: list[tuple[int, dict[str, str]]], known: set[str], findings: Findings) -> dict[str, dict[str, None]]:
    forms: dict[str, dict[str, None]] = {}
    for line, cells in found:
        name, form = cells.get("unique_event_name", ""), cells.get("form", "")
        if not name or not form:
            findings.error(line, name, "bad_designation", "The row needs unique_event_name and form. Fill both in.")
            continue
        if known and name not in known:
            text = f"Form {form[:60]} is designated to {name[:60]}, which is no event of the events file. Correct it."
            findings.error(line, name, "unknown_event", text)
            continue
        forms.setdefault(name, {})[form] = None
    return forms
