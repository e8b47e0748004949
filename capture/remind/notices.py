"""Keeps one notice a visit: only its next step and when. Called by planning, so that a done visit has none."""

from __future__ import annotations

from datetime import date

from capture.models import Notice, Visit
from capture.remind import due, load


def refresh(patient_id: int, *, today: date) -> int:
    """Bring the notices of a patient's open visits up to date. Gives the number of rows written."""
    made, changed, keep = [], [], set()
    for visit, fact in load.of_patient(patient_id):
        step, day = due.next_step(fact, today)
        at = due.at_local(day, visit.site.digest_hour, visit.site.time_zone)
        keep.add(visit.pk)
        notice = _of(visit)
        if notice is None:
            made.append(Notice(visit=visit, step=step, due_at=at))
        elif (notice.step, notice.due_at) != (step, at):
            notice.step, notice.due_at = step, at
            changed.append(notice)
    Notice.objects.bulk_create(made)
    Notice.objects.bulk_update(changed, ["step", "due_at"])
    gone = list(Notice.objects.filter(visit__patient=patient_id).exclude(visit__in=keep).values_list("pk", flat=True))
    if gone:
        Notice.objects.filter(pk__in=gone).delete()
    return len(made) + len(changed) + len(gone)


def _of(visit: Visit) -> Notice | None:
    return getattr(visit, "notice", None)
