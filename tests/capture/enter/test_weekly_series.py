"""A weekly ALT series (ADR 0005): six measurements are six answers, and each report rests on its own.

Two hand-made programs through the real gateways: one asks each week in U/L, one asks once around day 30 in µkat/L.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from capture.accept import accepting
from capture.ask import load, sheet
from capture.deliver import slices
from capture.enter import correcting, enrolling
from capture.enter.correcting import Correction
from capture.enter.enrolling import ConsentGiven
from capture.models import Delivery, Patient, Response, Timepoint, Visit
from capture.plan import runs
from forms_catalog import intake, mapping, seeding
from forms_catalog.specs import MappingSpec, Relation, Source, Step
from sites.models import Program, Sponsor
from tests import kept
from tests import world as cast
from tests.answering import submit
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db
WEEKLY, ONCE = "liver_weekly", "liver_once"
INFUSED = TODAY - timedelta(days=60)
UKAT = (Step("unit", {"from": "U/L", "to": "ukat/L", "factor": "x/60"}),)
HEAD = (
    "Variable / Field Name,Form Name,Field Type,Field Label,Text Validation Type OR Show Slider Number,"
    "Identifier?,Required Field?\n"
)
NUMBER = "subjid,lab,text,Subject number,,y,y\n"


def accept(
    world: World, code: str, label: str, days: dict[str, tuple[int, int, int]], transform: tuple[Step, ...] = ()
) -> None:
    """A program that asks for ALT at these days (first, target, last), taken in, decided, accepted and planned."""
    owner = Sponsor.objects.get(code="company")
    program = Program.objects.create(code=code, title=code, sponsor=owner, kind=Program.Kind.SAFETY_STUDY)
    world.programs[code] = program
    points = [
        {"code": c, "window_start_day": a, "target_day": t, "window_end_day": b, "due_day": b, "forms": ["lab"]}
        for c, (a, t, b) in days.items()
    ]
    schedule = json.dumps({"programs": {code: {"timepoints": points}}}).encode()
    data = f"{HEAD}{NUMBER}alt,lab,text,{label},number,,\n".encode()
    version = intake.receive(program, data, f"{code}.csv", schedule, actor=cast.AT)
    relation: Relation = "unit_conversion" if transform else "exact"
    number = MappingSpec(code, "subjid", "exact", (Source("subject-id"),))
    alt = MappingSpec(code, "alt", relation, (Source("alt"),), transform)
    for spec in (number, alt):
        mapping.confirm(program, spec, actor=cast.AT, reason="read by hand")
    cast.joined(world, code)
    seen = accepting.estimate(version, [world.north], actor=cast.AT, today=TODAY)
    runs.run_all(accepting.accept(seen, actor=cast.AT, reason="test").run, today=TODAY)


@pytest.fixture
def series(db: None) -> World:
    """ALT 31, 32 … 36 U/L, reported in weeks 1 to 6; the other program's report joins the visit of week 4."""
    return kept.once(build)


def build() -> World:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    accept(world, WEEKLY, "ALT (U/L)", {f"W{n}": (7 * n - 1, 7 * n, 7 * n + 1) for n in range(1, 7)})
    accept(world, ONCE, "ALT (ukat/L)", {"D30": (27, 30, 33)}, UKAT)
    cast.patient(world, "NRT-0001", WEEKLY, ONCE, infused=INFUSED)
    for number, visit in enumerate(Visit.objects.order_by("planned_on"), 1):
        submit(visit, world.actor("alice"), {"alt": str(30 + number), "subject-id": "7"})
    return world


def alts() -> list[Response]:
    return list(Response.objects.filter(element="alt", is_current=True).order_by("observed_on"))


def told(program: str, entry: str) -> tuple[int, str, tuple[str, ...]]:
    """The newest revision of a report, its ALT, and the answers that it rests on."""
    rows = Delivery.objects.filter(timepoint__enrollment__program__code=program, timepoint__entry_code=entry)
    newest = rows.order_by("-revision")[0]
    cell = next(c for c in slices.load(newest.payload).cells if c.name == "alt")
    return newest.revision, cell.value, cell.response_ids


def test_six_weeks_are_six_answers_each_of_its_day_and_visit(series: World) -> None:
    assert Visit.objects.count() == 6, "the report of day 30 has no visit of its own"
    assert [a.value for a in alts()] == ["31", "32", "33", "34", "35", "36"]
    assert len({a.context for a in alts()}) == 6
    days = [(a.observed_on - INFUSED).days for a in alts() if a.observed_on]
    assert all(abs(day - 7 * n) <= 1 for n, day in enumerate(days, 1))


def test_each_report_rests_on_the_answer_of_its_own_visit(series: World) -> None:
    for number, answer in enumerate(alts(), 1):
        assert told(WEEKLY, f"W{number}") == (1, answer.value, (str(answer.uuid),))
    fourth = alts()[3]
    assert told(ONCE, "D30")[2] == (str(fourth.uuid),)
    assert float(told(ONCE, "D30")[1]) == pytest.approx(34 / 60, abs=0.01)


def test_a_correction_of_one_week_changes_the_reports_of_that_week_only(series: World) -> None:
    correcting.correct(alts()[3], Correction("94"), actor=series.actor("alice"), reason="misread", today=TODAY)
    changed = Delivery.objects.filter(revision=2).values_list("timepoint__entry_code", flat=True)
    assert sorted(changed) == ["D30", "W4"]
    assert [a.value for a in alts()] == ["31", "32", "33", "94", "35", "36"]
    assert Response.objects.filter(element="alt").count() == 7


def test_a_program_that_joins_later_takes_the_nearest_measurement_of_its_window_unasked(series: World) -> None:
    accept(series, "liver_later", "ALT (U/L)", {"D44": (34, 44, 48)})
    patient = Patient.objects.get()
    enrolled = patient.treatments.get()
    enrolling.enrol(
        enrolled,
        series.programs["liver_later"],
        enrolled_on=INFUSED,
        consents=[ConsentGiven("v1", INFUSED)],
        owed_from=INFUSED,
        actor=cast.AT,
        today=TODAY,
    )
    point = Timepoint.objects.get(entry_code="D44")
    assert point.visit_id
    facts = load.for_visits([point.visit_id], today=TODAY)[point.visit_id]
    line = next(x for x in sheet.build(facts).lines if x.path == "alt")
    assert line.state == "known"
    assert str(alts()[-1].observed_on) in line.why
