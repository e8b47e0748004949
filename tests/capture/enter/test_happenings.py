"""Events through the gateway: what opens and closes, undo restores, transfers move open visits, nonsense is refused."""

from __future__ import annotations

from datetime import date

import pytest

from capture.enter import enrolling, happenings
from capture.enter.happenings import HappeningError
from capture.models import Move, Patient, PatientEvent, Stay, Timepoint, Visit
from sites.models import TrailEntry
from sites.trail import ReasonMissing
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, HEMO, TODAY, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient() -> Patient:
    """A patient in the two registries and the safety study."""
    rows.live(*CART)
    return rows.patient(*CART)


def happen(patient: Patient, kind: str, on: date, **more: object) -> PatientEvent:
    """Record it; a loss with the attempts that it needs."""
    if kind == "lost":
        more.setdefault("details", rows.tried(on))
    return happenings.record(patient, kind, on, actor=AT, reason="told by phone", today=TODAY, **more)  # type: ignore[arg-type]


def undo(event: PatientEvent) -> PatientEvent:
    return happenings.undo(event, actor=AT, reason="wrong patient", today=TODAY)


def test_a_death_opens_its_closing_report_and_closes_what_follows(patient: Patient) -> None:
    rows.submitted(rows.visit_of(patient, "D100"))
    happen(patient, "death", day(180))
    states = rows.states(patient)
    assert (states["D100"], states["M6"], states["Y1"], states["Y15"]) == (
        "submitted",
        "planned death",
        "closed death",
        "closed death",
    )
    point = Timepoint.objects.get(enrollment__program__code="car_registry_na", entry_code="M6")
    assert (point.as_of, point.window_start, point.due_on) == (day(180), day(180), day(210))


def test_after_a_death_only_owed_visits_are_left(patient: Patient) -> None:
    happen(patient, "death", day(180))
    left = Visit.objects.filter(patient=patient, kind="followup")
    assert {t.state for v in left for t in v.timepoints.all()} == {"planned"}
    assert left.count() == 2  # day 100, and one for the death that all three programs share
    assert rows.visit_of(patient, "M6").timepoints.count() == 3


def test_an_undo_restores_the_plan_exactly(patient: Patient) -> None:
    before = rows.picture(patient)
    for kind in ("death", "lost", "withdrawn"):
        event = happen(patient, kind, day(180))
        assert rows.picture(patient) != before
        undo(event)
        assert rows.picture(patient) == before


def test_an_undo_finds_the_draft_again(patient: Patient) -> None:
    visit = rows.visit_of(patient, "Y2")
    rows.draft(visit)
    event = happen(patient, "death", day(180))
    assert Visit.objects.get(pk=visit.pk).drafts.count() == 1
    undo(event)
    assert rows.visit_of(patient, "Y2") == visit


def test_a_death_after_the_last_report_of_the_period_opens_an_occasion_of_its_own() -> None:
    rows.live("hemo_registry_global")
    patient = rows.patient("hemo_registry_global", infused=date(2008, 1, 1))
    for visit in Visit.objects.filter(patient=patient):
        rows.submitted(visit)
    event = happen(patient, "death", date(2025, 5, 1))
    made = Timepoint.objects.get(entry_code="DEATH")
    assert (made.state, made.kind, made.as_of, made.label) == ("planned", "triggered", date(2025, 5, 1), "Death report")
    assert Visit.objects.get(timepoints=made).kind == "triggered"
    undo(event)
    made.refresh_from_db()
    assert (made.state, made.visit_id) == ("closed", None)


def test_loss_closes_what_begins_later_and_found_opens_it_from_then_on(patient: Patient) -> None:
    happen(patient, "lost", day(250))
    assert rows.states(patient)["Y1"] == "closed lost"
    happen(patient, "found", day(500))
    assert (rows.states(patient)["Y1"], rows.states(patient)["Y2"]) == ("closed lost", "planned")


def test_withdrawal_concerns_one_program_where_it_names_one(patient: Patient) -> None:
    happen(patient, "withdrawn", day(1), program="car_pass_sponsor")
    assert set(rows.states(patient, "car_pass_sponsor").values()) == {"closed withdrawn"}
    assert "closed withdrawn" not in rows.states(patient).values()


def test_a_program_that_closes_stops_its_own_reports(patient: Patient) -> None:
    happen(patient, "program_closed", day(400), program="car_registry_eu")
    assert rows.states(patient, "car_registry_eu")["Y2"] == "closed program_closed"
    assert rows.states(patient)["Y2"] == "planned"


def test_a_transfer_moves_open_visits_from_its_day_and_leaves_done_ones(patient: Patient) -> None:
    south = rows.site("south", "America/New_York")
    done = rows.submitted(rows.visit_of(patient, "Y1"))
    happen(patient, "transfer", day(300), details={"site": "south"})
    patient.refresh_from_db()
    assert patient.site == south
    assert [rows.visit_of(patient, code).site.code for code in ("D100", "M6", "Y2", "Y15")] == [
        "north",
        "north",
        "south",
        "south",
    ]
    assert Visit.objects.get(pk=done.pk).site.code == "north"
    assert Stay.objects.filter(patient=patient).count() == 2


def test_an_undone_transfer_brings_patient_and_visits_back(patient: Patient) -> None:
    rows.site("south", "America/New_York")
    undo(happen(patient, "transfer", day(300), details={"site": "south"}))
    patient.refresh_from_db()
    assert patient.site.code == "north"
    assert set(Visit.objects.values_list("site__code", flat=True)) == {"north"}


def test_a_new_infusion_ends_the_series_only_where_the_programs_rules_say_so(patient: Patient) -> None:
    enrolling.add_treatment(patient, day(400), "cilta-cel", actor=AT)
    assert PatientEvent.objects.get().kind == "new_infusion"
    assert rows.states(patient)["Y2"] == "closed new_infusion"
    assert rows.states(patient)["Y1"] == "planned new_infusion"
    assert rows.states(patient, "car_registry_eu")["Y2"] == "planned"


def test_two_treatments_share_visits_but_never_two_reports_of_one_program() -> None:
    rows.live(*HEMO)
    patient = rows.patient(*HEMO)
    second = enrolling.add_treatment(patient, day(365), "other vector", actor=AT)
    rows.join(second, "hemo_registry_global")
    alone = 19 + 20
    assert rows.doubled(patient) == []
    assert rows.numbers(patient)[1] < alone
    assert rows.plan(patient) == 0


def test_every_event_leaves_a_trail_and_moves_with_its_reason(patient: Patient) -> None:
    happen(patient, "lost", day(250))
    entry = TrailEntry.objects.get(action="event_lost")
    assert (entry.actor, entry.reason) == (AT.name, "told by phone")
    assert Move.objects.filter(reason="Lost to follow-up: told by phone", after="closed").exists()


REFUSED = [
    ("death", day(-1), {}, "before the infusion"),
    ("death", date(2026, 6, 2), {}, "in the future"),
    ("marriage", day(10), {}, "not an event"),
    ("undo", day(10), {}, "not an event"),
    ("found", day(10), {}, "no earlier 'Lost to follow-up'"),
    ("reconsented", day(10), {}, "no earlier 'Consent withdrawn'"),
    ("lost", day(10), {"program": "sma_registry"}, "is not followed in sma_registry"),
    ("death", day(10), {"program": "car_registry_na"}, "every program"),
    ("program_closed", day(10), {}, "Name the program"),
    ("new_infusion", day(10), {}, "Add the treatment"),
    ("transfer", day(10), {"details": {"site": "nowhere"}}, "no site"),
    ("transfer", day(10), {"details": {"site": "north"}}, "already at"),
]


@pytest.mark.parametrize(("kind", "on", "more", "says"), REFUSED)
def test_it_refuses_what_cannot_be(patient: Patient, kind: str, on: date, more: dict[str, object], says: str) -> None:
    before = rows.picture(patient)
    with pytest.raises(HappeningError, match=says):
        happen(patient, kind, on, **more)
    assert (rows.picture(patient), PatientEvent.objects.count()) == (before, 0)


AFTER = [
    ("death", day(180), "death", day(200), "already recorded"),
    ("death", day(180), "lost", day(200), "died on"),
    ("lost", day(180), "lost", day(200), "already recorded"),
    ("lost", day(180), "death", day(100), "after"),
    ("withdrawn", day(180), "withdrawn", day(200), "already recorded"),
]


@pytest.mark.parametrize(("first", "on", "then", "later", "says"), AFTER)
def test_it_refuses_what_contradicts_an_earlier_event(
    patient: Patient, first: str, on: date, then: str, later: date, says: str
) -> None:
    happen(patient, first, on)
    with pytest.raises(HappeningError, match=says):
        happen(patient, then, later)


def test_it_refuses_an_event_without_a_reason(patient: Patient) -> None:
    with pytest.raises(ReasonMissing):
        happenings.record(patient, "lost", day(10), actor=AT, reason=" ", today=TODAY)


def test_an_event_is_undone_once_and_an_undo_never(patient: Patient) -> None:
    event = happen(patient, "lost", day(10))
    undone = undo(event)
    with pytest.raises(HappeningError, match="already undone"):
        undo(event)
    with pytest.raises(HappeningError, match="record the event again"):
        undo(undone)


def test_a_loss_that_was_ended_is_undone_from_the_end(patient: Patient) -> None:
    lost = happen(patient, "lost", day(10))
    found = happen(patient, "found", day(90))
    with pytest.raises(HappeningError, match="Undo the later 'Found again'"):
        undo(lost)
    undo(found)
    undo(lost)
    assert "closed lost" not in rows.states(patient).values()
