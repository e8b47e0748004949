"""Fills what opens triggered occasions, for many patients at once: records of the groups that any program waits for,
and deaths. load calls it. Nothing is read where no program of the release has a trigger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from capture.ask.records import latest_day
from capture.models import Occurrence, PatientEvent, Response
from capture.models.safety import marked
from capture.plan.triggered import IN_ERROR, UNDONE, Opener
from forms_catalog import triggering
from forms_catalog.specs import ReleaseSpec
from forms_catalog.specs.triggers import DEATH
from sites.clock import local_day

AWARENESS = "ae-awareness-date"
NOON = time(12)


def of_patients(
    ids: Collection[int], release: ReleaseSpec, events: Mapping[int, Iterable[PatientEvent]]
) -> Mapping[int, list[Opener]]:
    """Patient id → what may open occasions; ended ones too. `events` come with their patient's site. 0 to 2 queries."""
    triggers = [t for p in release.programs.values() for t in triggering.of_program(p)]
    found: dict[int, list[Opener]] = defaultdict(list)
    groups = {t.group for t in triggers if t.group}
    if groups:
        dates = {group.date for group in release.groups.values() if group.id in groups}
        fields = {name for t in triggers for name in t.where} | dates | {AWARENESS}
        for pk, opener in _records(ids, groups, fields, release):
            found[pk].append(opener)
    if any(t.event == DEATH for t in triggers):
        for pk, rows in events.items():
            found[pk] += _deaths(rows)
    return found


def _records(
    ids: Collection[int], groups: set[str], fields: set[str], release: ReleaseSpec
) -> Iterable[tuple[int, Opener]]:
    wanted = marked(Occurrence.objects.filter(patient__in=list(ids), group__in=groups))
    rows = list(wanted.select_related("safety", "patient__site").order_by("pk"))
    values: dict[str, dict[str, str]] = defaultdict(dict)
    contexts = [f"o{row.pk}" for row in rows]
    answers = Response.objects.filter(patient__in=list(ids), is_current=True, element__in=fields, context__in=contexts)
    for context, element, value in answers.values_list("context", "element", "value") if rows else ():
        values[context][element] = value
    for row in rows:
        yield row.patient_id, _record(row, values[f"o{row.pk}"], release)


def _record(row: Any, values: Mapping[str, str], release: ReleaseSpec) -> Opener:
    zone = row.patient.site.time_zone
    aware_at = _aware(row, values.get(AWARENESS, ""), zone)
    group = release.groups.get(row.group)
    on = latest_day(values.get(group.date, "")) if group else None
    return Opener(
        id=f"o{row.pk}",
        kind=row.group,
        number=row.ordinal,
        on=(on or local_day(aware_at, zone)).toordinal(),
        aware_at=aware_at,
        zone=zone,
        values=values,
        ended=IN_ERROR if row.in_error else "",
        elsewhere=row.elsewhere,
    )


def _aware(row: Any, said: str, zone: str) -> datetime:
    """When the site knew: as saved with a safety record, else the day the record says, else when it was entered."""
    safety = getattr(row, "safety", None)
    if safety is not None:
        return safety.aware_at  # type: ignore[no-any-return]
    day = latest_day(said)
    return datetime.combine(day, NOON, tzinfo=ZoneInfo(zone)) if day else row.created_at


def _deaths(rows: Iterable[PatientEvent]) -> Iterable[Opener]:
    """Each recorded death with its number; an undone one is ended."""
    every = sorted(rows, key=lambda e: e.pk)
    undone = {e.undoes_id for e in every if e.undoes_id}
    deaths = [e for e in every if e.kind == PatientEvent.Kind.DEATH]
    for number, event in enumerate(deaths, start=1):
        said = event.details.get("aware_at")
        yield Opener(
            id=str(event.uuid),
            kind=DEATH,
            number=number,
            on=event.effective_on.toordinal(),
            aware_at=datetime.fromisoformat(said) if said else event.recorded_at,
            zone=event.patient.site.time_zone,
            ended=UNDONE if event.pk in undone else "",
        )
