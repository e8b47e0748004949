"""Submit: one transaction of submission, responses, records, timepoint states, re-plan, deliveries, ledger, trail.

Called by the visit page, the demo and tests. A repeat with the same client id gives the same submission back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from capture.ask import charges, load, sheet
from capture.ask.asksheet import AskSheet
from capture.ask.entered import with_dates
from capture.ask.facts import Entered, EnteredRecord, VisitFacts
from capture.deliver import outbox
from capture.enter import answers, evidence, moves, opening, triggers
from capture.enter.happenings import HappeningError
from capture.models import Draft, Move, Patient, Submission, Timepoint, Visit, sealed
from capture.plan import scheduling
from capture.query import checks
from capture.query.checks import Finding
from forms_catalog import serial
from forms_catalog.models import Release
from sites import trail
from sites.burden import ledger
from sites.clock import local_day
from sites.models import Participation
from sites.trail import Actor


class SubmitError(Exception):
    """A submit that is refused. `findings` name each question and what to do."""

    code = "invalid"

    def __init__(self, message: str, findings: list[Finding] | None = None) -> None:
        super().__init__(message)
        self.findings = findings or []


class StaleVisit(Exception):
    """Somebody else changed the visit meanwhile; nothing was written. The page shows both values."""

    code = "stale_visit"


class OtherContent(Exception):
    """The same client id came with other content; nothing was written."""

    code = "other_content"


@dataclass(frozen=True, slots=True)
class Post:
    """One posted visit: what was typed, for which dates, on which version of the visit."""

    client_uuid: UUID
    version: int
    entered: Entered
    as_of: Mapping[str, date]
    active_centiseconds: int = 0
    release: int = 0  # the number of the release whose form was posted; 0 where that was not said

    @property
    def sha256(self) -> str:
        """Names the content, so that a repeat is told from a conflict; keyed, for it may hold identifiers."""
        return sealed.fingerprint(serial.digest(serial.dump([self.entered, dict(self.as_of)])))


@transaction.atomic
def submit(visit: Visit, post: Post, *, actor: Actor, today: date, reason: str = "") -> Submission:
    """Accept the post as a whole or refuse it as a whole. Raises SubmitError, StaleVisit or OtherContent."""
    Patient.objects.select_for_update().get(pk=visit.patient_id)  # before the visit, as planning does: no deadlock
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    if repeat := Submission.objects.filter(client_uuid=post.client_uuid).first():
        return _same(repeat, post)
    if locked.submitted_at or locked.version != post.version:
        raise StaleVisit("Somebody else has submitted or changed this visit. Compare both versions below.")
    release = _opened(locked, post)
    facts = with_dates(load.for_visits([locked.pk], today=today)[locked.pk], post.as_of)
    if not facts.occasions and facts.waiting:
        raise SubmitError(
            "This form asks nothing for the reports of this visit. Move the visit to the newer form first."
        )
    final = sheet.build(facts, post.entered, final=True)
    if found := [*_dates(facts, today), *checks.find(final, post.entered, facts)]:
        raise SubmitError(f"{len(found)} answers need a look before this visit can be submitted.", found)
    submission = _submission(locked, release, post, final, facts, actor=actor, reason=reason)
    answers.write(submission, final, post.entered, facts, actor=actor)
    evidence.of_submit(submission, facts, post.entered, actor=actor)
    _close(locked, facts, actor=actor)
    try:
        triggers.happen(locked, submission, actor=actor, today=today)
    except HappeningError as error:
        raise SubmitError(str(error)) from error
    scheduling.plan_patient(locked.patient_id, actor=actor, reason="visit submitted", today=today)
    outbox.prepare(locked.patient_id, submission=submission, actor=actor, today=today)
    ledger.write(charges.entries(submission_facts(submission)), actor=actor)
    details = {"asks": dict(final.counts()), "revision": submission.revision}
    trail.record(actor, "submit", f"visit:{locked.uuid}", reason=reason, details=details)
    return submission


def _same(repeat: Submission, post: Post) -> Submission:
    if repeat.content_sha256 != post.sha256:
        raise OtherContent("This form was already submitted with other answers. Reload the visit to see them.")
    return repeat


def _opened(visit: Visit, post: Post) -> Release:
    try:
        release = opening.open_with(visit, post.release)
    except opening.NoRelease as error:
        raise SubmitError("No program is accepted yet, so there is nothing to submit.") from error
    if post.release not in (0, release.number):
        raise StaleVisit("This visit was moved to a newer form meanwhile. Open it to see what it asks now.")
    return release


def _dates(facts: VisitFacts, today: date) -> list[Finding]:
    """A report speaks for a day after the program's last one, not for the future."""
    found = []
    for occasion in facts.occasions:
        name = f"asof.{occasion.uuid}"
        if occasion.as_of > today:
            text = f"{occasion.program_title}: a report cannot speak for {occasion.as_of}, which is in the future."
            found.append(Finding(name, "future", text))
        elif occasion.kind != "baseline" and occasion.as_of <= occasion.after:
            text = f"{occasion.program_title}: {occasion.as_of} is not after its last report ({occasion.after})."
            found.append(Finding(name, "before_last_report", text))
    return found


def _submission(
    visit: Visit, release: Release, post: Post, final: AskSheet, facts: VisitFacts, *, actor: Actor, reason: str
) -> Submission:
    frozen = charges.frozen(final, modes_of(visit, facts), post.entered) | {
        "set_aside": _set_aside(final, post.entered, facts)
    }
    return Submission.objects.create(
        client_uuid=post.client_uuid,
        visit=visit,
        revision=1,
        release=release,
        content_sha256=post.sha256,
        sheet=frozen,
        sheet_sha256=serial.digest(frozen),
        active_centiseconds=post.active_centiseconds,
        submitted_by=actor.name,
        submitted_at=actor.now,
        reason=reason,
        simulated=actor.simulated,
    )


def _set_aside(final: AskSheet, entered: Entered, facts: VisitFacts) -> dict[str, Any]:
    """What was typed into questions that are hidden or gone by now: no answer, not delivered. No identifiers."""
    visible = {q.key for q in final.visible}
    elements = facts.release.elements
    plain = {key for key in entered.answers if (e := elements.get(key.partition("~")[0])) and not e.identifier}
    hidden = {q.key for q in final.questions if not q.visible and not q.identifier}
    kept = {key: serial.dump(e) for key, e in entered.answers.items() if key in (hidden | plain) - visible}
    asked = answers.asked_groups(final)
    hidden_records = [r for r in entered.records if r.group not in asked]
    return kept | {f"{r.group}.{r.id}": serial.dump(_unnamed(r, facts)) for r in hidden_records}


def _unnamed(record: EnteredRecord, facts: VisitFacts) -> EnteredRecord:
    known = facts.release.elements
    return replace(record, values={k: e for k, e in record.values.items() if k in known and not known[k].identifier})


def modes_of(visit: Visit, facts: VisitFacts) -> dict[str, str]:
    """Program → how its deliveries leave this site, as of the visit's planned day."""
    rows = Participation.objects.filter(site=visit.site_id, program__code__in=[o.program for o in facts.occasions])
    return {p.program.code: p.mode for p in rows.select_related("program").order_by("valid_from")}


def _close(visit: Visit, facts: VisitFacts, *, actor: Actor) -> None:
    """The visit's timepoints are submitted, each for its own date; the visit's version goes up."""
    for occasion in facts.occasions:
        timepoint = Timepoint.objects.select_for_update().get(uuid=occasion.uuid)
        move(actor, "timepoint", timepoint.uuid, timepoint.state, Timepoint.State.SUBMITTED)
        timepoint.state, timepoint.as_of = Timepoint.State.SUBMITTED, occasion.as_of
        timepoint.save(update_fields=["state", "as_of"])
    visit.submitted_at, visit.version = actor.now, visit.version + 1
    visit.save(update_fields=["submitted_at", "version"])
    Draft.objects.filter(visit=visit, user=actor.user_id).delete()


def move(actor: Actor, subject: str, uuid: UUID, before: str, after: str, reason: str = "") -> Move:
    """Write one state change as an append-only row. Raises moves.MoveError for one that is not allowed."""
    moves.check(subject, before, after)
    return Move.objects.create(
        subject=subject,
        subject_uuid=uuid,
        before=before,
        after=after,
        at=actor.now,
        actor=actor.name,
        reason=reason,
    )


def submission_facts(submission: Submission) -> charges.SubmissionFacts:
    """What the ledger needs of a submission: the same for writing and for replaying it."""
    visit = submission.visit
    return charges.SubmissionFacts(
        uuid=submission.uuid,
        site=visit.site.code,
        visit_kind=visit.kind,
        local_date=local_day(submission.submitted_at, visit.site.time_zone),
        sheet=submission.sheet,
        active_centiseconds=submission.active_centiseconds,
        simulated=submission.simulated,
    )
