"""What a program's schedule says of forms that come due by answers: its triggers, as read from `rules.triggers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEATH = "death"


@dataclass(frozen=True, slots=True)
class TriggerSpec:
    """One form that comes due when something happens: a record of `group` that matches `where`, or an `event`.

    Exactly one of `group` and `event` is set, and one of `due_hours` and `due_days`: the time from awareness. Without
    `forms` the occasion asks the program's fields that rest on the group (or on the death), on whatever form they are.
    """

    entry: str
    label: str
    group: str = ""
    event: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    due_hours: int | None = None
    due_days: int | None = None
    forms: tuple[str, ...] = ()
    basis: str = ""

    @property
    def due_in_words(self) -> str:
        """'24 hours' or '1 day' from awareness."""
        number, unit = (self.due_hours, "hour") if self.due_hours is not None else (self.due_days or 0, "day")
        return f"{number} {unit}{'' if number == 1 else 's'}"
