"""What may leave follows events, consents, locks and the way a site delivers, at once and with a reason to read."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from capture.deliver import outbox, slices
from capture.enter import delivering, enrolling, happenings
from capture.enter.delivering import DeliveringError
from capture.enter.enrolling import ConsentGiven
from capture.models import Move, PatientEvent, Timepoint
from sites.models import Participation, TrailEntry
from sites.trail import ReasonMissing
from tests.capture.deliver.rows import TODAY, Case, case, d100, day, of
from tests.capture.plan.rows import tried
from tests.world import AT, World

pytestmark = pytest.mark.django_db
NA, EU, PASS = "car_registry_na", "car_registry_eu", "car_pass_sponsor"


def happen(made: Case, kind: str, on: int, program: str) -> PatientEvent:
    details = tried(day(on)) if kind == "lost" else {}
    return happenings.record(
        made.patient, kind, day(on), program=program, details=details, actor=AT, reason="letter", today=TODAY
    )


def way_of(program: str) -> Participation:
    return Participation.objects.get(program__code=program, site__code="north")


def report_of(program: str) -> Timepoint:
    return Timepoint.objects.get(enrollment__program__code=program)


@pytest.fixture
def reported(world: World) -> Case:
    """The joint visit of day 100 waits to leave as import files."""
    made = case(world)
    made.prepare(d100(made))
    return made


def test_a_withdrawn_consent_holds_what_waits_for_that_program_only(reported: Case) -> None:
    happen(reported, "withdrawn", 90, PASS)
    held = of(PASS, 2)
    assert (of(PASS).state, held.state, held.next_try_at) == ("superseded", "held", None)
    assert held.state_reason == f"Consent to this program was withdrawn on {day(90)}."
    assert [c for c in slices.load(held.payload).cells if c.value] == []
    assert (of(NA).state, of(EU).state) == ("prepared", "prepared")


def test_consent_given_again_prepares_it_again(reported: Case) -> None:
    happen(reported, "withdrawn", 90, PASS)
    happen(reported, "reconsented", 95, PASS)
    again = of(PASS, 3)
    assert (again.state, again.state_reason, again.submission) == ("prepared", "", of(PASS).submission)
    assert slices.load(again.payload) == slices.load(of(PASS).payload)


def test_an_undone_withdrawal_prepares_it_again_and_says_why(reported: Case) -> None:
    event = happen(reported, "withdrawn", 90, PASS)
    happenings.undo(event, actor=AT, reason="wrong patient", today=TODAY)
    assert of(PASS, 3).state == "prepared"
    last = TrailEntry.objects.filter(action="prepare_deliveries").latest("pk")
    assert last.reason == "Undo of Consent withdrawn: wrong patient"
    assert last.subject == f"patient:{reported.patient.uuid}"


def test_an_event_that_changes_no_slice_makes_no_revision(reported: Case) -> None:
    happen(reported, "lost", 300, "")
    assert {d.revision for d in (of(NA), of(EU), of(PASS))} == {1}
    assert Move.objects.filter(subject="delivery").count() == 3


def test_a_consent_that_came_late_prepares_what_was_held_for_it(world: World) -> None:
    made = case(world, ends={PASS: day(50)})
    made.prepare(d100(made))
    assert of(PASS).state == "held"
    enrolling.give_consent(made.enrolled[PASS], ConsentGiven("v2", day(60)), actor=AT, reason="signed")
    assert (of(PASS).state, of(PASS, 2).state) == ("superseded", "prepared")


def test_what_waits_leaves_the_new_way_when_the_site_delivers_otherwise(world: World) -> None:
    made = case(world, "transcribe")
    made.prepare(d100(made))
    assert (of(NA).mode, of(NA).next_try_at) == ("transcribe", None)
    count = delivering.change_mode(way_of(NA), "file", actor=AT, reason="import is open now", today=TODAY)
    assert (count, of(NA).mode, of(NA).next_try_at) == (1, "file", AT.now)
    assert (of(EU).mode, of(EU).next_try_at) == ("transcribe", None)
    move = Move.objects.filter(subject="delivery", subject_uuid=of(NA).uuid).latest("pk")
    assert move.reason == "leaves as: Import file"
    assert TrailEntry.objects.get(action="change_delivery_mode").reason == "import is open now"


def test_a_way_that_needs_the_programs_number_holds_what_has_none(world: World) -> None:
    made = case(world, "transcribe", numbers=False)
    made.prepare(d100(made))
    delivering.change_mode(way_of(NA), "file", actor=AT, reason="import is open now", today=TODAY)
    assert (of(NA).state, of(NA).state_reason, of(NA).next_try_at) == ("held", outbox.NO_OWN_ID, None)
    delivering.change_mode(way_of(NA), "transcribe", actor=AT, reason="import is shut", today=TODAY)
    assert (of(NA).state, of(NA).mode, of(NA).next_try_at) == ("prepared", "transcribe", None)


def test_what_has_left_keeps_the_way_it_went(reported: Case) -> None:
    row = of(NA)
    outbox.change(row, "exported", actor=AT)
    delivering.change_mode(way_of(NA), "transcribe", actor=AT, reason="import is shut", today=TODAY)
    assert (of(NA).mode, of(NA).state, of(EU).mode) == ("file", "exported", "file")


def test_a_locked_report_holds_and_an_unlocked_one_prepares(reported: Case) -> None:
    delivering.lock(report_of(NA), actor=AT, reason="data base lock", today=TODAY)
    assert of(NA).state == "held"
    assert "locked" in of(NA).state_reason
    delivering.unlock(report_of(NA), actor=AT, reason="opened for a query", today=TODAY)
    assert (of(NA).state, of(NA).next_try_at) == ("prepared", AT.now)
    assert [m.after for m in Move.objects.filter(subject="target").order_by("pk")] == ["locked", "open"]


def test_locks_and_ways_need_a_reason_and_a_change(reported: Case) -> None:
    with pytest.raises(DeliveringError, match="not locked"):
        delivering.unlock(report_of(NA), actor=AT, reason="opened", today=TODAY)
    with pytest.raises(ReasonMissing):
        delivering.lock(report_of(NA), actor=AT, reason=" ", today=TODAY)
    with pytest.raises(DeliveringError, match="transcribe, file, pull"):
        delivering.change_mode(way_of(NA), "fax", actor=AT, reason="x", today=TODAY)


def test_the_delivery_page_notes_a_lock_and_its_end(reported: Case) -> None:
    client = Client()
    client.force_login(reported.world.alice, "django.contrib.auth.backends.ModelBackend")
    page, act = (reverse(name, args=[of(NA).uuid]) for name in ("delivery", "delivery_act"))
    assert "The program locked it" in client.get(page).content.decode()
    client.post(act, {"act": "lock", "reason": "mail of the program"})
    assert of(NA).state == "held"
    assert "The program unlocked it" in client.get(page).content.decode()
    client.post(act, {"act": "unlock", "reason": "mail of the program"})
    assert of(NA).state == "prepared"


def test_the_command_changes_the_way_of_one_site(reported: Case) -> None:
    call_command("set_delivery_mode", NA, "north", "transcribe", reason="import is shut", verbosity=0)
    assert (of(NA).mode, of(EU).mode) == ("transcribe", "file")
    with pytest.raises(CommandError, match="does not take part"):
        call_command("set_delivery_mode", NA, "moon", "file", reason="x")
    with pytest.raises(CommandError, match="Say why"):
        call_command("set_delivery_mode", NA, "north", "file")
