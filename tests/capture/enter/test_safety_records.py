"""Safety records through the gateway: kept at once, opened for every program that demands it, sent out, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from capture.ask.facts import EnteredRecord, Entry
from capture.deliver import slices
from capture.enter import correcting, happenings, occasions, recording
from capture.enter.correcting import Correction
from capture.enter.occasions import Report, SafetyError
from capture.models import (
    Delivery,
    Notice,
    Occurrence,
    OccurrenceMark,
    Patient,
    Response,
    SafetyRecord,
    Timepoint,
    Visit,
)
from capture.plan import worklist
from sites.models import TrailEntry
from tests.answering import answers_for, submit
from tests.world import NOW, TODAY, World, visit_on

pytestmark = pytest.mark.django_db
AWARE = datetime(2026, 5, 30, 22, 30, tzinfo=UTC)  # 00:30 on 31 May in Berlin
SERIOUS = {"sae-term": "Sepsis", "sae-onset-date": "2026-05-28", "sae-grade": "4"}
TUMOUR = {"new-malignancy-date": "2026-05-20", "new-malignancy-type": "t-cell"}


@pytest.fixture
def patient(car_world: World) -> Patient:
    """Followed by two registries and the safety study since 100 days."""
    return Patient.objects.get()


def report(kind: str, values: dict[str, str], *, uuid: UUID | None = None, visit: Visit | None = None) -> Report:
    return Report(uuid or uuid4(), kind, {k: Entry(v) for k, v in values.items()}, AWARE, visit)


def saved(world: World, patient: Patient, kind: str, values: dict[str, str]) -> SafetyRecord:
    return occasions.save(patient, report(kind, values), actor=world.actor("alice"), today=TODAY)


def opened(patient: Patient) -> dict[str, Timepoint]:
    """program:CODE → the triggered time point."""
    rows = Timepoint.objects.filter(enrollment__treatment__patient=patient, kind="triggered")
    return {f"{t.enrollment.program.code}:{t.entry_code}": t for t in rows.select_related("enrollment__program")}


def sent(point: Timepoint) -> list[dict[str, str]]:
    """The values of each revision, by the program's own field names, oldest first."""
    rows = Delivery.objects.filter(timepoint=point).order_by("revision")
    return [{c.name: c.value for c in slices.load(d.payload).cells if c.value} for d in rows]


def test_a_serious_event_is_due_24_hours_after_awareness_on_the_sites_own_day(
    car_world: World, patient: Patient
) -> None:
    saved(car_world, patient, "serious-event", SERIOUS)
    (point,) = opened(patient).values()
    assert (point.entry_code, point.label, point.state) == ("SAE", "Serious adverse event 1", "planned")
    assert (point.window_start.isoformat(), point.due_on.isoformat()) == ("2026-05-31", "2026-06-01")


def test_it_goes_out_at_once_before_anybody_submits_its_form(car_world: World, patient: Patient) -> None:
    saved(car_world, patient, "malignancy", TUMOUR)
    point = opened(patient)["car_pass_sponsor:SPM"]
    (delivery,) = Delivery.objects.filter(timepoint=point)
    assert (delivery.submission, delivery.revision) == (None, 1)
    assert sent(point) == [{"spm": "Y", "spmdt": "2026-05-20", "spmtype": "2"}]
    assert slices.load(delivery.payload).as_of == "2026-05-31"


def test_a_programs_own_question_is_asked_of_that_event_and_not_of_the_period(
    car_world: World, patient: Patient
) -> None:
    saved(car_world, patient, "serious-event", SERIOUS)
    (point,) = opened(patient).values()
    assert sent(point) == []  # nothing to say before it is answered
    visit = Visit.objects.get(kind="triggered")
    submit(visit, car_world.actor("alice"))
    (answer,) = Response.objects.filter(visit=visit)
    assert (answer.element, answer.context) == ("sae-occurred", f"o{Occurrence.objects.get().pk}")
    assert sent(point) == [{"sae": "N"}]


def test_it_is_on_the_worklist_and_reminds(car_world: World, patient: Patient) -> None:
    saved(car_world, patient, "serious-event", SERIOUS)
    (point,) = opened(patient).values()
    found = worklist.open_visits(car_world.north, TODAY)
    assert point.visit_id in {v.pk for v in found}
    assert Notice.objects.filter(visit=point.visit_id).exists()


def test_reports_of_one_record_to_several_programs_share_a_visit_each_with_its_own_due_day(
    car_world: World, patient: Patient
) -> None:
    saved(car_world, patient, "malignancy", TUMOUR)
    saved(car_world, patient, "malignancy", {**TUMOUR, "new-malignancy-date": "2026-05-21"})
    points = opened(patient)
    rows = Timepoint.objects.filter(kind="triggered").order_by("enrollment__program__code", "cycle")
    assert [(t.entry_code, t.cycle) for t in rows] == [("SPM", 1), ("SPM", 2), ("MALIG", 1), ("MALIG", 2)]
    visits = Visit.objects.filter(kind="triggered").order_by("planned_on", "pk")
    together = [sorted(v.timepoints.values_list("entry_code", "cycle")) for v in visits]
    assert sorted(together) == [[("MALIG", 1), ("SPM", 1)], [("MALIG", 2), ("SPM", 2)]]
    days = {code: (t.due_on - t.window_start).days for code, t in points.items()}
    assert days == {"car_pass_sponsor:SPM": 1, "car_registry_na:MALIG": 30}


def test_its_form_asks_only_what_the_record_does_not_say(car_world: World, patient: Patient) -> None:
    saved(car_world, patient, "malignancy", TUMOUR)
    visit = Visit.objects.get(kind="triggered")
    post = answers_for(visit, {"tumor-transgene-tested": "positive"})
    assert {key.partition("~")[0] for key in post.entered.answers} == {"tumor-transgene-tested"}
    submit(visit, car_world.actor("alice"), {"tumor-transgene-tested": "positive"})
    point = opened(patient)["car_pass_sponsor:SPM"]
    first, second = sent(point)
    assert set(second) - set(first) == {"spmsamp"}
    assert Response.objects.get(element="tumor-transgene-tested").context == f"o{Occurrence.objects.get().pk}"


def test_a_double_click_saves_once_and_other_content_under_the_same_id_is_refused(
    car_world: World, patient: Patient
) -> None:
    one = report("malignancy", TUMOUR)
    first = occasions.save(patient, one, actor=car_world.actor("alice"), today=TODAY)
    again = occasions.save(patient, one, actor=car_world.actor("alice"), today=TODAY)
    assert (first.pk, Occurrence.objects.count(), Delivery.objects.count()) == (again.pk, 1, 2)
    other = replace(one, values={"new-malignancy-date": Entry("2026-05-01")})
    with pytest.raises(occasions.OtherSafetyContent):
        occasions.save(patient, other, actor=car_world.actor("alice"), today=TODAY)


def test_an_open_visit_goes_on_and_reports_what_was_saved_meanwhile(car_world: World, patient: Patient) -> None:
    visit = visit_on(patient, "D100")
    post = answers_for(visit)  # says "nothing new" of malignancies, typed before
    saved(car_world, patient, "malignancy", TUMOUR)
    assert Visit.objects.get(pk=visit.pk).version == post.version
    recording.submit(visit, post, actor=car_world.actor("alice"), today=TODAY)
    point = Timepoint.objects.get(entry_code="D100", enrollment__program__code="car_registry_na")
    assert sent(point)[-1]["new_malig"] == "1"


def test_a_record_in_error_closes_what_it_opened_and_takes_back_what_had_left(
    car_world: World, patient: Patient
) -> None:
    alice = car_world.actor("alice")
    record = saved(car_world, patient, "malignancy", TUMOUR)
    submit(visit_on(patient, "D100"), alice)
    periodic = Timepoint.objects.get(entry_code="D100", enrollment__program__code="car_registry_na")
    assert sent(periodic)[-1]["new_malig"] == "1"
    assert record.occurrence
    occasions.cancel(patient, record.occurrence, actor=alice, reason="wrong patient", today=TODAY)
    point = opened(patient)["car_registry_na:MALIG"]
    assert (point.state, point.state_reason) == ("closed", "entered in error")
    last = slices.load(Delivery.objects.filter(timepoint=point).latest("revision").payload)
    assert (last.withdrawn, last.values) == ("Entered in error: wrong patient", 0)
    assert sent(periodic)[-1]["new_malig"] == "2"
    assert Notice.objects.filter(visit=point.visit_id).count() == 0

    occasions.reset(patient, record.occurrence, actor=alice, reason="it was this patient", today=TODAY)
    again = opened(patient)["car_registry_na:MALIG"]
    assert (again.pk, again.state) == (point.pk, "planned")
    assert sent(again)[0] == sent(again)[-1] != {}
    assert [m.in_error for m in OccurrenceMark.objects.order_by("pk")] == [True, False]
    assert TrailEntry.objects.filter(action="record_in_error", reason="wrong patient").exists()


def test_a_mark_that_changes_nothing_is_refused(car_world: World, patient: Patient) -> None:
    record = saved(car_world, patient, "malignancy", TUMOUR)
    assert record.occurrence
    with pytest.raises(SafetyError, match="stands already"):
        occasions.reset(patient, record.occurrence, actor=car_world.actor("alice"), reason="again", today=TODAY)


def test_a_death_opens_the_sponsors_own_form_and_its_undo_takes_it_back(car_world: World, patient: Patient) -> None:
    record = saved(car_world, patient, "death", {"death-date": "2026-05-29"})
    points = opened(patient)
    assert (points["car_pass_sponsor:DTH"].state, points["car_pass_sponsor:DTH"].due_on.isoformat()) == (
        "planned",
        "2026-06-01",
    )
    assert {"survstat", "dthdt"} <= set(sent(points["car_pass_sponsor:DTH"])[0])
    assert record.event
    happenings.undo(record.event, actor=car_world.actor("alice"), reason="another person", today=TODAY)
    point = opened(patient)["car_pass_sponsor:DTH"]
    assert (point.state, sent(point)[-1]) == ("closed", {})


def test_a_record_typed_at_a_visit_opens_the_same_occasions(car_world: World, patient: Patient) -> None:
    visit = visit_on(patient, "D100")
    post = answers_for(visit)
    gates = {k: Entry("yes") for k in post.entered.answers if k.startswith("any-new~malignancy~")}
    made = EnteredRecord("new-1", "malignancy", {k: Entry(v) for k, v in TUMOUR.items()})
    entered = replace(post.entered, answers={**post.entered.answers, **gates}, records=(made,))
    recording.submit(visit, replace(post, entered=entered), actor=car_world.actor("alice"), today=TODAY)
    assert set(opened(patient)) == {"car_pass_sponsor:SPM", "car_registry_na:MALIG"}
    assert SafetyRecord.objects.count() == 0


def test_a_serious_event_that_is_corrected_to_not_serious_is_not_due_any_more(
    car_world: World, patient: Patient
) -> None:
    saved(car_world, patient, "serious-event", SERIOUS)
    serious = Response.objects.get(element="ae-serious")
    alice = car_world.actor("alice")
    correcting.correct(serious, Correction("no"), actor=alice, reason="no criterion met", today=TODAY)
    (point,) = opened(patient).values()
    assert (point.state, point.state_reason, sent(point)) == ("closed", "no longer so", [])


def test_after_consent_was_withdrawn_nothing_opens_or_leaves(car_world: World, patient: Patient) -> None:
    alice = car_world.actor("alice")
    happenings.record(
        patient, "withdrawn", TODAY - timedelta(days=5), program="car_pass_sponsor", actor=alice, reason="letter",
        today=TODAY,
    )  # fmt: skip
    saved(car_world, patient, "serious-event", SERIOUS)
    assert [t.state for t in opened(patient).values()] == ["closed"]
    assert Delivery.objects.count() == 0


REFUSED = [
    ("malignancy", {}, "new-malignancy-date", "give the date"),
    ("malignancy", {"new-malignancy-date": "2025-01-01"}, "new-malignancy-date", "before the infusion"),
    ("malignancy", {"new-malignancy-date": "2026-06-09"}, "new-malignancy-date", "became aware"),
    ("malignancy", {**TUMOUR, "new-malignancy-type": "tumour"}, "new-malignancy-type", "choose from the list"),
    ("malignancy", {**TUMOUR, "sae-term": "Sepsis"}, "sae-term", "not asked here"),
    ("death", {"death-date": "yesterday"}, "death-date", "enter a date"),
]


@pytest.mark.parametrize(("kind", "values", "element", "says"), REFUSED)
def test_what_cannot_be_is_refused_with_what_to_do_and_nothing_is_kept(
    car_world: World, patient: Patient, kind: str, values: dict[str, str], element: str, says: str
) -> None:
    with pytest.raises(SafetyError) as caught:
        saved(car_world, patient, kind, values)
    assert says in caught.value.findings[element]
    assert (SafetyRecord.objects.count(), Occurrence.objects.count()) == (0, 0)


def test_awareness_in_the_future_is_refused(car_world: World, patient: Patient) -> None:
    late = replace(report("malignancy", TUMOUR), aware_at=NOW + timedelta(minutes=1))
    with pytest.raises(SafetyError, match="in the future"):
        occasions.save(patient, late, actor=car_world.actor("alice"), today=TODAY)
