"""From when on a guardian's consent holds no more: the patient comes of age, as a program's rules count it. Pure.

The day is worked out from the patient's own answers each time and never stored, logged or shown: it tells the birthday.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from capture.ask.facts import Answer

BORN = ("date-of-birth", "year-of-birth")  # the more exact one first


def of_age_on(answers: Iterable[Answer], age: int | None) -> date | None:
    """The first day of full age; None where no age is set or no birth is known.

    Where only month or year is known it is the earliest day that is possible, and for 29 February the 28th: data leave
    too late rather than without consent (assumption; laws differ).
    """
    given = {a.element: a.value for a in answers if a.element in BORN and a.value and not a.qualifier}
    born = next((day for name in BORN if (day := _earliest(given.get(name, "")))), None)
    return _years_later(born, age) if born and age else None


def _earliest(text: str) -> date | None:
    """The first day of an ISO date, month or year."""
    try:
        return date.fromisoformat(f"{text}-01-01"[:10]) if len(text) in (4, 7, 10) else None
    except ValueError:
        return None


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
