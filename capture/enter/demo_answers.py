"""Plausible answers to a visit, made from its own ask sheet until every visible question is answered. Pure.

Used by the demo's past and by tests: nothing here is a default of the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from capture.ask import sheet
from capture.ask.asksheet import AskSheet, Question
from capture.ask.entered import latest_as_of, with_dates
from capture.ask.facts import Entered, Entry, VisitFacts

FIXED = {
    "vital-status": "alive",
    "subject-id": "1001",
    "site-id": "101",
    "dose-total-cells": "200",
    "body-height": "172",
}
ROUNDS = 6  # an answer may show further questions; more rounds than any chain of branching in the starter programs


def fill(facts: VisitFacts, chosen: Mapping[str, str], as_of: Mapping[str, date] | None = None) -> Entered:
    """Answer what is visible, and what becomes visible by that, until nothing is left. `chosen`: element → value."""
    dated = with_dates(facts, as_of or {})
    entered = Entered()
    for _ in range(ROUNDS):
        made = sheet.build(dated, entered)
        answers = {**entered.answers, **_missing(made, entered, chosen, latest_as_of(dated))}
        if len(answers) == len(entered.answers):
            break
        entered = Entered(answers, entered.records)
    return entered


def _missing(made: AskSheet, entered: Entered, chosen: Mapping[str, str], day: date) -> dict[str, Entry]:
    open_ones = [q for q in made.visible if q.kind != "field" and q.key not in entered.answers]
    return {q.key: _answer(q, chosen, day) for q in open_ones}


def _answer(question: Question, chosen: Mapping[str, str], day: date) -> Entry:
    """The chosen value (kept where it is on offer), else the kept offer, else what nothing special would be."""
    if question.element in chosen and chosen[question.element] != question.offer_value:
        return Entry(chosen[question.element])
    if question.offer_value and question.kind != "gate":
        return Entry(question.offer_value, confirmed=True)
    return Entry(FIXED.get(question.element) or _by_kind(question, day))


def _by_kind(question: Question, day: date) -> str:
    codes = [o.code for o in question.options]
    if codes:
        return "no" if "no" in codes else codes[0]
    if question.datatype in ("integer", "decimal"):
        return str(int(question.minimum or 1))
    return day.isoformat() if question.datatype == "date" else "as in the chart"
