"""Moves an open visit to the newest form on a person's word, with every draft of it. Nothing typed is lost.

What still fits stays typed; the rest is set aside in its draft until the person uses or dismisses it, or submits
without it. The other writer of Visit.release beside opening. Called by capture.pages.newer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from capture.ask import aside, form_changes, load, sheet
from capture.ask.aside import SetAside, Typing
from capture.ask.entered import with_dates
from capture.ask.facts import Occasion, VisitFacts
from capture.ask.form_changes import Change, Form
from capture.enter import evidence, opening, recording
from capture.enter.drafts import Typed, form_at
from capture.enter.recording import StaleVisit
from capture.models import Draft, Patient, SetAsideValue, Visit
from capture.plan import scheduling
from capture.query import checks
from capture.query.checks import Finding
from forms_catalog import publishing
from forms_catalog.models import Release
from sites import trail
from sites.models import User
from sites.trail import Actor


class MigratingError(ValueError):
    """A move that cannot be; the message says why."""

    code = "not_movable"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move to the newest form does: to the questions, to a person's typed values, and to others' drafts.

    `stays` are (place, question now) of values that stay typed; `aside` those that lose their place, `back` those set
    aside earlier that get it again; `findings` are typed values that stay but do not pass the newer form's checks.
    `joins` are reports that only the newer form asks.
    """

    before: Release
    after: Release
    changes: tuple[Change, ...]
    stays: int
    aside: tuple[SetAside, ...]
    back: tuple[SetAside, ...]
    findings: tuple[Finding, ...]
    joins: tuple[Occasion, ...]
    others: Mapping[str, int]  # whose draft moves too → how many of its values are set aside


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did, over all drafts."""

    release: Release
    drafts: int
    stayed: int
    aside: int
    back: int


def preview(visit: Visit, user: User, *, today: date) -> Preview:
    """What would change. Raises MigratingError where the visit is not open, or its form is the newest."""
    before, after = _releases(visit)
    facts = load.for_visits([visit.pk], today=today)[visit.pk]
    rows = list(Draft.objects.filter(visit=visit).select_related("user").order_by("pk"))
    typed = {r.user: Typed.load(r.values) for r in rows}
    mine = typed.pop(user, Typed.load(None))
    then, now = form_at(facts, before, mine), form_at(facts, after, mine)
    kept = aside.moved(mine.typing, then, now)
    others = {p.get_username(): _lost(t, _move(t, facts, before, after)) for p, t in typed.items()}
    newer = load.at_release(facts, publishing.spec_of(after), publishing.current_spec())
    return Preview(
        before=before,
        after=after,
        changes=form_changes.changes(then, now),
        stays=len(aside.places_of(kept.entered)) - _returned(mine, kept),
        aside=tuple(a for a in kept.aside if a.id not in {b.id for b in mine.aside}),
        back=tuple(a for a in mine.aside if a.id not in {b.id for b in kept.aside}),
        findings=_findings(newer, mine, kept),
        joins=facts.waiting,
        others=others,
    )


@transaction.atomic
def migrate(visit: Visit, *, to: int, version: int, actor: Actor, today: date, reason: str = "") -> Moved:
    """Move the visit and all its drafts to release number `to`, which was previewed at the visit's `version`.

    Raises StaleVisit where either is another one by now, MigratingError where there is nothing to move.
    """
    Patient.objects.select_for_update().get(pk=visit.patient_id)  # before the visit, as a submit does
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    before, after = _releases(locked)
    if locked.version != version or after.number != to:
        raise StaleVisit("The visit or the newest form changed since you looked. Look at the changes again.")
    was = load.for_visits([locked.pk], today=today)[locked.pk]
    locked.release, locked.version = after, locked.version + 1
    locked.save(update_fields=["release", "version"])
    scheduling.plan_patient(locked.patient_id, actor=actor, reason="visit moved to a newer form", today=today)
    locked.refresh_from_db(fields=["version"])
    now = load.for_visits([locked.pk], today=today)[locked.pk]
    rows = list(Draft.objects.select_for_update().filter(visit=locked).order_by("pk"))
    totals = [_draft(row, was, now, before, after, locked.version) for row in rows]
    made = Moved(after, len(rows), *(sum(column) for column in zip((0, 0, 0), *totals, strict=True)))
    _record(locked, before, made, actor=actor, reason=reason.strip())
    return made


@transaction.atomic
def use(visit: Visit, user: User, id_: str, *, today: date) -> SetAside:
    """Put a value of the person's own draft that was set aside into its place. Raises MigratingError."""
    draft, typed, one = _found(visit, user, id_)
    facts = load.for_visits([visit.pk], today=today)[visit.pk]
    form = form_at(facts, _opened(draft.visit), typed)
    if not aside.usable(one, form):
        raise MigratingError(f"{one.asked.label}: this form has no place for it. {one.reason}")
    _put(draft, typed, aside.used(typed.typing, one, form))
    return one


@transaction.atomic
def dismiss(visit: Visit, user: User, id_: str, *, actor: Actor) -> SetAside:
    """The person says that a value set aside is not needed. It is kept as evidence. Raises MigratingError."""
    draft, typed, one = _found(visit, user, id_)
    _put(draft, typed, Typing(typed.entered, tuple(a for a in typed.aside if a.id != one.id)))
    evidence.keep(visit, [one], SetAsideValue.Outcome.DISMISSED, actor=actor)
    trail.record(actor, "dismiss_set_aside", f"visit:{visit.uuid}", details={"question": one.asked.label})
    return one


def _releases(visit: Visit) -> tuple[Release, Release]:
    if visit.submitted_at:
        raise MigratingError("This visit is submitted. What was submitted keeps its form; correct answers instead.")
    if visit.release_id is None:
        raise MigratingError("Nobody has begun this visit yet: it has the newest form already.")
    before = _opened(visit)
    after = opening.newer_than(before)
    if after is None:
        raise MigratingError("This visit has the newest form already.")
    return before, after


def _opened(visit: Visit) -> Release:
    release = opening.release_of(visit)
    if release is None:
        raise MigratingError("No program is accepted yet, so there is no form.")
    return release


def _move(typed: Typed, facts: VisitFacts, before: Release, after: Release) -> Typing:
    return aside.moved(typed.typing, form_at(facts, before, typed), form_at(facts, after, typed))


def _lost(typed: Typed, kept: Typing) -> int:
    return len({a.id for a in kept.aside} - {a.id for a in typed.aside})


def _returned(typed: Typed, kept: Typing) -> int:
    return len({a.id for a in typed.aside} - {a.id for a in kept.aside})


def _draft(
    row: Draft, was: VisitFacts, now: VisitFacts, before: Release, after: Release, version: int
) -> tuple[int, int, int]:
    """Move one draft. Gives how many values stayed typed, were set aside, came back."""
    typed = Typed.load(row.values)
    then: Form = form_at(was, before, typed)
    kept = aside.moved(typed.typing, then, form_at(now, after, typed))
    row.release, row.visit_version = after, version
    _put(row, typed, kept)
    back = _returned(typed, kept)
    return len(aside.places_of(kept.entered)) - back, _lost(typed, kept), back


def _put(row: Draft, typed: Typed, kept: Typing) -> None:
    row.values = Typed(kept.entered, typed.as_of, kept.aside).dump()
    row.save(update_fields=["values", "release", "visit_version"])


def _findings(newer: VisitFacts, typed: Typed, kept: Typing) -> tuple[Finding, ...]:
    facts = with_dates(newer, typed.as_of)
    found = checks.find(sheet.build(facts, kept.entered), kept.entered, facts)
    return tuple(f for f in found if f.code == "value")


def _found(visit: Visit, user: User, id_: str) -> tuple[Draft, Typed, SetAside]:
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    draft = Draft.objects.select_for_update().filter(visit=visit, user=user).first()
    typed = Typed.load(draft.values if draft else None)
    one = next((a for a in typed.aside if a.id == id_), None)
    if draft is None or one is None:
        raise MigratingError("That value is not set aside any more. Reload the visit.")
    draft.visit = locked
    return draft, typed, one


def _record(visit: Visit, before: Release, made: Moved, *, actor: Actor, reason: str) -> None:
    """One move and one trail entry, with counts and never a value."""
    words = (f"release {before.number}", f"release {made.release.number}")
    recording.move(actor, "visit", visit.uuid, *words, reason=reason)
    details = {"from": before.number, "to": made.release.number, "drafts": made.drafts}
    details |= {"stayed": made.stayed, "set_aside": made.aside, "came_back": made.back}
    trail.record(actor, "migrate_visit", f"visit:{visit.uuid}", reason=reason, details=details)
