"""Reads an iCalendar file as strictly as RFC 5545 writes it, of the parts that we use: anything else is an error."""

from __future__ import annotations

import re

LINE = re.compile(r"([A-Z][A-Z0-9-]*)((?:;[A-Z-]+=[^;:,\"]+)*):(.*)")
TEXT = ("NAME", "X-WR-CALNAME", "SUMMARY", "DESCRIPTION")
WANTED = ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY")


def parse(source: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The calendar's own values and its events. Raises AssertionError for what the standard does not allow."""
    lines = _unfolded(source)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    head: dict[str, str] = {}
    events: list[dict[str, str]] = []
    here = head
    for line in lines[1:-1]:
        if line == "BEGIN:VEVENT":
            assert here is head, "an event inside an event"
            here = {}
            events.append(here)
        elif line == "END:VEVENT":
            assert here is not head
            assert all(name in here for name in WANTED), here
            here = head
        else:
            name, value = _value(line)
            assert name not in here, f"{name} twice"
            here[name] = value
    assert here is head
    assert {"VERSION", "PRODID"} <= set(head)
    assert len({e["UID"] for e in events}) == len(events)
    return head, events


def _unfolded(source: str) -> list[str]:
    assert source.endswith("\r\n")
    assert "\n" not in source.replace("\r\n", "")
    assert "\r" not in source.replace("\r\n", "")
    lines: list[str] = []
    for raw in source[:-2].split("\r\n"):
        assert len(raw.encode()) <= 75, raw
        assert raw, "an empty line"
        if raw[0] == " ":
            lines[-1] += raw[1:]
        else:
            lines.append(raw)
    return lines


def _value(line: str) -> tuple[str, str]:
    found = LINE.fullmatch(line)
    assert found, f"not a content line: {line!r}"
    name, parameters, value = found.groups()
    if name in ("DTSTART", "DTEND"):
        assert parameters == ";VALUE=DATE"
        assert re.fullmatch(r"\d{8}", value)
    elif name in ("DTSTAMP", "LAST-MODIFIED"):
        assert re.fullmatch(r"\d{8}T\d{6}Z", value)
    elif name == "SEQUENCE":
        assert value.isdigit()
    return name, _text(value) if name in TEXT else value


def _text(value: str) -> str:
    """A TEXT value without its escapes; a bare comma or semicolon, or an unknown escape, is an error."""
    out, rest = "", value
    while rest:
        if rest[0] == "\\":
            assert rest[1:2] in ("\\", ";", ",", "n", "N"), value
            out += "\n" if rest[1] in "nN" else rest[1]
            rest = rest[2:]
        else:
            assert rest[0] not in ",;", value
            out, rest = out + rest[0], rest[1:]
    return out
