"""Keeps what was typed and never became an answer: left over at a submit, or dismissed. Only writer of SetAsideValue.

Every value is sealed, for a draft does not say for good which ones name a person. Called by recording and migrating.
"""

from __future__ import annotations

from collections.abc import Iterable

from capture.ask import aside, sheet
from capture.ask.aside import SetAside
from capture.ask.facts import Entered, VisitFacts
from capture.ask.form_changes import form_of
from capture.enter.drafts import Typed
from capture.models import Draft, SetAsideValue, Submission, Visit
from capture.models.sealed import Sealed
from sites.trail import Actor


def of_submit(submission: Submission, facts: VisitFacts, entered: Entered, *, actor: Actor) -> None:
    """What the person's draft holds beside the form: set aside, or typed into what neither form nor post has."""
    draft = Draft.objects.filter(visit=submission.visit, user=actor.user_id).first()
    if draft is None:
        return
    stored = Typed.load(draft.values)
    form = form_of(sheet.build(facts), facts, submission.release.number)
    posted = aside.places_of(entered)
    rest = {p: e for p, e in aside.places_of(stored.entered).items() if p not in posted and form.at(p) is None}
    lost = [SetAside(p, e, "gone", form.known(p), form.release) for p, e in rest.items()]
    left = aside.tidy(posted, (*stored.aside, *lost)).aside
    keep(submission.visit, left, SetAsideValue.Outcome.LEFT, submission=submission, actor=actor)


def keep(
    visit: Visit, values: Iterable[SetAside], outcome: str, *, submission: Submission | None = None, actor: Actor
) -> None:
    """One row for each value."""
    rows = [
        SetAsideValue(
            visit=visit,
            submission=submission,
            outcome=outcome,
            place=one.place,
            label=one.asked.label,
            value=Sealed(one.entry.value),
            missing=one.entry.missing,
            identifier=one.asked.identifier,
            why=one.why,
            release=one.release,
            by=actor.name,
            at=actor.now,
        )
        for one in values
    ]
    SetAsideValue.objects.bulk_create(rows)
