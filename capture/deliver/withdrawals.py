"""Which reports that a record or a death opened are taken back, and why. deliver.load calls it. 0 to 2 queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from capture.models import OccurrenceMark, PatientEvent, Timepoint

NOT_DUE = "it turned out not to be one"


def of_timepoints(rows: Iterable[Timepoint]) -> Mapping[int, str]:
    """Timepoint id → why its report is taken back; those that stand are not named."""
    opened = [row for row in rows if row.opened_by]
    records = {int(row.opened_by[1:]) for row in opened if _of_record(row)}
    events = {row.opened_by for row in opened if not _of_record(row)}
    reasons = {**_marked(records), **_undone(events)}
    found = {row.pk: reasons.get(row.opened_by, "") for row in opened}
    closed = {row.pk: NOT_DUE for row in opened if row.state == Timepoint.State.CLOSED and _no_more(row)}
    return {**closed, **{pk: why for pk, why in found.items() if why}}


def _of_record(row: Timepoint) -> bool:
    return row.opened_by.startswith("o")


def _no_more(row: Timepoint) -> bool:
    """Closed because the record itself changed; what a withdrawn consent closes is held, not taken back."""
    return row.state_reason == "no longer so"


def _marked(records: set[int]) -> Mapping[str, str]:
    """'o12' → why it was entered in error, by the newest mark."""
    if not records:
        return {}
    newest: dict[int, OccurrenceMark] = {}
    for mark in OccurrenceMark.objects.filter(occurrence__in=records).order_by("at", "pk"):
        newest[mark.occurrence_id] = mark
    return {f"o{pk}": mark.reason for pk, mark in newest.items() if mark.in_error}


def _undone(events: set[str]) -> Mapping[str, str]:
    """An event's uuid → why it was undone."""
    if not events:
        return {}
    rows = PatientEvent.objects.filter(undoes__uuid__in=events).select_related("undoes")
    return {str(row.undoes.uuid): row.reason for row in rows if row.undoes}
