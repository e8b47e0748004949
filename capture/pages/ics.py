"""A calendar as text after RFC 5545: escaping, folding at 75 octets, all-day events. Pure; the calendar page calls it.

All-day dates carry no zone: they are the site's own days wherever the calendar is read, so no VTIMEZONE is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LIMIT = 75  # octets a line, without its line break (RFC 5545, 3.1)
EOL = "\r\n"


@dataclass(frozen=True, slots=True)
class DayEvent:
    """One all-day event. `uid` never changes; `sequence` rises and `changed` moves whenever something else does."""

    uid: str
    on: date
    summary: str
    description: str
    url: str
    sequence: int
    changed: datetime


def calendar(name: str, events: Iterable[DayEvent], *, product: str = "-//AskOnce//Due visits//EN") -> str:
    """The whole calendar, lines ended by CRLF. `name` is what calendar programs call it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{product}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H"]
    for event in events:
        lines += _event(event)
    return EOL.join(part for line in [*lines, "END:VCALENDAR"] for part in folded(line)) + EOL


def _event(event: DayEvent) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_stamp(event.changed)}",
        f"LAST-MODIFIED:{_stamp(event.changed)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
        f"DESCRIPTION:{escaped(event.description)}",
        f"URL:{event.url}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line breaks escaped, other control characters left out (3.3.11)."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    marked = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(c for c in marked if c >= " " and c != "\x7f")


def folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, later ones begun with a space; no character is cut in two (3.1)."""
    part, size = "", 0
    for character in line:
        wide = len(character.encode())
        if size + wide > LIMIT:
            yield part
            part, size = " ", 1
        part, size = part + character, size + wide
    yield part


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
