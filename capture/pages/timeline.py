"""Facts of a patient's time line and of the table beneath it, for the patient page: programs, visits, events, today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse

from capture.enter import pinning
from capture.models import Draft, Enrollment, Patient, PatientEvent, PlanPin, Timepoint, Visit
from capture.pages import lanes
from capture.pages.lanes import Drawing, Facts, Flag, Lane, Span, Stop

WIDE, NARROW = 1120, 360
REASONS = {
    "owed_from": "before this program was owed",
    "undone": "the event was undone",
    "reported": "another report speaks for that day",
    "no longer in the schedule": "no longer in the schedule",
} | {kind: label.lower() for kind, label in PatientEvent.Kind.choices}
LEGEND = (
    *(("planned", "planned"), ("due", "due: its window is open"), ("overdue", "overdue")),
    *(
        ("submitted", "submitted"),
        ("closed", "closed, nothing owed"),
        ("not_owed", "not owed"),
        ("elsewhere", "reported elsewhere"),
    ),
)


@dataclass(frozen=True, slots=True)
class Served:
    """One report of a visit in the table."""

    program: str
    label: str
    window: str
    due: date
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One visit in the table."""

    visit: Visit
    state: str
    drafted: bool
    arranged: PlanPin | None
    serves: tuple[Served, ...]
    may_move: bool


@dataclass(frozen=True, slots=True)
class Unasked:
    """Reports of one program that no visit serves, with why: 'closed: death'."""

    program: str
    state: str
    reason: str
    labels: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One event with its letter on the time line."""

    letter: str
    event: PatientEvent


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The drawings (wide, narrow) and the same facts as rows."""

    drawings: tuple[Drawing, ...]
    rows: tuple[Row, ...]
    unasked: tuple[Unasked, ...]
    happened: tuple[Happened, ...]
    zoomed: bool


def of_patient(
    patient: Patient, enrolments: Sequence[Enrollment], today: date, *, zoomed: bool, writes_at: Iterable[int]
) -> TimeLine:
    """The time line of one patient. 4 queries whatever their past holds. `writes_at`: site ids the person writes at."""
    points = _points(patient, enrolments)
    visits = _visits(patient)
    events = list(patient.events.select_related("undone_by").order_by("effective_on", "id"))
    happened = tuple(Happened(letter, e) for letter, e in zip(lanes.letters(), _told(events), strict=False))
    facts = Facts(
        today,
        tuple(_lane(e, points[e.pk], today, several=_several(enrolments)) for e in enrolments),
        tuple(_stop(v, points, today) for v in visits),
        tuple(_flag(h, enrolments) for h in happened),
        tuple(sorted({e.treatment.infusion_date for e in enrolments})),
    )
    drawings = (
        tuple(lanes.draw(facts, n, w, zoomed=zoomed) for n, w in (("wide", WIDE), ("narrow", NARROW)))
        if enrolments
        else ()
    )
    arranged = pinning.standing_of(patient)
    rows = (_row(v, points, today, arranged, set(writes_at)) for v in visits)
    first, last = lanes.next_year(today)
    near = tuple(r for r in rows if not zoomed or first <= r.visit.planned_on <= last or r.state == "overdue")
    return TimeLine(drawings, near, tuple(_unasked(enrolments, points)), happened, zoomed)


def _points(patient: Patient, enrolments: Sequence[Enrollment]) -> Mapping[int, list[Timepoint]]:
    """Enrolment id → its timepoints, earliest first, each with its enrolment at hand."""
    known = {e.pk: e for e in enrolments}
    found: dict[int, list[Timepoint]] = defaultdict(list)
    for point in Timepoint.objects.filter(enrollment__treatment__patient=patient).order_by("window_start", "id"):
        point.enrollment = known[point.enrollment_id]
        found[point.enrollment_id].append(point)
    return found


def _visits(patient: Patient) -> list[Visit]:
    drafted = Exists(Draft.objects.filter(visit=OuterRef("pk")))
    return list(Visit.objects.filter(patient=patient).annotate(drafted=drafted).order_by("planned_on", "id"))


def _told(events: Iterable[PatientEvent]) -> Iterable[PatientEvent]:
    """An undo is shown with the event it undoes."""
    return (e for e in events if e.kind != PatientEvent.Kind.UNDO)


def _several(enrolments: Iterable[Enrollment]) -> bool:
    return len({e.treatment_id for e in enrolments}) > 1


def state_of(point: Timepoint, today: date) -> str:
    """planned, due from the day its window opens, overdue past its due day; else as stored."""
    if point.state != Timepoint.State.PLANNED:
        return point.state
    return "overdue" if today > point.due_on else "due" if today >= point.window_start else "planned"


def reason_words(reason: str) -> str:
    """Why a report is closed or moved, in words."""
    return REASONS.get(reason, reason.replace("_", " "))


def _lane(enrolment: Enrollment, points: Sequence[Timepoint], today: date, *, several: bool) -> Lane:
    infused = enrolment.treatment.infusion_date
    note = f" (infusion {infused})" if several else ""
    return Lane(enrolment.pk, enrolment.program.title, note, tuple(_span(p, today) for p in points))


def _span(point: Timepoint, today: date) -> Span:
    state = state_of(point, today)
    said = state.replace("_", " ") + (f": {reason_words(point.state_reason)}" if point.state_reason else "")
    words = f"{point.label}, {point.window_start} to {point.window_end}, due {point.due_on}, {said}"
    return Span(point.entry_code, point.window_start, point.window_end, state, words)


def _here(visit: Visit, points: Mapping[int, Sequence[Timepoint]]) -> list[Timepoint]:
    return [p for many in points.values() for p in many if p.visit_id == visit.pk]


def visit_state(visit: Visit, here: Sequence[Timepoint], today: date) -> str:
    """submitted, or the most pressing state of the open reports it serves; closed where none is open."""
    if visit.submitted_at:
        return "submitted"
    states = {state_of(p, today) for p in here if p.state == Timepoint.State.PLANNED}
    return next((s for s in ("overdue", "due", "planned") if s in states), "closed")


def _stop(visit: Visit, points: Mapping[int, Sequence[Timepoint]], today: date) -> Stop:
    here = _here(visit, points)
    state, drafted = visit_state(visit, here, today), _drafted(visit)
    serves = "; ".join(f"{p.enrollment.program.title}, {p.label}" for p in here)
    words = f"{visit.planned_on}, {visit.get_kind_display().lower()}, {state}{', draft' if drafted else ''}: {serves}"
    lanes_served = tuple(dict.fromkeys(p.enrollment_id for p in here))
    return Stop(reverse("visit", args=[visit.uuid]), visit.planned_on, state, drafted, lanes_served, words)


def _drafted(visit: Visit) -> bool:
    return bool(visit.drafted) and not visit.submitted_at  # type: ignore[attr-defined]  # annotated in _visits


def _flag(happened: Happened, enrolments: Sequence[Enrollment]) -> Flag:
    event = happened.event
    undone = hasattr(event, "undone_by")
    mine = tuple(e.pk for e in enrolments if event.program in ("", e.program.code))
    words = f"{happened.letter}: {event.get_kind_display()}, {event.effective_on}{', undone' if undone else ''}"
    return Flag(happened.letter, event.effective_on, words, mine, undone)


def _row(
    visit: Visit,
    points: Mapping[int, Sequence[Timepoint]],
    today: date,
    arranged: Mapping[int, PlanPin],
    writes_at: set[int],
) -> Row:
    here = _here(visit, points)
    state = visit_state(visit, here, today)
    open_ = not visit.submitted_at and visit.kind == Visit.Kind.FOLLOWUP and state != "closed"
    serves = tuple(_served(p, today) for p in here)
    may_move = open_ and visit.site_id in writes_at
    standing = None if visit.submitted_at else arranged.get(visit.pk)
    return Row(visit, state, _drafted(visit), standing, serves, may_move)


def _served(point: Timepoint, today: date) -> Served:
    window = f"{point.window_start} to {point.window_end}"
    if point.window_start == point.window_end:
        window = str(point.window_start)
    reason = reason_words(point.state_reason)
    program = point.enrollment.program.title
    return Served(program, point.label, window, point.due_on, state_of(point, today), reason)


def _unasked(enrolments: Sequence[Enrollment], points: Mapping[int, Sequence[Timepoint]]) -> Iterable[Unasked]:
    """What no visit serves, a line for each program and reason."""
    for enrolment in enrolments:
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for point in points[enrolment.pk]:
            if point.visit_id is None:
                groups[point.state, point.state_reason].append(point.label)
        for (state, reason), labels in groups.items():
            yield Unasked(enrolment.program.title, state, reason_words(reason), ", ".join(labels))
