"""What a site expects of its forecast, from a day on, with a reason: the only writer of ForecastAssumptions.

Called by the forecast's page of assumptions; read by sites.burden.outlooks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta

from django.db import transaction

from sites import trail
from sites.burden.figures import monday
from sites.burden.rates import Chosen
from sites.models import ForecastAssumptions, Site
from sites.trail import Actor

MOST_MONTH = 1000  # patients a month: no site treats more
MOST_WEEKS = 260  # weeks of absence that a site may name
LINE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s+to\s+(\d{4}-\d\d-\d\d))?\s*:?\s+(\d{1,3})\s*%?")


class AssumptionsError(ValueError):
    """Assumptions that cannot be; the message says what to do."""

    code = "assumptions_refused"


@transaction.atomic
def put(
    site: Site, *, valid_from: date, chosen: Chosen, absences: Mapping[date, float], actor: Actor, reason: str
) -> ForecastAssumptions:
    """The assumptions from a day on. The same day again replaces them and keeps the old in history.

    `absences` is Monday → share of staff away. Raises AssumptionsError, and ReasonMissing without a reason.
    """
    why = trail.require_reason(reason)
    _check(chosen, absences)
    locked = Site.objects.select_for_update().get(pk=site.pk)
    row = ForecastAssumptions.objects.filter(site=locked, valid_from=valid_from).first()
    before = asdict(chosen_of(row)) if row else None
    row = row or ForecastAssumptions(site=locked, valid_from=valid_from)
    for name, value in asdict(chosen).items():
        setattr(row, name, value)
    row.absences = [[day.isoformat(), share] for day, share in sorted(absences.items())]
    row.set_by, row.reason = actor.name, why
    row._change_reason = why  # type: ignore[attr-defined]
    row.save()
    details = {"valid_from": valid_from.isoformat(), **asdict(chosen), "absences": row.absences, "before": before}
    trail.record(actor, "set_forecast_assumptions", f"site:{site.uuid}", reason=why, details=details)
    return row


def chosen_of(row: ForecastAssumptions | None) -> Chosen:
    """What a stored version sets; nothing where there is none."""
    if row is None:
        return Chosen()
    return Chosen(row.enrolment_month, row.death_year, row.loss_year, row.catch_up_weeks)


def absences_of(row: ForecastAssumptions | None) -> dict[date, float]:
    """Monday → share of staff away."""
    return {date.fromisoformat(day): float(share) for day, share in row.absences} if row else {}


def read_absences(text: str) -> dict[date, float]:
    """'2026-12-21 to 2027-01-03 50 %' → share of staff away by Monday, one line an absence; a later line wins.

    A week counts whole from its first day on. Raises AssumptionsError naming the line.
    """
    found: dict[date, float] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        first, last, share = _line(line)
        week = monday(first)
        while week <= last:
            found[week] = share
            if len(found) > MOST_WEEKS:
                raise AssumptionsError(f"{line!r} makes more than {MOST_WEEKS} weeks of absence. Name fewer.")
            week += timedelta(weeks=1)
    return found


def absence_lines(absences: Mapping[date, float]) -> str:
    """The same as text to edit, one line a run of weeks."""
    runs: list[tuple[date, date, float]] = []
    for week, share in sorted(absences.items()):
        if runs and runs[-1][1] + timedelta(days=1) == week and runs[-1][2] == share:
            runs[-1] = (runs[-1][0], week + timedelta(days=6), share)
        else:
            runs.append((week, week + timedelta(days=6), share))
    return "\n".join(f"{first} to {last} {share * 100:.0f} %" for first, last, share in runs)


def _line(line: str) -> tuple[date, date, float]:
    example = "Write it as 2026-12-21 to 2027-01-03 50 %."
    found = LINE.fullmatch(line)
    if found is None:
        raise AssumptionsError(f"The absence {line!r} could not be read. {example}")
    try:
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError:
        raise AssumptionsError(f"The absence {line!r} names a day that is not in the calendar. {example}") from None
    if last < first or not 0 < int(found[3]) <= 100:
        raise AssumptionsError(f"The absence {line!r} must end after it starts and lie between 1 and 100 %. {example}")
    return first, last, int(found[3]) / 100


def _check(chosen: Chosen, absences: Mapping[date, float]) -> None:
    for name, value, most in (
        ("patients a month", chosen.enrolment_month, MOST_MONTH),
        ("deaths a year", chosen.death_year, 1),
        ("losses a year", chosen.loss_year, 1),
    ):
        if value is not None and not 0 <= value <= most:
            raise AssumptionsError(f"{value:g} {name} is not possible. Give 0 to {most}.")
    if chosen.catch_up_weeks is not None and not 1 <= chosen.catch_up_weeks <= 52:
        raise AssumptionsError(f"{chosen.catch_up_weeks} weeks to catch up is not possible. Give 1 to 52.")
    if wrong := [day for day, share in absences.items() if day.weekday() or not 0 < share <= 1]:
        raise AssumptionsError(f"The absence of {wrong[0]} needs a Monday and a share up to 1.")
