"""Plausible answers to a visit, made from its own ask sheet until every visible question is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from capture.ask import load, sheet
from capture.ask.asksheet import AskSheet, Question
from capture.ask.entered import latest_as_of, with_dates
from capture.ask.facts import Entered, Entry, VisitFacts
from capture.enter import recording
from capture.models import Submission, Visit
from sites.trail import Actor
from tests.world import TODAY

FIXED = {"vital-status": "alive", "subject-id": "S-001", "site-id": "C-1", "dose-total-cells": "200"}


def answers_for(visit: Visit, chosen: Mapping[str, str] | None = None, *, today: date = TODAY) -> recording.Post:
    """A post that answers every visible question: "no" where nothing happened, kept offers where there are any."""
    facts = load.for_visits([visit.pk], today=today)[visit.pk]
    entered = fill(facts, chosen or {})
    return recording.Post(uuid4(), Visit.objects.get(pk=visit.pk).version, entered, {}, 4200)


def fill(facts: VisitFacts, chosen: Mapping[str, str], as_of: Mapping[str, date] | None = None) -> Entered:
    """Answer what is visible, and what becomes visible by that, until nothing is left."""
    dated = with_dates(facts, as_of or {})
    entered = Entered()
    for _ in range(6):
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
    if question.element in chosen:
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


def submit(visit: Visit, actor: Actor, chosen: Mapping[str, str] | None = None, *, today: date = TODAY) -> Submission:
    """Submit the visit with plausible answers."""
    return recording.submit(visit, answers_for(visit, chosen, today=today), actor=actor, today=today)
