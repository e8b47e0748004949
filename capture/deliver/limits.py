"""A program's tighter rules on its own slice (rule 5): its codes, number and date formats, minimum and maximum. Pure.

Called by slicing. Messages name the field and the rule, never the value, because they end in lists and logs.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from forms_catalog.specs import FieldSpec

INTEGER = re.compile(r"[+-]?\d+")
DATES = {
    "ymd": re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    "dmy": re.compile(r"(?P<d>\d{2})-(?P<m>\d{2})-(?P<y>\d{4})"),
    "mdy": re.compile(r"(?P<m>\d{2})-(?P<d>\d{2})-(?P<y>\d{4})"),
}

MONTH = re.compile(r"(?P<m>0[1-9]|1[0-2])-(?P<y>\d{4})")


def problem(field: FieldSpec, value: str) -> str:
    """'' where the program's system would take the value, else what it would refuse and why."""
    found = _rule_broken(field, value) if value else ""
    return f"{field.label or field.name} ({field.name}): {found}" if found else ""


def _rule_broken(field: FieldSpec, value: str) -> str:
    codes = {o.code for o in field.options}
    if codes:
        wrong = set(value.split("|")) - codes
        several = field.kind == "choice" and "|" in value
        return "the value is not one of its codes." if wrong else "only one code fits." if several else ""
    if field.kind in ("integer", "decimal"):
        return _number(field, value)
    if field.kind == "date" and field.date_format in DATES:
        return _date(field, value)
    return ""


def _number(field: FieldSpec, value: str) -> str:
    number = _decimal(value)
    if number is None:
        return "it takes a number only."
    if field.kind == "integer" and not INTEGER.fullmatch(value):
        return "it takes a whole number only."
    low, high = _decimal(field.minimum), _decimal(field.maximum)
    if low is not None and number < low:
        return f"it must be at least {field.minimum}."
    if high is not None and number > high:
        return f"it must be at most {field.maximum}."
    return ""


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:  # also limits such as [other_field] or 'today', which only the program can work out
        return None
    return number if number.is_finite() else None


def _date(field: FieldSpec, value: str) -> str:
    day = day_of(value, field.date_format)
    if day is None:
        return f"it takes a full date as {field.date_format.upper()}."
    low, high = day_of(field.minimum, "ymd"), day_of(field.maximum, "ymd")
    if low and day < low:
        return f"it must not be before {low}."
    if high and day > high:
        return f"it must not be after {high}."
    return ""


def iso(text: str, date_format: str) -> str:
    """A date in a program's format as YYYY-MM-DD (month and year: YYYY-MM), a time after it kept; else as it is."""
    month = MONTH.fullmatch(text) if date_format == "my" else None
    if month:
        return f"{month['y']}-{month['m']}"
    day = day_of(text[:10], date_format) if date_format in DATES else None
    return day.isoformat() + text[10:] if day else text


def day_of(text: str, date_format: str) -> date | None:
    """The day of a text in a program's date format; None where it is no full date in it."""
    found = DATES[date_format].fullmatch(text)
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
    except ValueError:
        return None
