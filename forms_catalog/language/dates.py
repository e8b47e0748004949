"""Date arithmetic of REDCap logic: datediff, year, month, day. Dates are texts, ISO first; today comes from outside."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from forms_catalog.language.values import MISSING, Value, is_true, number_of, text_of

# REDCap's own definitions: a year is 365.2425 days and a month 30.44 days.
SECONDS = {"y": 365.2425 * 86400, "M": 30.44 * 86400, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
DAY_ORDERS = {"ymd", "mdy", "dmy"}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a bare clock time is compared with another one, no zone is meant

_PARTS = re.compile(
    r"(?:(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4}))?[ T]*(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", re.ASCII
)


def moment(value: Value, order: str = "ymd") -> datetime | None:
    """A date, a date with time, or a clock time as a moment without zone; None where it is none of them."""
    text = text_of(value).strip()
    found = _PARTS.fullmatch(text)
    if not found or found[1] is found[4] is None:
        return None
    first, second, third = found.group(1, 2, 3)
    try:
        hour, minute, second_of = (int(part or 0) for part in found.group(4, 5, 6))
        clock = time(hour, minute, second_of)
        if first is None:
            return datetime.combine(_EPOCH, clock)
        year, month, day = _day_parts(first, second, third, order)
        return datetime.combine(datetime(year, month, day), clock)  # noqa: DTZ001 - local clock time as entered
    except ValueError:
        return None


def _day_parts(first: str, second: str, third: str, order: str) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    if order == "mdy":
        return int(third), int(first), int(second)
    return int(third), int(second), int(first)


def datediff(args: tuple[Value, ...], today: str) -> Value:
    """datediff(from, to, unit [, order] [, signed]): the distance in the unit, without sign unless asked for one."""
    unit = text_of(args[2])
    order = next((text_of(arg).lower() for arg in args[3:] if text_of(arg).lower() in DAY_ORDERS), "ymd")
    signed = any(is_true(arg) for arg in args[3:] if isinstance(arg, bool) or text_of(arg).lower() in ("true", "1"))
    start, end = (moment(_now(arg, today), order) for arg in args[:2])
    if start is None or end is None or unit not in SECONDS:
        return MISSING
    seconds = (end - start).total_seconds()
    return (seconds if signed else abs(seconds)) / SECONDS[unit]


def calcdate(args: tuple[Value, ...], today: str) -> Value:
    """calcdate(date, offset, unit): the date so many units later, as YYYY-MM-DD, with the time where there was one."""
    start, offset, unit = moment(_now(args[0], today)), number_of(args[1]), text_of(args[2])
    if start is None or offset is None or unit not in SECONDS:
        return MISSING
    try:
        end = start + timedelta(seconds=offset * SECONDS[unit])
    except OverflowError:
        return MISSING
    return end.isoformat(" ", "minutes") if ":" in text_of(args[0]) else end.date().isoformat()


def part(name: str, value: Value, today: str) -> Value:
    """The year, month or day of a date."""
    found = moment(_now(value, today))
    return MISSING if found is None else float(getattr(found, name))


def _now(value: Value, today: str) -> Value:
    return today if isinstance(value, str) and value.strip().lower() in ("today", "now") else value
