"""An opening-balance table for one site: its template, a rehearsal that says what it would do, the load.

Called by the page and by manage.py load_opening_balance. Everything is written through opening_balance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from capture.enter import balance_table, opening_balance
from capture.enter.balance_table import NOTHING, Row, Wrong
from capture.enter.opening_balance import BalanceError, Given, Ongoing, Opening
from capture.models import Enrollment, Patient
from sites.models import Site
from sites.trail import Actor, ReasonMissing


@dataclass(frozen=True, slots=True)
class Line:
    """What the table does for one patient, in words."""

    patient: str
    reports: tuple[str, ...]
    answers: int
    events: int
    new: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table did or would do. With anything `wrong` nothing is written."""

    lines: tuple[Line, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    loaded: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Patients in the table, those for whom something is new, and rows that are wrong."""
        return {
            "patients": len(self.lines),
            "changed": sum(line.new for line in self.lines),
            "wrong": len(self.wrong),
        }


@dataclass(slots=True)
class _Part:
    """What the table says of one patient, and the line each part stands on (by identity)."""

    openings: dict[int, Opening] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    ongoing: list[Ongoing] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)
    first: int = 0


def load(
    site: Site, data: bytes, *, actor: Actor, today: date, reason: str = "", file_name: str = "", dry_run: bool = False
) -> Outcome:
    """Load the table, all or none. `dry_run` does the same and takes it back: what it would do is what it did."""
    rows, wrong = balance_table.read(data)
    patients = {p.pseudonym: p for p in Patient.objects.filter(site=site, pseudonym__in={r["patient"] for r in rows})}
    lines: list[Line] = []
    with transaction.atomic():
        parts, strange = _parts(rows, patients) if not wrong else ({}, [])
        wrong = [*wrong, *strange]
        for name, part in parts.items():
            found = _one(patients[name], part, actor=actor, today=today, reason=reason, file_name=file_name)
            lines += [found] if isinstance(found, Line) else []
            wrong += [] if isinstance(found, Line) else [found]
        if wrong or dry_run:
            transaction.set_rollback(True)
    ordered = tuple(sorted(wrong, key=lambda w: (w.line, w.column)))
    return Outcome(tuple(lines), ordered, loaded=not (wrong or dry_run))


def template(site: Site) -> list[dict[str, str]]:
    """A row for each enrolment of the site's patients that has no balance yet, ready to be filled in. 1 query."""
    rows = Enrollment.objects.filter(treatment__patient__site=site, balances=None)
    related = rows.select_related("treatment__patient", "program")
    return [
        {
            "what": "report",
            "patient": e.treatment.patient.pseudonym,
            "program": e.program.code,
            "infusion_date": e.treatment.infusion_date.isoformat(),
        }
        for e in related.order_by("treatment__patient__pseudonym", "program__code", "pk")
    ]


def _one(patient: Patient, part: _Part, *, actor: Actor, today: date, reason: str, file_name: str) -> Line | Wrong:
    try:
        with transaction.atomic():
            done = opening_balance.load(
                patient,
                part.openings,
                part.given,
                part.ongoing,
                actor=actor,
                today=today,
                reason=reason,
                file_name=file_name,
            )
    except BalanceError as error:
        return Wrong(part.lines.get(id(error.about), part.first), error.field, str(error))
    except ReasonMissing:
        return Wrong(part.first, "last_report", "This corrects an earlier balance. Say why when loading the table.")
    return Line(str(patient), tuple(part.words), done.answers, done.events, not done.nothing)


def _parts(rows: Iterable[Row], patients: Mapping[str, Patient]) -> tuple[dict[str, _Part], list[Wrong]]:
    """Pseudonym → what the table says of them; rows whose patient or program is not here are wrong."""
    parts: dict[str, _Part] = {}
    wrong: list[Wrong] = []
    enrolments = _enrolments(patients.values())
    events: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["patient"] not in patients:
            wrong.append(Wrong(row.line, "patient", f"{row['patient'][:40]} is no patient of this site."))
            continue
        part = parts.setdefault(row["patient"], _Part(first=row.line))
        if row["what"] == "event":
            events[row["patient"], row["record"]].append(row)
        elif row["what"] == "answer":
            part.given.append(Given(row["field"], row["value"], balance_table.day(row["as_of"]) or date.min))
            part.lines[id(part.given[-1])] = row.line
        else:
            wrong += _report(row, part, enrolments.get(row["patient"], ()))
    for (name, record), found in events.items():
        group = record.rpartition(" ")[0] or record
        parts[name].ongoing.append(Ongoing(group, {r["field"]: r["value"] for r in found}))
        parts[name].lines[id(parts[name].ongoing[-1])] = found[0].line
    return parts, wrong


def _enrolments(patients: Iterable[Patient]) -> Mapping[str, list[Enrollment]]:
    found: dict[str, list[Enrollment]] = defaultdict(list)
    rows = Enrollment.objects.filter(treatment__patient__in=list(patients))
    for e in rows.select_related("treatment__patient", "program"):
        found[e.treatment.patient.pseudonym].append(e)
    return found


def _report(row: Row, part: _Part, enrolments: Sequence[Enrollment]) -> list[Wrong]:
    infused = balance_table.day(row["infusion_date"])
    mine = [e for e in enrolments if e.program.code == row["program"] and infused in (None, e.treatment.infusion_date)]
    if not mine:
        text = f"{row['patient']} is not followed in {row['program'][:40]} for that infusion."
        return [Wrong(row.line, "program", text)]
    if len(mine) > 1:
        text = f"{row['patient']} is followed there for several infusions. Fill in infusion_date."
        return [Wrong(row.line, "infusion_date", text)]
    if mine[0].pk in part.openings:
        return [Wrong(row.line, "program", f"The table has {row['program']} of {row['patient']} twice.")]
    last = "" if row["last_report"].casefold() == NOTHING else row["last_report"]
    owed = tuple(dict.fromkeys(row["still_owed"].replace(",", " ").split()))
    opening = Opening(last, balance_table.day(row["as_of"]), owed, row["program_id"])
    part.openings[mine[0].pk] = opening
    part.lines[id(opening)] = row.line
    said = f"{last} of {row['as_of']}" if last else NOTHING
    part.words.append(f"{mine[0].program.title}: {said}")
    return []
