"""Short makers of steps, answers and facts for the transform tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from forms_catalog import starter
from forms_catalog.specs import Step
from forms_catalog.transforms import Answer, Facts, Inputs, Outcome, Record, forward


def facts(as_of: str = "2026-06-30", after: str = "2026-01-01", entry: str = "") -> Facts:
    """Facts of a timepoint with the starter catalog's elements."""
    return Facts(date.fromisoformat(as_of), date.fromisoformat(after), entry, starter.elements())


def rollup(name: str, **args: Any) -> Step:
    """A roll-up step."""
    return Step("rollup", {"name": name, **args})


def recode(table: dict[str, str], **args: Any) -> Step:
    """A recode step."""
    return Step("recode", {"map": table, **args})


def said(element: str, value: str = "", missing: str = "", **rest: Any) -> Answer:
    """An answer."""
    return Answer(element, value=value, missing=missing, **rest)


def dated(element: str, *rows: tuple[str, str], missing: str = "") -> Answer:
    """A record field: (date, value) of occurrences 1, 2, …"""
    records = tuple(Record(v, d, str(n), missing=missing if not v else "") for n, (d, v) in enumerate(rows, start=1))
    return Answer(element, records=records)


def earlier(element: str, now: str, *rows: tuple[str, str]) -> Answer:
    """A question about a period: the answer now and (date, value) of earlier ones."""
    return Answer(element, value=now, records=tuple(Record(v, d) for d, v in rows))


def run(steps: Step | tuple[Step, ...], *answers: Answer, at: Facts | None = None) -> Outcome:
    """The outcome of the steps."""
    chain = steps if isinstance(steps, tuple) else (steps,)
    return forward(chain, Inputs(answers, at or facts()))
