"""What a response is (ADR 0005), by hand-made histories through the real gateways.

Two infections over three visits for two programs; a correction after the patient moved to another site. The weekly
series is in test_weekly_series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from capture.ask.facts import Entered, EnteredRecord, Entry, gate_key
from capture.deliver import slices
from capture.enter import correcting, happenings, recording
from capture.enter.correcting import Correction
from capture.models import Delivery, Occurrence, Patient, Response, Visit
from forms_catalog import seeding
from sites.models import BurdenEntry
from tests import kept
from tests import world as cast
from tests.answering import answers_for, submit
from tests.world import TODAY, World, visit_on

pytestmark = pytest.mark.django_db
NA, SPONSOR = "car_registry_na", "car_pass_sponsor"
INFUSED = TODAY - timedelta(days=430)


@pytest.fixture
def two_programs(db: None) -> World:
    """A registry and a sponsor's study live at both sites; one patient of North, infused 430 days ago."""
    return kept.once(build)


def build() -> World:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    cast.joined(world, NA, SPONSOR)
    for code in (NA, SPONSOR):
        cast.accept(world, code)
    cast.patient(world, "NRT-0001", NA, SPONSOR, infused=INFUSED)
    return world


def the_patient() -> Patient:
    return Patient.objects.get(pseudonym="NRT-0001")


def on(day: int) -> str:
    return str(INFUSED + timedelta(days=day))


def infection(number: str, **values: str) -> EnteredRecord:
    return EnteredRecord(number, "infection", {f"infection-{k.replace('_', '-')}": Entry(v) for k, v in values.items()})


def report(world: World, code: str, *records: EnteredRecord, gate: str = "") -> Visit:
    """Submit the visit of a registry entry: everything as usual, and these infections."""
    visit = visit_on(the_patient(), code)
    post = answers_for(visit)
    said = {gate_key("infection", visit.pk): Entry(gate or ("yes" if records else "no"))}
    entered = Entered({**post.entered.answers, **said}, records)
    recording.submit(visit, replace(post, entered=entered), actor=world.actor("alice"), today=TODAY)
    return visit


def told(program: str, entry: str, *names: str) -> list[object]:
    """The newest revision of a report, and its values by field name."""
    rows = Delivery.objects.filter(timepoint__enrollment__program__code=program, timepoint__entry_code=entry)
    newest = rows.order_by("-revision")[0]
    found = {c.name: c.value for c in slices.load(newest.payload).cells}
    return [newest.revision, *(found[n] for n in names)]


def current(context: str) -> Mapping[str, str]:
    return {r.element: r.value for r in Response.objects.filter(context=context, is_current=True)}


@pytest.fixture
def two_infections(two_programs: World) -> World:
    """Day 60 is told at the first visit, day 150 at the second with what became known of day 60; then nothing new."""
    report(two_programs, "D100", infection("new-1", date=on(60), max_grade="3", clinically_significant="yes"))
    first = Occurrence.objects.get()
    known = infection(str(first.pk), organism="viral")
    second = infection("new-1", date=on(150), max_grade="2", organism="bacterial", clinically_significant="yes")
    report(two_programs, "M6", known, second)
    report(two_programs, "Y1")
    return two_programs


def test_each_infection_is_one_record_with_its_own_answers(two_infections: World) -> None:
    first, second = Occurrence.objects.order_by("ordinal")
    assert (first.group, first.ordinal, second.ordinal) == ("infection", 1, 2)
    assert current(f"o{first.pk}")["infection-date"] == on(60)
    assert current(f"o{second.pk}")["infection-date"] == on(150)
    assert (current(f"o{first.pk}")["infection-organism"], current(f"o{second.pk}")["infection-organism"]) == (
        "viral",
        "bacterial",
    )
    rows = Response.objects.filter(context__startswith="o")
    assert all(r.is_current and r.replaces_id is None for r in rows), "nothing was asked or written twice"


def test_both_programs_get_each_infection_once_in_the_period_of_its_date(two_infections: World) -> None:
    assert told(SPONSOR, "M3", "sinf3") == [1, "Y"]  # grade 3 on day 60
    assert told(SPONSOR, "M6", "sinf3") == [1, "N"]  # grade 2 on day 150
    assert told(NA, "M6", "inf_sig", "inf_org") == [1, "1", "1"]
    assert told(NA, "Y1", "inf_sig", "inf_org") == [1, "2", ""]
    assert told(NA, "D100", "inf_sig", "inf_org") == [2, "1", "2"]  # its cause became known at the second visit
    earlier = Delivery.objects.get(timepoint__entry_code="D100", revision=1)
    assert {c.name: c.value for c in slices.load(earlier.payload).cells}["inf_org"] == ""


@pytest.fixture
def moved(two_programs: World) -> World:
    """Reported at North for day 100, then moved to South."""
    submit(visit_on(the_patient(), "D100"), two_programs.actor("alice"))
    happenings.record(
        the_patient(),
        "transfer",
        INFUSED + timedelta(days=300),
        details={"site": "south"},
        actor=two_programs.actor("alice"),
        reason="moved to another city",
        today=TODAY,
    )
    return two_programs


def alive() -> Response:
    return Response.objects.get(element="last-known-alive-date", is_current=True)


def test_after_a_transfer_the_new_site_corrects_and_the_old_answer_stays(moved: World) -> None:
    before = alive()
    was = before.value  # the day of the visit, a working day of the site
    made = correcting.correct(
        before, Correction(on(95)), actor=moved.actor("charlie"), reason="chart of the old site", today=TODAY
    )
    before.refresh_from_db()
    assert (before.is_current, before.value, before.author) == (False, was, "alice")
    assert (made.replaces, made.value, made.author, made.reason) == (before, on(95), "charlie", "chart of the old site")
    assert (made.context, made.visit, made.submission) == (before.context, before.visit, before.submission)
    assert correcting.history_of(made) == [made, before]


def test_the_correction_is_delivered_and_leaves_the_cost_with_the_site_that_did_the_work(moved: World) -> None:
    costs = list(BurdenEntry.objects.order_by("pk").values())
    assert told(SPONSOR, "M3")[0] == 1
    correcting.correct(alive(), Correction(on(95)), actor=moved.actor("charlie"), reason="chart", today=TODAY)
    assert visit_on(the_patient(), "D100").site == moved.north
    assert visit_on(the_patient(), "Y1").site == moved.south
    assert list(BurdenEntry.objects.order_by("pk").values()) == costs
    assert told(SPONSOR, "M3")[0] == 2


@pytest.mark.parametrize("number", ["abc", "", "²", "-1", "999999"])
def test_a_record_that_is_not_the_patients_is_refused_in_words(two_programs: World, number: str) -> None:
    with pytest.raises(recording.SubmitError) as refused:
        report(two_programs, "D100", infection(number, date=on(60), max_grade="3", clinically_significant="yes"))
    assert "unknown_record" in {f.code for f in refused.value.findings}
    assert not Occurrence.objects.exists()


def test_a_post_with_a_made_up_record_is_answered_in_words(two_programs: World) -> None:
    visit = visit_on(the_patient(), "D100")
    client = Client()
    client.force_login(two_programs.people["alice"], "django.contrib.auth.backends.ModelBackend")
    told_yes = {f"a.{gate_key('infection', visit.pk)}": "yes"}
    post = {"version": visit.version, "client_uuid": str(uuid4()), "r.infection.abc.infection-date": on(60), **told_yes}
    answer = client.post(reverse("visit_submit", args=[visit.uuid]), post)
    assert answer.status_code == 422
    assert "This patient has no infection abc" in answer.content.decode()


def test_only_the_site_that_has_the_patient_now_may_correct(moved: World) -> None:
    seen = {}
    for name in ("alice", "charlie"):
        client = Client()
        client.force_login(moved.people[name], "django.contrib.auth.backends.ModelBackend")
        seen[name] = client.get(reverse("correct", args=[alive().uuid])).status_code
    assert seen == {"alice": 404, "charlie": 200}


def test_two_current_answers_in_one_place_are_refused_by_the_database(moved: World) -> None:
    answer = alive()
    twin = {f.name: getattr(answer, f.name) for f in Response._meta.fields if f.name not in ("id", "uuid", "replaces")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(**twin)
