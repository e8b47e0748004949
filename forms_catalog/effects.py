"""What a program's schedule says events do (`rules.effects`), read with care: the file is a sponsor's. Pure.

Planning folds events with it, the gateways check against it, the ask sheet narrows reports by it. What makes no sense
falls back to the default; `problems` says so when the schedule is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Effect = Literal["last_report", "stop", "close_later", "safety_only", "continue"]

DEFAULTS: Mapping[str, Effect] = {
    "death": "last_report",
    "new_infusion": "continue",
    "lost": "close_later",
    "withdrawn": "stop",
    "program_closed": "stop",
    "transfer": "continue",
}
"""What an event does where a program says nothing else.

last_report: one more report as of the event, later ones close. stop: whatever has not ended by then closes.
close_later: what begins after it closes. safety_only: later reports keep the program's safety questions.
continue: nothing changes here (a transfer moves the site, not what is owed).
"""

REPORT_DAYS = 30  # assumption: days to report after the event, where `report_days` says nothing
LOST_ATTEMPTS = 3  # assumption: dated contact attempts before somebody is lost, where `lost_attempts` says nothing


@dataclass(frozen=True, slots=True)
class Safety:
    """What goes on where only safety is followed: whole forms, or sections of forms. Empty: every question goes on."""

    forms: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effects:
    """One program's effects. `restart`: a new infusion starts a new enrolment. `majority_age`: None = not named."""

    of: Mapping[str, Effect] = field(default_factory=dict)
    report_days: int = REPORT_DAYS
    lost_attempts: int = LOST_ATTEMPTS
    majority_age: int | None = None
    restart: bool = False
    safety: Safety = Safety()

    def effect(self, kind: str) -> Effect:
        """What an event of this kind does."""
        return self.of.get(kind, "continue")


def read(rules: Mapping[str, Any]) -> Effects:
    """The effects that a program's rules name, with the defaults for what they leave open."""
    written = _written(rules)
    named = {kind: effect for kind in DEFAULTS if (effect := _effect(written.get(kind)))}
    return Effects(
        of={**DEFAULTS, **named},
        report_days=_whole(written.get("report_days"), 366, REPORT_DAYS),
        lost_attempts=_whole(written.get("lost_attempts"), 20, LOST_ATTEMPTS),
        majority_age=_whole(written.get("majority_age"), 30, 0) or None,
        restart=written.get("restart") is True,
        safety=_safety(written.get("safety")),
    )


def problems(rules: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """(name, what is wrong) of each effect that cannot be used: its default counts instead."""
    for name, value in _written(rules).items():
        if name in DEFAULTS and not _effect(value):
            yield name, f"is not one of {', '.join(get_args(Effect))}"
        elif name in NUMBERS and _whole(value, NUMBERS[name], -1) < 0:
            yield name, f"is not a whole number from 0 to {NUMBERS[name]}"
        elif name == "restart" and not isinstance(value, bool):
            yield name, "is neither true nor false"
        elif name == "safety" and _safety(value) == Safety():
            yield name, "names neither forms nor sections"
        elif name not in {*DEFAULTS, *NUMBERS, "restart", "safety", "basis"}:
            yield name, "is not known here"


NUMBERS = {"report_days": 366, "lost_attempts": 20, "majority_age": 30}


def _written(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    written = rules.get("effects")
    return written if isinstance(written, Mapping) else {}


def _effect(value: Any) -> Effect | None:
    return next((effect for effect in get_args(Effect) if effect == value), None)


def _whole(value: Any, most: int, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else default


def _safety(value: Any) -> Safety:
    if not isinstance(value, Mapping):
        return Safety()
    return Safety(_names(value.get("forms")), _names(value.get("sections")))


def _names(value: Any) -> frozenset[str]:
    return frozenset(str(name) for name in value) if isinstance(value, list) else frozenset()
