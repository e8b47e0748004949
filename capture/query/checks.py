"""Hard checks of typed values against the element: datatype, value set, range, date order, required. Pure.

A program's tighter rule is checked on its slice, not here (rule 5). Called by recording before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from capture.ask import marks
from capture.ask.asksheet import AskSheet, Question
from capture.ask.entered import latest_as_of
from capture.ask.facts import Entered, Entry, VisitFacts
from capture.ask.records import latest_day
from capture.query import marking
from forms_catalog.specs import ElementSpec, RecordGroupSpec

DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
PARTIAL = ("date",)
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one typed value: the question's key (or record field), and what to do in words."""

    key: str
    code: str
    message: str


def find(sheet: AskSheet, entered: Entered, facts: VisitFacts) -> list[Finding]:
    """Every finding of the visible questions and the typed records, in the order of the form."""
    found: list[Finding] = []
    for question in sheet.visible:
        if question.kind == "field":
            continue
        entry = entered.answers.get(question.key, Entry())
        found += _plain(question, entry, facts)
    return found + _records(sheet, entered, facts) + [Finding(*one) for one in marking.find(sheet, entered, facts)]


def value_error(element: ElementSpec, value: str, *, latest: date) -> str:
    """'' where the value fits the element, else what is wrong and what to do. `latest` is the last possible date."""
    codes = [o.code for o in element.options]
    return _value_error(element.datatype, codes, element.minimum, element.maximum, value, latest)


def _plain(question: Question, entry: Entry, facts: VisitFacts) -> list[Finding]:
    key = question.key
    if not entry.given:
        needed = question.required
        text = f"{question.label}: give an answer, or say why it is missing."
        return [Finding(key, "required", text)] if needed else []
    if entry.value and entry.missing:
        return [Finding(key, "value_and_missing", f"{question.label}: give either a value or a missing reason.")]
    if entry.confirmed and entry.value != question.offer_value:
        text = f"{question.label}: the offered value is gone; look again and enter the value."
        return [Finding(key, "offer_gone", text)]
    if not entry.value:
        return []
    codes = [o.code for o in question.options]
    latest = question.covers_to or latest_as_of(facts)
    error = _value_error(question.datatype, codes, question.minimum, question.maximum, entry.value, latest)
    return [Finding(key, "value", f"{question.label}: {error}")] if error else []


def _value_error(
    datatype: str, codes: list[str], low: float | None, high: float | None, value: str, latest: date
) -> str:
    if len(value) > LONGEST:
        return f"at most {LONGEST} characters fit."
    if datatype in ("choice", "multichoice"):
        wrong = [c for c in value.split("|") if c not in codes]
        single = datatype == "choice" and "|" in value
        return f"choose from the list; {wrong[0] if wrong else value} is not in it." if wrong or single else ""
    if datatype in ("integer", "decimal"):
        return _number_error(datatype, low, high, value)
    if datatype == "date":
        return _date_error(value, latest)
    return ""


def _number_error(datatype: str, low: float | None, high: float | None, value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return f"enter a number such as 12.5, not {value[:40]!r}."
    if not number.is_finite():
        return "enter a finite number."
    if datatype == "integer" and number != number.to_integral_value():
        return "enter a whole number."
    if low is not None and number < Decimal(str(low)):
        return f"must be at least {low:g}."
    if high is not None and number > Decimal(str(high)):
        return f"must be at most {high:g}."
    return ""


def _date_error(value: str, latest: date) -> str:
    day = latest_day(value) if DATE.fullmatch(value) else None
    if day is None:
        return "enter a date as YYYY-MM-DD, or YYYY-MM or YYYY where more is not known."
    first = date.fromisoformat(value + "-01-01"[3 * value.count("-") :]) if value.count("-") < 2 else day
    return f"must not be after {latest}, the date this report speaks for." if first > latest else ""


def _records(sheet: AskSheet, entered: Entered, facts: VisitFacts) -> list[Finding]:
    shown = {(q.group, q.element): q for q in sheet.visible if q.kind == "field"}
    gates = {q.group: q for q in sheet.visible if q.kind == "gate"}
    found = _strangers(entered, facts)
    for name, gate in gates.items():
        typed = [r for r in entered.records if r.group == name and any(e.given for e in r.values.values())]
        said = entered.answers.get(gate.key, Entry()).value
        if said == "yes" and not any(r.id.startswith("new") for r in typed):
            found.append(Finding(gate.key, "record_missing", f"{gate.label} Enter at least one record, or answer No."))
        if said == "no" and any(r.id.startswith("new") for r in typed):
            found.append(Finding(gate.key, "record_and_no", f"{gate.label} Records are typed, but the answer is No."))
        group = facts.release.groups[name]
        for record in typed:
            found += _record(record.id, record.values.items(), group, shown, facts)
    return found


def _strangers(entered: Entered, facts: VisitFacts) -> list[Finding]:
    """Records that claim to be stored ones of this patient and are not."""
    known = {(r.group, r.id) for r in facts.patient.records}
    return [
        Finding(f"{r.group}.{r.id}", "unknown_record", f"This patient has no {r.group} {r.id}. Reload the visit.")
        for r in entered.records
        if not r.id.startswith("new") and (r.group, r.id) not in known
    ]


def _record(
    record: str,
    values: Iterable[tuple[str, Entry]],
    group: RecordGroupSpec,
    shown: dict[tuple[str, str], Question],
    facts: VisitFacts,
) -> list[Finding]:
    given = {element: e for element, e in values if e.given}
    found = []
    if group.date not in given and record.startswith("new"):
        label = facts.release.elements[group.date].label
        found.append(Finding(f"{group.id}.{record}.{group.date}", "required", f"{label}: every record needs its date."))
    known = marks.names(facts.release, group.id)
    for element, entry in given.items():
        if element in known:
            continue
        spec = facts.release.elements.get(element)
        if spec is None or element not in group.fields:
            found.append(
                Finding(f"{group.id}.{record}.{element}", "unknown_field", f"{element} is no field of {group.id}.")
            )
        elif entry.value and (error := value_error(spec, entry.value, latest=latest_as_of(facts))):
            found.append(Finding(f"{group.id}.{record}.{element}", "value", f"{spec.label}: {error}"))
    for (name, element), question in shown.items():
        if name == group.id and question.required and element not in given and record.startswith("new"):
            found.append(
                Finding(f"{group.id}.{record}.{element}", "required", f"{question.label}: answer it for each record.")
            )
    return found
