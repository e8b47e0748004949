"""The preview of an act is the act: it names what the rows say afterwards, leaves nothing, and is confirmed as seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from random import Random

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from capture.enter import enrolling, happenings, pinning, rehearsing
from capture.models import Delivery, Move, Notice, Patient, PatientEvent, Timepoint, Visit
from capture.plan import preview, stored
from capture.plan.preview import Change, Report
from tests import kept
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY, day
from tests.sizes import size

pytestmark = pytest.mark.django_db
Make = Callable[[Patient], rehearsing.Act]


def begun() -> Patient:
    """Three programs; day 100 is reported, year 2 has a draft; the site south exists."""
    rows.live(*CART)
    rows.site("south", "America/New_York")
    made = rows.patient(*CART)
    rows.submitted(rows.visit_of(made, "D100"))
    rows.draft(rows.visit_of(made, "Y2"))
    return made


@pytest.fixture
def patient(db: None) -> Patient:
    return kept.once(begun)


def event(kind: str, on: date, **more: object) -> Make:
    """An event that could be recorded; a loss with its contact attempts."""
    if kind == "lost":
        more |= {"details": rows.tried(on)}
    return lambda patient: (
        lambda: happenings.record(
            patient,
            kind,
            on,
            actor=AT,
            reason="told",
            today=TODAY,
            **more,  # type: ignore[arg-type]
        )
    )


def undo_of(kind: str, on: date, **more: object) -> Make:
    """The undo of an event that was recorded before."""

    def make(patient: Patient) -> rehearsing.Act:
        row = event(kind, on, **more)(patient)()
        assert isinstance(row, PatientEvent)
        return lambda: happenings.undo(row, actor=AT, reason="wrong patient", today=TODAY)

    return make


def infused(patient: Patient) -> rehearsing.Act:
    return lambda: enrolling.add_treatment(patient, day(400), "cilta-cel", actor=AT)


def pinned(patient: Patient) -> rehearsing.Act:
    visit = rows.visit_of(patient, "Y3")
    last = min(t.window_end for t in visit.timepoints.all())
    return lambda: pinning.pin(visit, last, actor=AT, reason="holiday", today=TODAY)


ACTS: dict[str, Make] = {
    "death": event("death", day(180)),
    "late death": event("death", day(1500)),
    "lost": event("lost", day(250)),
    "withdrawn from one": event("withdrawn", day(300), program="car_pass_sponsor"),
    "withdrawn from all": event("withdrawn", day(300)),
    "program closed": event("program_closed", day(800), program="car_registry_eu"),
    "transfer": event("transfer", day(300), details={"site": "south"}),
    "new infusion": infused,
    "pin": pinned,
    "undo of a death": undo_of("death", day(180)),
    "undo of a loss": undo_of("lost", day(250)),
    "undo of a transfer": undo_of("transfer", day(300), details={"site": "south"}),
}


def contents() -> dict[str, list[object]]:
    """How many rows each table of ours has, and every row of those that planning changes."""
    ours = [m for m in apps.get_models() if m._meta.app_label in ("capture", "sites")]
    found: dict[str, list[object]] = {m._meta.label: [m._base_manager.count()] for m in ours}
    changed = (Timepoint, Visit, Patient, Notice, Delivery)
    return found | {m._meta.label: list(m._base_manager.order_by("pk").values_list()) for m in changed}


def test_the_preview_is_what_the_rows_differ_by_afterwards(patient: Patient) -> None:
    for name, make in ACTS.items():
        with transaction.atomic():
            _is_what_happens(patient, make(patient), name)
            transaction.set_rollback(True)


@pytest.mark.thorough
def test_random_histories_do_what_was_shown_step_by_step(patient: Patient) -> None:
    chance = Random(20)
    for _ in range(size(1, 60)):
        with transaction.atomic():
            _lives(patient, chance, steps=size(4, 8))
            transaction.set_rollback(True)


def _lives(patient: Patient, chance: Random, steps: int) -> None:
    """Some events, each at a random day, of a random program, or undone; what is refused is refused twice."""
    for _ in range(steps):
        act = _any(patient, chance)
        try:
            rehearsing.rehearse(patient, act)
        except happenings.HappeningError:
            with pytest.raises(happenings.HappeningError), transaction.atomic():
                act()
            continue
        _is_what_happens(patient, act, "a random step", something=False)


def _any(patient: Patient, chance: Random) -> rehearsing.Act:
    done = list(happenings.standing(patient))
    if done and chance.random() < 0.3:
        row = chance.choice(done)
        return lambda: happenings.undo(row, actor=AT, reason="wrong", today=TODAY)
    kind = chance.choice(["death", "lost", "found", "withdrawn", "reconsented", "transfer", "program_closed"])
    of_all = kind in happenings.OF_ALL_PROGRAMS
    program = "" if of_all or chance.random() < 0.4 else chance.choice(CART)
    details = {"site": chance.choice(["north", "south"])} if kind == "transfer" else {}
    return event(kind, day(chance.randint(1, 2200)), program=program, details=details)(patient)


def _is_what_happens(patient: Patient, act: rehearsing.Act, name: str, *, something: bool = True) -> None:
    """Rehearsed, nothing is left; done, the rows differ by what was said."""
    before, everything = stored.picture(patient.pk), contents()
    said = rehearsing.rehearse(patient, act)
    assert contents() == everything, name
    act()
    after = stored.picture(patient.pk)
    assert said == preview.changes(before, after), name
    assert said or not something, name
    _names_every_report(said, before.reports, after.reports)


def _names_every_report(said: tuple[Change, ...], before: Mapping[str, Report], after: Mapping[str, Report]) -> None:
    """The reports whose stored state says they were opened or closed are those that were named."""
    was = {key: before[key].state if key in before else "" for key in after}
    closed = {(r.program, r.label) for k, r in after.items() if r.state == "closed" != was[k] != "not_owed"}
    opened = {(r.program, r.label) for k, r in after.items() if r.state == "planned" != was[k]}
    assert {(c.program, c.label) for c in said if c.kind == "closed"} == closed
    assert {(c.program, c.label) for c in said if c.kind == "opened"} == opened


def test_a_death_says_what_opens_closes_and_stops(patient: Patient) -> None:
    said = rehearsing.rehearse(patient, ACTS["death"](patient))
    kinds = {kind: [c for c in said if c.kind == kind] for kind in ("moved", "closed", "dropped", "reminder_stops")}
    assert {c.label for c in kinds["moved"]} >= {"6 months"}
    assert {c.why for c in kinds["closed"]} == {"death"}
    assert len(kinds["closed"]) == Timepoint.objects.filter(state="planned", window_start__gt=day(240)).count()
    assert len(kinds["reminder_stops"]) >= len(kinds["dropped"]) > 10
    assert not Move.objects.filter(after="closed").exists()


def test_a_transfer_says_which_visits_go_to_the_other_site(patient: Patient) -> None:
    said = rehearsing.rehearse(patient, ACTS["transfer"](patient))
    moved = Visit.objects.filter(planned_on__gte=day(300), submitted_at=None).count()
    assert [(c.before, c.after) for c in said if c.kind == "site"] == [("North", "South")] * moved


def test_what_cannot_be_is_refused_in_the_rehearsal_too(patient: Patient) -> None:
    with pytest.raises(happenings.HappeningError, match="future"):
        rehearsing.rehearse(patient, event("death", date(2030, 1, 1))(patient))


def test_it_is_done_only_where_it_is_still_what_was_seen(patient: Patient) -> None:
    act = ACTS["death"](patient)
    seen = preview.fingerprint(rehearsing.rehearse(patient, act))
    event("program_closed", day(100), program="car_registry_eu")(patient)()  # somebody else, meanwhile
    with pytest.raises(rehearsing.Differs) as raised:
        rehearsing.carry_out(patient, act, seen=seen)
    assert not PatientEvent.objects.filter(kind="death").exists()
    rehearsing.carry_out(patient, act, seen=preview.fingerprint(raised.value.changes))
    assert PatientEvent.objects.filter(kind="death").exists()


def test_looking_costs_a_fixed_number_of_queries_beside_the_act(patient: Patient) -> None:
    one = rows.patient(CART[0], pseudonym="NRT-0009")
    beside = []
    for who in (one, patient):
        act = event("death", day(180))(who)
        with transaction.atomic(), CaptureQueriesContext(connection) as alone:
            act()
            transaction.set_rollback(True)
        with CaptureQueriesContext(connection) as looked:
            rehearsing.rehearse(who, act)
        beside.append(len(looked) - len(alone))
    assert beside[0] == beside[1] <= 8


def test_nothing_differs_from_itself(patient: Patient) -> None:
    there = stored.picture(patient.pk)
    assert preview.changes(there, there) == ()
