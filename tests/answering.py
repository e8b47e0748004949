"""Submits visits with plausible answers (capture.enter.demo_answers)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from capture.ask import load
from capture.enter import recording
from capture.enter.demo_answers import fill
from capture.models import Submission, Visit
from sites.trail import Actor
from tests.world import TODAY

__all__ = ["answers_for", "fill", "submit"]


def answers_for(visit: Visit, chosen: Mapping[str, str] | None = None, *, today: date = TODAY) -> recording.Post:
    """A post that answers every visible question: "no" where nothing happened, kept offers where there are any."""
    facts = load.for_visits([visit.pk], today=today)[visit.pk]
    entered = fill(facts, chosen or {})
    return recording.Post(uuid4(), Visit.objects.get(pk=visit.pk).version, entered, {}, 4200)


def submit(visit: Visit, actor: Actor, chosen: Mapping[str, str] | None = None, *, today: date = TODAY) -> Submission:
    """Submit the visit with plausible answers."""
    return recording.submit(visit, answers_for(visit, chosen, today=today), actor=actor, today=today)
