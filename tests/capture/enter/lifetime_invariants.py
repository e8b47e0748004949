"""What must hold after every step of a patient's life, whatever happened: looked up in the rows, not in the planner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import TextField
from django.db.models.functions import Cast

from capture.deliver import outbox
from capture.enter import happenings
from capture.models import Delivery, Enrollment, Notice, Patient, PatientEvent, Response, Stay, Timepoint, Visit
from capture.plan import scheduling
from capture.plan.slots import entries
from forms_catalog import publishing
from tests.capture.plan.rows import AT

NEVER = date.max
FROZEN = ("element", "qualifier", "context", "value", "as_entered", "missing", "observed_on", "covers_to", "visit_id")


@dataclass
class Seen:
    """Every answer and every delivery there ever was, as it was written first."""

    answers: dict[int, tuple[object, ...]] = field(default_factory=dict)
    deliveries: dict[int, tuple[object, ...]] = field(default_factory=dict)
    reports: dict[int, tuple[object, ...]] = field(default_factory=dict)

    def check(self, patient: Patient) -> None:
        """No answer is lost or changed; no delivery and no submitted report is changed. New ones are remembered."""
        answers = {pk: tuple(rest) for pk, *rest in Response.objects.filter(patient=patient).values_list("pk", *FROZEN)}
        raw = Delivery.objects.annotate(raw=Cast("payload", TextField()))  # as stored: sealed, not opened
        mine = raw.filter(timepoint__enrollment__treatment__patient=patient)
        deliveries = {
            pk: tuple(r) for pk, *r in mine.values_list("pk", "timepoint", "revision", "payload_sha256", "raw")
        }
        done = Timepoint.objects.filter(enrollment__treatment__patient=patient, state=Timepoint.State.SUBMITTED)
        reports = {pk: tuple(r) for pk, *r in done.values_list("pk", "as_of", "visit", "contact_type", "entry_code")}
        for before, now in ((self.answers, answers), (self.deliveries, deliveries), (self.reports, reports)):
            changed = [pk for pk, row in before.items() if now.get(pk) != row]
            assert changed == []
            before.update(now)


def every_place_once(patient: Patient) -> None:
    """Each entry of each enrolment's schedule is one row; open and submitted ones are in one visit of their kind."""
    points = _points(patient)
    spec = publishing.current_spec()
    for enrolment in Enrollment.objects.filter(treatment__patient=patient).select_related("program"):
        wanted = {e.code for e in entries(spec.programs[enrolment.program.code], enrolment.track)}
        rows = Counter(p.entry_code for p in points if p.enrollment_id == enrolment.pk and p.cycle == 1)
        assert wanted <= set(rows)
        assert set(rows.values()) <= {1}
    for point in points:
        if point.state == "submitted":
            assert point.visit is not None
            assert point.visit.submitted_at is not None
        if point.state == "planned":
            assert point.visit is not None
            assert point.visit.submitted_at is None
            assert point.visit.kind == point.kind
    twice = Counter(
        (p.visit_id, p.enrollment.program_id)
        for p in points
        if p.state in ("planned", "submitted") and p.kind == "followup"
    )
    assert set(twice.values()) <= {1}


def nothing_open_beyond_what_is_owed(patient: Patient) -> None:
    """Open reports, their visits and reminders: none that a death, an end, a loss or an infusion rules out."""
    events = list(happenings.standing(patient))
    points = [p for p in _points(patient) if p.state == "planned"]
    for point in points:
        ruled_out = _ruled_out(point, events)
        assert ruled_out == "", f"{point} {point.window_start}..{point.window_end} is open: {ruled_out}"
    closing = Counter(p.enrollment_id for p in points if p.as_of and p.kind == "followup")
    assert set(closing.values()) <= {1}
    open_visits = {p.visit_id for p in points}
    notices = Notice.objects.filter(visit__patient=patient)
    assert set(notices.values_list("visit", flat=True)) <= open_visits


def each_visit_at_the_site_of_its_day(patient: Patient) -> None:
    """An open visit, and so its reminder, belongs to the site that is responsible on its day."""
    stays = list(Stay.objects.filter(patient=patient).order_by("valid_from", "pk").values_list("valid_from", "site"))
    for visit in Visit.objects.filter(patient=patient, submitted_at__isnull=True, timepoints__state="planned"):
        begun = [site for since, site in stays if since <= visit.planned_on]
        assert visit.site_id == (begun[-1] if begun else stays[0][1])


def planning_again_changes_nothing(patient: Patient, today: date) -> None:
    assert scheduling.plan_patient(patient.pk, actor=AT, reason="again", today=today) == 0


def preparing_again_changes_nothing(patient: Patient, today: date) -> None:
    """The newest revision of each report is what its answers give now: nothing changed without a new one."""
    assert outbox.prepare(patient.pk, actor=AT, today=today, reason="again") == []


def _points(patient: Patient) -> list[Timepoint]:
    rows = Timepoint.objects.filter(enrollment__treatment__patient=patient)
    return list(rows.select_related("visit", "enrollment__program", "enrollment__treatment"))


def _ruled_out(point: Timepoint, events: Iterable[PatientEvent]) -> str:
    """Why nobody may be asked for this report any more, '' where it is owed."""
    infused, program = point.enrollment.treatment.infusion_date, point.enrollment.program.code
    mine = [e for e in events if e.program in ("", program) and e.effective_on >= infused]
    for begin, end in (("withdrawn", "reconsented"), ("program_closed", "")):
        for since, until in _spans(mine, begin, end):
            if since <= point.window_end < until:
                return begin
    if point.kind != "followup":
        return ""
    ends = [(e.effective_on, "death") for e in mine if e.kind == "death"]
    if program == "car_registry_na":
        again = [e.effective_on for e in mine if e.kind == "new_infusion" and e.effective_on > infused]
        ends += [(on - timedelta(days=1), "new_infusion") for on in again]
    ended = min(ends, default=None)
    if ended and point.window_end >= ended[0] and point.as_of != ended[0]:
        return ended[1]
    if ended and point.as_of == ended[0]:
        return ""
    lost = _spans(mine, "lost", "found")
    return "lost" if any(a < point.window_start and point.window_end < b for a, b in lost) else ""


def _spans(events: Iterable[PatientEvent], begin: str, end: str) -> list[tuple[date, date]]:
    told = list(events)
    return [
        (
            e.effective_on,
            min((x.effective_on for x in told if x.kind == end and x.effective_on >= e.effective_on), default=NEVER),
        )
        for e in told
        if e.kind == begin
    ]
