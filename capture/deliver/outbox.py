"""Queues deliveries: after each write every submitted slice is cut again, and a changed one becomes a new revision.

Called by recording and correcting inside their transaction; the sweep sends what is queued.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from capture.ask import load
from capture.deliver.slicing import Slice, cut
from capture.models import Delivery, Move, Submission, Timepoint
from forms_catalog import publishing, serial
from forms_catalog.specs import ReleaseSpec
from sites.models import Participation
from sites.trail import Actor

OPEN = (Delivery.State.PREPARED, Delivery.State.HELD, Delivery.State.EXPORTED, Delivery.State.TRANSCRIBED)
SENT_BY_US = {Participation.Mode.FILE}


def prepare(patient_id: int, *, submission: Submission, actor: Actor, today: date) -> list[Delivery]:
    """New revisions for every submitted timepoint of the patient whose slice changed. Unchanged ones are left alone."""
    rows = _submitted(patient_id)
    if not rows:
        return []
    facts = load.for_patients([patient_id])[patient_id]
    last = {d.timepoint_id: d for d in Delivery.objects.filter(timepoint__in=rows).order_by("revision")}
    made = []
    for row in rows:
        release = _release(row)
        slice_ = cut(load.occasion_of(row, rows, release, today=today), facts, release)
        payload = serial.dump(slice_)
        sha = serial.digest(payload)
        before = last.get(row.pk)
        if before is None or before.payload_sha256 != sha:
            made.append(_revision(row, before, slice_, payload, sha, submission=submission, actor=actor))
    return made


def _submitted(patient_id: int) -> list[Timepoint]:
    rows = Timepoint.objects.filter(enrollment__treatment__patient=patient_id, state=Timepoint.State.SUBMITTED)
    related = rows.select_related(
        "visit__release", "visit__site", "enrollment__treatment", "enrollment__program"
    ).defer("visit__release__content")
    return list(related.order_by("as_of", "pk"))


def _release(row: Timepoint) -> ReleaseSpec:
    release = row.visit.release if row.visit else None
    return publishing.spec_of(release) if release else publishing.current_spec()


def _revision(
    row: Timepoint,
    before: Delivery | None,
    slice_: Slice,
    payload: object,
    sha: str,
    *,
    submission: Submission,
    actor: Actor,
) -> Delivery:
    supersede([before] if before else [], actor=actor)
    mode = mode_of(row)
    held = "The target is locked." if row.locked else slice_.held
    state = Delivery.State.HELD if held else Delivery.State.PREPARED
    made = Delivery.objects.create(
        timepoint=row,
        revision=before.revision + 1 if before else 1,
        submission=submission,
        mode=mode,
        state=state,
        state_reason=held[:200],
        payload=payload,
        payload_sha256=sha,
        prepared_at=actor.now,
        next_try_at=actor.now if mode in SENT_BY_US and not held else None,
    )
    move(made, "", state, actor=actor, reason=held or ("changed after the last revision" if before else ""))
    return made


def supersede(rows: Sequence[Delivery], *, actor: Actor) -> None:
    """Older revisions stop being the one to act on; what a program confirmed stays confirmed."""
    for row in rows:
        if row.state in OPEN:
            before, row.state = row.state, Delivery.State.SUPERSEDED
            row.next_try_at = None
            row.save(update_fields=["state", "next_try_at"])
            move(row, before, row.state, actor=actor, reason="a newer revision is prepared")


def mode_of(row: Timepoint) -> str:
    """How this site's deliveries to the program leave."""
    site = row.visit.site_id if row.visit else row.enrollment.treatment.patient.site_id
    found = Participation.objects.filter(site=site, program=row.enrollment.program_id).order_by("-valid_from").first()
    return found.mode if found else Participation.Mode.TRANSCRIBE


def move(row: Delivery, before: str, after: str, *, actor: Actor, reason: str = "") -> None:
    """One append-only row for a delivery's change of state."""
    Move.objects.create(
        subject="delivery",
        subject_uuid=row.uuid,
        before=before,
        after=after,
        at=actor.now,
        actor=actor.name,
        reason=reason,
    )
