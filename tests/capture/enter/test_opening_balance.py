"""Opening balances through the gateway: told elsewhere is neither owed nor sent, and the next period follows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from capture.ask import load, sheet
from capture.enter import enrolling, opening_balance
from capture.enter.enrolling import ConsentGiven
from capture.enter.opening_balance import BalanceError, Done, Given, Ongoing, Opening
from capture.models import (
    Delivery,
    Enrollment,
    Notice,
    Occurrence,
    OpeningBalance,
    Patient,
    Response,
    Timepoint,
    Visit,
)
from sites.models import TrailEntry
from sites.trail import ReasonMissing
from tests.answering import answers_for, submit
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db
NA = "car_registry_na"
INFUSED = TODAY - timedelta(days=730)
M6 = Opening("M6", INFUSED + timedelta(days=185), own_id="4711")


@pytest.fixture
def late(car_world: World) -> Patient:
    """Infused two years ago, enrolled now: what came before was reported elsewhere, and nobody has said what."""
    made = enrolling.add_patient(car_world.north, "NRT-0002", since=INFUSED, actor=car_world.actor("alice"))
    treatment = enrolling.add_treatment(made, INFUSED, "axi-cel", actor=car_world.actor("alice"))
    enrolling.enrol(
        treatment,
        car_world.programs[NA],
        enrolled_on=TODAY,
        consents=[ConsentGiven("v1", TODAY - timedelta(days=40))],
        actor=car_world.actor("alice"),
        today=TODAY,
    )
    return made


def enrolment(patient: Patient) -> Enrollment:
    return Enrollment.objects.get(treatment__patient=patient)


def loaded(
    world: World,
    patient: Patient,
    opening: Opening = M6,
    *,
    reason: str = "",
    given: Sequence[Given] = (),
    ongoing: Sequence[Ongoing] = (),
) -> Done:
    openings = {enrolment(patient).pk: opening}
    who = {"actor": world.actor("alice"), "today": TODAY}
    return opening_balance.load(patient, openings, given, ongoing, reason=reason, **who)  # type: ignore[arg-type]


def states(patient: Patient) -> dict[str, str]:
    rows = Timepoint.objects.filter(enrollment__treatment__patient=patient)
    return dict(rows.values_list("entry_code", "state"))


def line_of(visit: Visit, path: str) -> tuple[str, str]:
    """How an ask stands and why."""
    made = sheet.build(load.for_visits([visit.pk], today=TODAY)[visit.pk])
    (line,) = [x for x in made.lines if x.path == path]
    return line.state, line.why


def test_until_it_is_loaded_a_period_is_asked_with_a_sentence_and_nothing_leaves(
    car_world: World, late: Patient
) -> None:
    visit = visit_on(late, "Y2")
    state, why = line_of(visit, "new_malig")
    assert (state, "opening balance of car_registry_na is missing" in why) == ("offered", True)
    submit(visit, car_world.actor("alice"))
    delivery = Delivery.objects.get(timepoint__entry_code="Y2")
    assert (delivery.state, "opening balance is missing" in delivery.state_reason) == ("held", True)


def test_what_was_reported_elsewhere_is_neither_owed_nor_reminded_and_the_rest_is(
    car_world: World, late: Patient
) -> None:
    assert states(late)["Y1"] == "not_owed"
    loaded(car_world, late)
    found = states(late)
    assert {found[c] for c in ("BASE", "D100", "M6")} == {"elsewhere"}
    assert {found[c] for c in ("Y1", "Y2", "Y3")} == {"planned"}
    reminded = Notice.objects.filter(visit__patient=late).values_list("visit__timepoints__entry_code", flat=True)
    assert "D100" not in set(reminded)
    assert Delivery.objects.count() == 0


def test_the_next_period_starts_after_the_last_report_and_is_delivered(car_world: World, late: Patient) -> None:
    loaded(car_world, late)
    visit = visit_on(late, "Y1")
    (occasion,) = load.for_visits([visit.pk], today=TODAY)[visit.pk].occasions
    assert (occasion.after, occasion.balance_missing) == (M6.last_as_of, False)
    submit(visit, car_world.actor("alice"))
    delivery = Delivery.objects.get(timepoint__entry_code="Y1")
    assert (delivery.state, delivery.payload["after"], delivery.payload["subject_id"]) == (
        "prepared",
        str(M6.last_as_of),
        "4711",
    )


def test_a_held_report_is_prepared_once_the_balance_is_there(car_world: World, late: Patient) -> None:
    submit(visit_on(late, "Y2"), car_world.actor("alice"))
    loaded(car_world, late, Opening("Y1", INFUSED + timedelta(days=370), own_id="4711"))
    last = Delivery.objects.filter(timepoint__entry_code="Y2").latest("revision")
    assert (last.state, last.payload["after"]) == ("prepared", str(INFUSED + timedelta(days=370)))


def test_nothing_reported_before_is_a_balance_too(car_world: World, late: Patient) -> None:
    loaded(car_world, late, Opening())
    visit = visit_on(late, "Y2")
    assert "opening balance" not in line_of(visit, "new_malig")[1]
    assert states(late)["Y1"] == "not_owed"


def test_a_report_that_is_still_owed_stays_owed(car_world: World, late: Patient) -> None:
    loaded(car_world, late, Opening("Y1", INFUSED + timedelta(days=370), still_owed=("M6",)))
    found = states(late)
    assert [found[c] for c in ("D100", "M6", "Y1", "Y2")] == ["elsewhere", "planned", "elsewhere", "planned"]


def test_loading_twice_changes_nothing(car_world: World, late: Patient) -> None:
    given = [Given("sex-at-birth", "female", TODAY)]
    ongoing = [Ongoing("infection", {"infection-date": "2026-01-02"})]
    first = loaded(car_world, late, given=given, ongoing=ongoing)
    assert (first.balances, first.answers, first.events) == (1, 2, 1)
    before = [m.objects.count() for m in (OpeningBalance, Response, Occurrence, TrailEntry, Timepoint)]
    assert loaded(car_world, late, given=given, ongoing=ongoing).nothing
    assert [m.objects.count() for m in (OpeningBalance, Response, Occurrence, TrailEntry, Timepoint)] == before


def test_a_correction_is_a_new_row_with_a_reason(car_world: World, late: Patient) -> None:
    loaded(car_world, late)
    later = Opening("Y1", INFUSED + timedelta(days=370), own_id="4711")
    with pytest.raises(ReasonMissing):
        loaded(car_world, late, later)
    loaded(car_world, late, later, reason="the registry's list says so")
    assert [(b.revision, b.last_entry) for b in OpeningBalance.objects.all()] == [(1, "M6"), (2, "Y1")]
    assert states(late)["Y1"] == "elsewhere"


def test_static_answers_are_known_and_open_events_carried_forward_but_open_nothing(
    car_world: World, late: Patient
) -> None:
    tumour = Ongoing("malignancy", {"new-malignancy-date": str(TODAY - timedelta(days=30))})
    loaded(car_world, late, given=[Given("sex-at-birth", "female", TODAY)], ongoing=[tumour])
    assert set(Response.objects.filter(visit=None).values_list("source", flat=True)) == {"reported elsewhere"}
    assert not Timepoint.objects.filter(kind="triggered").exists()
    visit = visit_on(late, "Y1")
    assert "sex-at-birth" not in {k.partition("~")[0] for k in answers_for(visit).entered.answers}


REFUSED = [
    (Opening("M99", TODAY), "no time point"),
    (Opening("M6"), "or neither"),
    (Opening("M6", INFUSED - timedelta(days=1)), "before the infusion"),
    (Opening("M6", TODAY + timedelta(days=1)), "in the future"),
    (Opening("M6", date(2025, 1, 1), still_owed=("D1",)), "no time point"),
]


@pytest.mark.parametrize(("opening", "says"), REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    car_world: World, late: Patient, opening: Opening, says: str
) -> None:
    with pytest.raises(BalanceError, match=says):
        loaded(car_world, late, opening)
    assert OpeningBalance.objects.count() == 0


def test_an_answer_that_says_otherwise_is_a_persons_to_correct(car_world: World, late: Patient) -> None:
    loaded(car_world, late)
    with pytest.raises(BalanceError, match="given otherwise already"):
        loaded(car_world, late, Opening(M6.last_entry, M6.last_as_of, own_id="9999"))


def test_a_report_made_here_is_not_made_elsewhere_as_well(car_world: World, late: Patient) -> None:
    submit(visit_on(late, "Y2"), car_world.actor("alice"))
    with pytest.raises(BalanceError, match="submitted here"):
        loaded(car_world, late, Opening("Y2", TODAY))
