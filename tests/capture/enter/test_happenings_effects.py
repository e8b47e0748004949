"""Survival-only reports and new infusions through the gateways: what is asked, what starts again, what an undo does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from capture import access
from capture.ask import load
from capture.ask.facts import Occasion
from capture.enter import enrolling, happenings, restarting
from capture.enter.happenings import HappeningError
from capture.models import Consent, Delivery, Enrollment, Patient, PatientEvent, Timepoint, Visit
from capture.remind import load as due_load
from forms_catalog import publishing
from tests.answering import submit
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day
from tests.world import LIVE, World, patient

NA, EU, PASS = "car_registry_na", "car_registry_eu", "car_pass_sponsor"
pytestmark = pytest.mark.django_db


def happen(who: Patient, kind: str, on: date, **more: object) -> PatientEvent:
    return happenings.record(who, kind, on, actor=AT, reason="told by phone", today=TODAY, **more)  # type: ignore[arg-type]


def undo(event: PatientEvent) -> PatientEvent:
    return happenings.undo(event, actor=AT, reason="wrong patient", today=TODAY)


def report(who: Patient, program: str, entry: str) -> Timepoint:
    mine = Timepoint.objects.filter(enrollment__treatment__patient=who, enrollment__program__code=program)
    return mine.get(entry_code=entry)


def reduce(point: Timepoint, on: date) -> PatientEvent:
    return happen(point.enrollment.treatment.patient, "survival_only", on, details={"timepoint": str(point.uuid)})


def asked(point: Timepoint) -> Occasion:
    """The report as its form sees it."""
    facts = load.for_visits([point.visit_id or 0], today=TODAY)[point.visit_id or 0]
    return next(o for o in facts.occasions if o.uuid == str(point.uuid))


def elements(occasion: Occasion) -> set[str]:
    return {s.element for a in occasion.asks if a.mapping for s in a.mapping.sources}


@pytest.fixture
def followed(car_world: World) -> Patient:
    """Infused 400 days ago, followed by the two registries and the safety study; nothing is reported yet."""
    return patient(car_world, "NRT-0002", *LIVE, infused=TODAY - timedelta(days=400))


def test_a_survival_only_report_asks_for_status_dates_and_cause_of_one_program(followed: Patient) -> None:
    whole = asked(report(followed, EU, "M6"))
    event = reduce(report(followed, NA, "M6"), TODAY)
    assert (event.program, event.get_kind_display()) == (NA, "Survival-only report")
    left = asked(report(followed, NA, "M6"))
    assert {"vital-status", "cause-of-death-primary", "contact-date"} <= elements(left)
    assert not {"crs-occurred", "best-response", "weight"} & elements(left)
    assert 0 < len(left.asks) < len(asked(report(followed, NA, "Y1")).asks) / 4
    assert asked(report(followed, EU, "M6")) == whole
    undo(event)
    assert len(asked(report(followed, NA, "M6")).asks) == len(asked(report(followed, NA, "Y1")).asks)


def test_a_survival_only_report_leaves_its_time_to_the_next_full_one(followed: Patient, car_world: World) -> None:
    alice = car_world.actor("alice")
    submit(visit_on_program(followed, NA, "D100"), alice)
    last = report(followed, NA, "D100").as_of
    point = report(followed, NA, "M6")
    event = reduce(point, TODAY)
    submit(visit_on_program(followed, NA, "M6"), alice)
    point.refresh_from_db()
    assert (point.state, point.contact_type) == ("submitted", "survival")
    assert asked(report(followed, NA, "Y1")).after == last
    assert asked(report(followed, EU, "Y1")).after == report(followed, EU, "M6").as_of
    cells = Delivery.objects.get(timepoint=point).payload["rows"][0]["cells"]
    assert {"surv", "contact_dt"} <= {c["name"] for c in cells}
    assert len(cells) == len(asked(point).asks)
    with pytest.raises(HappeningError, match="submitted as survival only"):
        undo(event)


def visit_on_program(who: Patient, program: str, entry: str) -> Visit:
    found = report(who, program, entry).visit
    assert found is not None
    return found


def test_a_reduced_report_makes_the_open_page_stale(followed: Patient) -> None:
    point = report(followed, NA, "M6")
    before = visit_on_program(followed, NA, "M6").version
    reduce(point, TODAY)
    assert visit_on_program(followed, NA, "M6").version == before + 1
    with pytest.raises(HappeningError, match="asks for survival only already"):
        reduce(point, TODAY)


def test_only_an_open_report_of_the_patient_is_reduced(followed: Patient, car_world: World) -> None:
    baseline = report(followed, PASS, "ENR")
    other = report(Patient.objects.get(pseudonym="NRT-0001"), NA, "D100")
    for point in (str(baseline.uuid), str(other.uuid), "", "nonsense"):
        with pytest.raises(HappeningError, match="Choose the report"):
            happen(followed, "survival_only", TODAY, details={"timepoint": point})
    submit(visit_on_program(followed, NA, "D100"), car_world.actor("alice"))
    with pytest.raises(HappeningError, match="is submitted; only an open report"):
        reduce(report(followed, NA, "D100"), TODAY)


def test_a_new_infusion_leaves_the_safety_study_its_safety_questions(followed: Patient) -> None:
    forms = {a.field.form for a in asked(report(followed, PASS, "Y3")).asks}
    event_of_infusion(followed, TODAY - timedelta(days=30))
    later = asked(report(followed, PASS, "Y3"))
    assert (forms, {a.field.form for a in later.asks}) == ({"visit", "efficacy", "safety"}, {"visit", "safety"})
    assert report(followed, PASS, "Y3").contact_type == "safety"
    assert report(followed, PASS, "M6").contact_type == ""


def event_of_infusion(who: Patient, on: date) -> PatientEvent:
    enrolling.add_treatment(who, on, "cilta-cel", actor=AT)
    return PatientEvent.objects.get(patient=who, kind="new_infusion")


def test_registries_start_again_with_the_new_infusion_and_carry_the_consents() -> None:
    rows.live(*CART)
    who = rows.patient(*CART, track="")
    enrolling.add_treatment(who, day(400), "cilta-cel", actor=AT)
    again = Enrollment.objects.filter(treatment__infusion_date=day(400)).order_by("program__code")
    assert [e.program.code for e in again] == [EU, NA]
    for enrolment in again:
        carried = Consent.objects.get(enrollment=enrolment)
        assert (carried.version, carried.valid_from, carried.given_by) == ("v1", rows.INFUSED, "patient")
        assert carried.carried_from == Consent.objects.get(
            enrollment__program=enrolment.program, enrollment__treatment__infusion_date=rows.INFUSED
        )
        assert enrolment.owed_from == day(400)
    assert rows.states(who, NA, infused=day(400))["Y2"] == "planned"
    assert rows.states(who, NA)["Y2"] == "closed new_infusion"
    assert rows.states(who, EU)["Y2"] == "planned"
    assert rows.doubled(who) == []


def test_a_new_infusion_taken_back_closes_what_it_started_and_reopens_what_it_closed() -> None:
    rows.live(*CART)
    who = rows.patient(*CART)
    before = rows.states(who, NA)
    enrolling.add_treatment(who, day(400), "cilta-cel", actor=AT)
    event = PatientEvent.objects.get(kind="new_infusion")
    undo(event)
    assert rows.states(who, NA) == before
    assert set(rows.states(who, NA, infused=day(400)).values()) == {"closed undone"}
    happen(who, "new_infusion", day(400))
    assert rows.states(who, NA)["Y2"] == "closed new_infusion"
    assert rows.states(who, NA, infused=day(400))["Y2"] == "planned"


def test_nothing_starts_again_where_consent_or_the_program_has_ended() -> None:
    rows.live(*CART)
    who = rows.patient(*CART)
    happen(who, "withdrawn", day(300), program=NA)
    happen(who, "program_closed", day(300), program=EU)
    enrolling.add_treatment(who, day(400), "cilta-cel", actor=AT)
    assert not Enrollment.objects.filter(treatment__infusion_date=day(400)).exists()


def test_an_earlier_infusion_entered_late_starts_nothing() -> None:
    rows.live(*CART)
    who = rows.patient(*CART)
    earlier = enrolling.add_treatment(who, day(-200), "first product", actor=AT)
    assert restarting.wanted(earlier) == []
    assert Enrollment.objects.count() == len(CART)


def test_after_a_transfer_the_sender_still_owes_and_is_reminded_of_the_earlier_reports(
    followed: Patient, car_world: World
) -> None:
    alice, charlie = car_world.people["alice"], car_world.people["charlie"]
    happen(followed, "transfer", TODAY - timedelta(days=100), details={"site": "south"})
    followed.refresh_from_db()
    sent, stays = visit_on_program(followed, NA, "Y1"), visit_on_program(followed, NA, "D100")
    assert (stays.site.code, sent.site.code) == ("north", "south")
    assert access.visits_for(alice).filter(patient=followed).contains(stays)
    assert not access.visits_for(alice).filter(pk=sent.pk).exists()
    assert access.visits_for(charlie).contains(sent)
    assert not access.patients_for(alice).contains(followed)
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    told = {
        s: {f.id for f in due_load.open_visits([s], now) if f.patient == followed.pk}
        for s in (car_world.north, car_world.south)
    }
    assert stays.pk in told[car_world.north]
    assert sent.pk not in told[car_world.north]
    assert sent.pk in told[car_world.south]
    assert stays.pk not in told[car_world.south]
    submit(stays, car_world.actor("alice"))
    assert visit_on_program(followed, NA, "D100").site.code == "north"


def test_a_new_dictionary_version_is_planned_exactly_and_leaves_what_was_sent(
    followed: Patient, car_world: World
) -> None:
    submit(visit_on_program(followed, NA, "D100"), car_world.actor("alice"))
    sent = report(followed, NA, "D100")
    delivered = Delivery.objects.get(timepoint=sent)
    spec = publishing.current_spec()
    program = spec.programs[NA]
    by_code = {e.code: e for e in program.entries}
    moved = replace(by_code["Y2"], window_start_day=700, window_end_day=800, due_day=830)
    new = replace(
        by_code["Y1"], code="M18", label="18 months", target_day=548, window_start_day=530, window_end_day=570
    )
    kept = [moved if e.code == "Y2" else e for e in program.entries if e.code not in ("D100", "Y15")]
    changed = replace(program, entries=(*kept, replace(new, due_day=600)))
    publishing.publish(replace(spec, programs={**spec.programs, NA: changed}), {NA: 2}, actor=AT, reason="version 2")
    assert rows.plan(followed) > 0
    after = rows.states(followed, NA)
    assert {code: after[code] for code in ("D100", "Y15", "Y2", "M18", "Y3")} == {
        "D100": "submitted",
        "Y15": "closed no longer in the schedule",
        "Y2": "planned",
        "M18": "planned",
        "Y3": "planned",
    }
    point = report(followed, NA, "Y2")
    infused = TODAY - timedelta(days=400)
    assert (point.window_start, point.window_end) == (infused + timedelta(days=700), infused + timedelta(days=800))
    assert Timepoint.objects.get(pk=sent.pk).as_of == sent.as_of
    assert Delivery.objects.get(timepoint=sent) == delivered
    assert rows.plan(followed) == 0
    publishing.publish(spec, {NA: 3}, actor=AT, reason="back to version 1")
    rows.plan(followed)
    assert (rows.states(followed, NA)["Y15"], rows.states(followed, NA)["M18"]) == (
        "planned",
        "closed no longer in the schedule",
    )


def test_a_death_with_a_wrong_date_is_undone_and_recorded_again() -> None:
    rows.live(*CART)
    who = rows.patient(*CART)
    wrong = happen(who, "death", day(180))
    report_of = rows.submitted(rows.visit_of(who, "M6"))
    undo(wrong)
    happen(who, "death", day(300))
    states = rows.states(who)
    assert (states["M6"], states["Y1"], states["Y2"]) == ("submitted death", "planned death", "closed death")
    assert report_of.timepoints.filter(as_of=day(180)).count() == 3


def test_consent_given_again_reopens_from_its_day_in_the_program_that_was_withdrawn() -> None:
    rows.live(*CART)
    who = rows.patient(*CART)
    happen(who, "withdrawn", day(150))
    with pytest.raises(HappeningError, match="no earlier 'Consent withdrawn'"):
        happen(who, "reconsented", day(149))
    happen(who, "reconsented", day(400), program=NA)
    assert (rows.states(who)["Y1"], rows.states(who)["M6"]) == ("planned", "closed withdrawn")
    assert rows.states(who, EU)["Y2"] == "closed withdrawn"
