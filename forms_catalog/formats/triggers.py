"""`rules.triggers` of a schedule → TriggerSpec, and what is odd about each. Pure.

schedules calls it when a file is read (to say what is wrong), and everybody who needs a program's triggers calls it on
the rules of its release, where they stand as written: `when`, `entry`, `label`, `due_hours` or `due_days`, `forms`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_catalog.specs import Problem
from forms_catalog.specs.triggers import DEATH, TriggerSpec

EVENTS = (DEATH,)
LONGEST_CODE, LONGEST_LABEL = 40, 200
MOST_HOURS, MOST_DAYS = 24 * 366, 3660
RESERVED = ("DEATH",)  # the closing report that a death opens where no time point is left to carry it


def of_rules(rules: Mapping[str, Any]) -> tuple[TriggerSpec, ...]:
    """The triggers of a program that can be used; what cannot was said when its schedule was read."""
    return tuple(spec for spec, _ in _each(rules) if spec is not None)


def problems(program: str, rules: Mapping[str, Any], taken: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """What is wrong, one sentence each, at program.CODE. `taken` are the codes of the program's schedule entries."""
    if "triggers" in rules and not isinstance(rules["triggers"], list):
        yield _problem(program, 'The rule \'triggers\' has to be a list, such as [{"when": {"group": "malignancy"}}].')
    seen: set[str] = set()
    for at, (spec, wrong) in enumerate(_each(rules), start=1):
        if spec is None:
            yield _problem(program, f"Trigger {at} of {program} {wrong}")
        elif spec.entry in taken:
            yield _problem(f"{program}.{spec.entry}", f"Trigger {at} of {program} has the code of a time point.")
        elif spec.entry in seen:
            yield _problem(
                f"{program}.{spec.entry}", f"{program} has two triggers {spec.entry}. Give each its own code."
            )
        seen |= {spec.entry} if spec else set()


def _each(rules: Mapping[str, Any]) -> Iterator[tuple[TriggerSpec | None, str]]:
    found = rules.get("triggers")
    for raw in found if isinstance(found, list) else ():
        wrong = _wrong(raw)
        yield (None, wrong) if wrong else (_spec(raw), "")


def _wrong(raw: Any) -> str:
    """What a person has to correct, '' where it can be used."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("when"), Mapping):
        return 'needs a "when" that names a record group or an event.'
    code, when = raw.get("entry"), raw["when"]
    if not isinstance(code, str) or not 0 < len(code.strip()) <= LONGEST_CODE or "," in code:
        return f'needs an "entry": a short code without commas, at most {LONGEST_CODE} characters.'
    if code in RESERVED:
        return f"cannot be called {code}: closing reports are. Choose another code."
    return _wrong_when(code, when) or _wrong_due(code, raw) or _wrong_forms(code, raw)


def _wrong_when(code: str, when: Mapping[str, Any]) -> str:
    group, event = when.get("group"), when.get("event")
    if bool(group) == bool(event) or not isinstance(group or event, str):
        return f'({code}) needs one of "group" and "event" in its "when".'
    if event and event not in EVENTS:
        return f"({code}) waits for the event {str(event)[:40]!r}; it can wait for {', '.join(EVENTS)}."
    where = when.get("where", {})
    fits = isinstance(where, Mapping) and all(
        isinstance(k, str) and isinstance(v, list) and v and all(isinstance(c, str) for c in v)
        for k, v in where.items()
    )
    return "" if fits else f'({code}) needs "where" as {{"field": ["code", …]}}.'


def _wrong_due(code: str, raw: Mapping[str, Any]) -> str:
    hours, days = raw.get("due_hours"), raw.get("due_days")
    if (hours is None) == (days is None):
        return f'({code}) needs one of "due_hours" and "due_days", counted from awareness.'
    number, most = (hours, MOST_HOURS) if days is None else (days, MOST_DAYS)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
        return f"({code}) is due after {str(number)[:20]}; write a whole number from 0 to {most}."
    return ""


def _wrong_forms(code: str, raw: Mapping[str, Any]) -> str:
    forms = raw.get("forms", [])
    fits = isinstance(forms, list) and all(isinstance(f, str) and f for f in forms)
    return "" if fits else f'({code}) needs "forms" as a list of names, or none.'


def _spec(raw: Mapping[str, Any]) -> TriggerSpec:
    when, code = raw["when"], raw["entry"].strip()
    return TriggerSpec(
        entry=code,
        label=str(raw.get("label") or code)[:LONGEST_LABEL],
        group=str(when.get("group") or ""),
        event=str(when.get("event") or ""),
        where={k: tuple(v) for k, v in when.get("where", {}).items()},
        due_hours=raw.get("due_hours"),
        due_days=raw.get("due_days"),
        forms=tuple(raw.get("forms", ())),
        basis=str(raw.get("basis") or ""),
    )


def _problem(path: str, message: str) -> Problem:
    return Problem(0, path, "bad_trigger", "error", message)
