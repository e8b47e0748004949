"""The time line: every report and visit is where its days are, joined over what it serves, in words too; fixed cost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.enter import enrolling, happenings
from capture.models import Enrollment, Patient, Timepoint, Visit
from capture.pages import lanes, timeline
from capture.pages.lanes import Facts, Flag, Lane, Scale, Span, Stop
from capture.pages.timeline import TimeLine
from tests.capture.pages.at_north import person
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day

D = date(2024, 1, 1)
DAYS = [D + timedelta(days=n) for n in range(0, 5600, 7)]


def line_of(patient: Patient, today: date, *, zoomed: bool = False) -> TimeLine:
    enrolments = Enrollment.objects.filter(treatment__patient=patient).select_related("program", "treatment")
    return timeline.of_patient(patient, list(enrolments), today, zoomed=zoomed, writes_at=[patient.site_id])


def facts(title: str = "Registry", lanes_: int = 2) -> Facts:
    spans = (Span("Y1", D, D + timedelta(days=60), "planned", "one"),)
    made = tuple(Lane(n, title, "", spans) for n in range(lanes_))
    stop = Stop("/visits/1/", D + timedelta(days=30), "overdue", True, tuple(range(lanes_)), "visit")
    flags = tuple(Flag(x, D, "death", (0,)) for x in "ABC")
    return Facts(D + timedelta(days=40), made, (stop,), flags, (D,))


def test_later_days_are_further_right_also_where_a_year_is_drawn_wider() -> None:
    for infusions in ((), (D,), (D, D + timedelta(days=100)), (D, D + timedelta(days=2000))):
        scale = Scale(DAYS[0], DAYS[-1], infusions, 10, 1000)
        xs = [scale.x(d) for d in DAYS]
        assert xs == sorted(xs)
        assert (xs[0], xs[-1]) == (10, 1000)
        assert len(set(xs)) == len(xs)
    wide = Scale(DAYS[0], DAYS[-1], (D,), 10, 1000)
    first, second = (wide.x(D + timedelta(days=n + 70)) - wide.x(D + timedelta(days=n)) for n in (0, 700))
    assert first == pytest.approx(second * lanes.STRETCH, abs=1)


@pytest.mark.parametrize("width", [360, 1120])
def test_everything_is_inside_and_texts_do_not_touch(width: int) -> None:
    drawn = lanes.draw(facts("A very long name of a registry " * 5), "any", width)
    assert all(r.x >= 0 and r.x + r.width <= width for r in drawn.rects)
    assert all(0 <= m.x <= width and m.last < drawn.floor for m in drawn.marks)
    names = [w for w in drawn.words if "lane-name" in w.css]
    assert all(len(w.text) * 7 < width and w.full.startswith("A very long") for w in names)
    flags = sorted(p.flag_x for p in drawn.poles)
    assert all(b - a >= 16 for a, b in pairwise(flags))


def test_a_visit_joins_the_lanes_it_serves_and_an_overdue_one_is_a_diamond() -> None:
    mark = lanes.draw(facts(lanes_=3), "any", 1120).marks[0]
    assert mark.last - mark.first == 2 * lanes.LANE
    assert [css for css, _ in mark.shapes] == ["dot", "point"] * 3
    assert "a" not in mark.shapes[0][1]


@pytest.mark.django_db
def test_every_report_is_a_bar_and_every_visit_a_mark_and_a_row() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    rows.submitted(rows.visit_of(patient, "D100"))
    rows.draft(rows.visit_of(patient, "M6"))
    today = day(400)
    line = line_of(patient, today)
    for drawing in line.drawings:
        assert len(drawing.rects) == Timepoint.objects.count()
        assert {m.url for m in drawing.marks} == {f"/visits/{v.uuid}/" for v in Visit.objects.all()}
    by_day = {row.visit.pk: row for row in line.rows}
    assert len(by_day) == Visit.objects.count()
    assert by_day[rows.visit_of(patient, "D100").pk].state == "submitted"
    late = by_day[rows.visit_of(patient, "M6").pk]
    assert (late.state, late.drafted, len(late.serves)) == ("overdue", True, 3)
    assert {row.state for row in line.rows} == {"submitted", "overdue", "due", "planned"}


@pytest.mark.django_db
def test_a_death_is_flagged_and_what_it_closed_says_why() -> None:
    rows.live(*CART)
    patient = rows.patient(*CART)
    lost = happenings.record(
        patient, "lost", day(170), details=rows.tried(day(170)), actor=AT, reason="no answer", today=TODAY
    )
    happenings.undo(lost, actor=AT, reason="called", today=TODAY)
    happenings.record(patient, "death", day(180), actor=AT, reason="letter", today=TODAY)
    line = line_of(patient, day(200))
    assert [(p.letter, p.css) for p in line.drawings[0].poles] == [("A", "pole is-undone"), ("B", "pole")]
    assert {(u.state, u.reason) for u in line.unasked} == {("closed", "death")}
    assert sum(u.labels.count(",") + 1 for u in line.unasked) == Timepoint.objects.filter(state="closed").count()
    assert any(s.reason == "death" for row in line.rows for s in row.serves)


@pytest.mark.django_db
def test_the_zoom_shows_a_year_and_no_more() -> None:
    rows.live(*CART)
    line = line_of(rows.patient(*CART), day(400), zoomed=True)
    first, last = lanes.next_year(day(400))
    assert line.rows
    near = [row for row in line.rows if first <= row.visit.planned_on <= last]
    assert {row.state for row in line.rows if row not in near} == {"overdue"}  # what is late is never left out
    assert len(line.drawings[0].marks) == len(near)


def page(client: Client, patient: Patient, query: str = "") -> tuple[int, str]:
    """How many queries the patient page takes, and its source."""
    with CaptureQueriesContext(connection) as taken:
        answer = client.get(f"/patients/{patient.uuid}/{query}")
    assert answer.status_code == 200
    return len(taken), answer.content.decode()


@pytest.fixture
def alice(db: None) -> Client:
    return person("al")


def test_one_program_and_five_enrolments_with_two_treatments_take_the_same_queries(alice: Client) -> None:
    rows.live(*CART)
    few, _ = page(alice, rows.patient(CART[0]))
    many = rows.patient(*CART, pseudonym="NRT-0005")
    enrolling.add_treatment(many, day(700), "cilta-cel", actor=AT)  # both registries start again
    taken, source = page(alice, many)
    assert taken <= few <= 20
    assert source.count("(infusion 2020-03-01)") == 6  # three lanes, wide and narrow
    assert page(alice, many, "?months=12")[0] <= few


def test_a_patient_of_no_program_has_a_page_too(alice: Client) -> None:
    empty = enrolling.add_patient(rows.site(), "NRT-0009", since=TODAY, actor=AT)
    _, source = page(alice, empty)
    assert "Not followed in any program" in source
    assert "<svg" not in re.sub(r"(?s)<header.*?</header>", "", source)
