"""Which value of a dated series a program takes: the `select` step of a mapping, read here, carried out by capture.

The step states the request's own rule: {"op": "select", "args": {"rule": …}}, first in the transform. `days` lets a
measurement serve so many days before the as-of date; without it the report's window (or, for a rule over a period, the
report's interval) holds. Without the step: what was measured at the visit, else the last in the window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from forms_catalog.specs import MappingSpec, Step
from forms_catalog.transforms.answers import Answer, Facts, Refusal

AT_A_DAY = ("nearest", "last_before")
OVER_A_PERIOD = ("minimum", "maximum", "first_of_three")
RULES: Mapping[str, str] = {
    "nearest": "the measurement nearest to the as-of date, before or after it",
    "last_before": "the last measurement up to the as-of date",
    "minimum": "the lowest measurement of the report's period",
    "maximum": "the highest measurement of the report's period",
    "first_of_three": "the first of three measurements in a row, on different days, at or above the limit",
}
SCOPES, GIVES = ("interval", "ever"), ("value", "date")
ARGS = {"rule", "days", "at_least", "scope", "give"}
LONGEST = 3660  # days; ten years
EXAMPLE = 'write {"op":"select","args":{"rule":"nearest","days":30}}.'


@dataclass(frozen=True, slots=True)
class Selection:
    """A request's rule over a series. `at_least` is in the element's own unit; `give` is its value or its date."""

    rule: str = ""
    days: int | None = None
    at_least: Decimal | None = None
    scope: str = "interval"
    give: str = "value"

    @property
    def over_period(self) -> bool:
        """Whether one measurement cannot settle it: every draw of the period has to be known."""
        return self.rule in OVER_A_PERIOD


PLAIN = Selection()


def selection_of(mapping: MappingSpec | None) -> Selection:
    """The rule that a mapping states; PLAIN where it states none or one that cannot be read (it is refused then)."""
    step = next((s for s in mapping.transform if s.op == "select"), None) if mapping else None
    try:
        return read(step.args) if step else PLAIN
    except Refusal:
        return PLAIN


def read(args: Mapping[str, Any]) -> Selection:
    """A step's arguments as a rule. Raises Refusal naming the argument and what to write."""
    for problem in _problems(args):
        raise Refusal("select_unreadable", problem)
    limit = args.get("at_least")
    return Selection(
        str(args["rule"]),
        args.get("days"),
        Decimal(str(limit)) if limit is not None else None,
        str(args.get("scope", "interval")),
        str(args.get("give", "value")),
    )


def _problems(args: Mapping[str, Any]) -> Iterator[str]:
    rule, days, limit = args.get("rule"), args.get("days"), args.get("at_least")
    if rule not in RULES:
        yield f"'{rule}' is no rule of a select step; use {', '.join(RULES)}: {EXAMPLE}"
    if stray := sorted(set(args) - ARGS):
        yield f"a select step has no '{stray[0]}'; it has {', '.join(sorted(ARGS))}."
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST):
        yield f"'days' is a whole number of days from 0 to {LONGEST}, not {days!r}."
    if (limit is None) == (rule == "first_of_three"):
        yield "first_of_three, and only that, has 'at_least', the limit in the element's own unit."
    if limit is not None and not _is_number(limit):
        yield f"'at_least' is a number, not {limit!r}."
    if args.get("scope", "interval") not in SCOPES or args.get("give", "value") not in GIVES:
        yield f"'scope' is {' or '.join(SCOPES)}, 'give' is {' or '.join(GIVES)}."


def _is_number(given: object) -> bool:
    try:
        return not isinstance(given, bool) and Decimal(str(given)).is_finite()
    except InvalidOperation:
        return False


def step_problems(steps: Sequence[Step]) -> Iterator[str]:
    """What is wrong with the select steps of a transform: their arguments, and that there is one, first."""
    for number, step in enumerate(steps):
        if step.op == "select":
            yield from _problems(step.args)
            if number:
                yield "a select step is the first step: it says which measurement the other steps turn."


def apply_select(args: Mapping[str, Any], state: tuple[Answer, ...], facts: Facts) -> Answer:
    """The step in the pipeline: the series was searched before; here a rule that cannot be read is refused."""
    read(args)
    return replace(state[0])


def in_words(selection: Selection) -> str:
    """The rule as one sentence for curators and coordinators; '' where there is none."""
    if not selection.rule:
        return ""
    words = RULES[selection.rule]
    if selection.at_least is not None:
        words += f" of {selection.at_least:f}"
    if selection.scope == "ever":
        words = words.replace("of the report's period", "since the infusion")
    if selection.days is not None:
        words += f"; one may serve {selection.days} days before the as-of date"
    ends = " The program gets its date." if selection.give == "date" else ""
    return f"Takes {words}.{ends}"
