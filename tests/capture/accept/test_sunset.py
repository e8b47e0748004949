"""Each question has a review or an end; what ended leaves the next release and stays in the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from capture.accept import accepting, sunset
from capture.accept.sunset import SunsetError
from capture.models import AskTerm, Visit
from forms_catalog import publishing
from forms_catalog.models import Release
from sites.models import Program, TrailEntry
from sites.trail import Actor, ReasonMissing
from tests import world as cast
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db
CODE = "car_registry_na"
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def program(car_world: World) -> Program:
    return car_world.programs[CODE]


@pytest.fixture
def sam(car_world: World) -> Actor:
    return car_world.actor("rita", "sponsor")


def asked(code: str = CODE) -> set[str]:
    return {a.field.path for a in publishing.current_spec().programs[code].asks}


def end(program: Program, path: str, sam: Actor) -> None:
    sunset.decide(program, [path], "end", LATER, actor=sam, reason="analysed, not needed", today=TODAY)


def test_without_a_word_every_question_is_reviewed_a_year_after_acceptance(program: Program) -> None:
    found = sunset.terms(program)
    accepted = cast.AT.now.date()
    assert {t.until for t in found} == {accepted + timedelta(days=365)}
    assert not any(t.due(accepted + timedelta(days=200)) for t in found)
    assert all(t.due(accepted + timedelta(days=310)) for t in found)


def test_it_says_which_other_programs_ask_the_same(program: Program) -> None:
    shared = [t for t in sunset.terms(program) if t.others]
    assert shared
    assert {code for t in shared for code in t.others} <= {"car_registry_eu", "car_pass_sponsor"}


def test_a_kept_question_is_looked_at_on_its_new_day(program: Program, sam: Actor) -> None:
    path = sunset.terms(program)[0].path
    sunset.decide(program, [path], "keep", LATER, actor=sam, reason="main outcome", today=TODAY)
    first = sunset.terms(program)[0]
    assert (first.path, first.until, first.reason, first.by) == (path, LATER, "main outcome", sam.name)


def test_what_ended_is_asked_until_its_last_day_and_not_after(program: Program, sam: Actor) -> None:
    path = next(t.path for t in sunset.terms(program) if not t.required)
    end(program, path, sam)
    assert sunset.settle(actor=cast.AT, today=LATER) is None
    assert path in asked()
    release = sunset.settle(actor=cast.AT, today=LATER + timedelta(days=1))
    assert release is not None
    assert f"{CODE}.{path}" in release.reason
    assert path not in asked()
    assert sunset.settle(actor=cast.AT, today=LATER + timedelta(days=2)) is None


def test_open_visits_keep_their_form(program: Program, sam: Actor) -> None:
    before = dict(Visit.objects.values_list("pk", "release"))
    end(program, sunset.terms(program)[0].path, sam)
    sunset.settle(actor=cast.AT, today=LATER + timedelta(days=1))
    assert dict(Visit.objects.values_list("pk", "release")) == before


def test_an_uploaded_version_does_not_bring_back_what_ended(program: Program, sam: Actor, car_world: World) -> None:
    path = sunset.terms(program)[0].path
    sunset.decide(program, [path], "end", TODAY, actor=sam, reason="over", today=TODAY)
    spec = accepting.candidate(car_world.versions[CODE])[1]
    assert path not in {a.field.path for a in spec.programs[CODE].asks}


def test_somebody_may_change_their_mind_before_the_last_day(program: Program, sam: Actor) -> None:
    path = sunset.terms(program)[0].path
    end(program, path, sam)
    later = Actor(sam.name, sam.role, simulated_at=cast.NOW + timedelta(hours=1))
    sunset.decide(program, [path], "keep", LATER, actor=later, reason="asked for by the regulator", today=TODAY)
    assert sunset.settle(actor=cast.AT, today=LATER + timedelta(days=1)) is None
    assert AskTerm.objects.filter(path=path).count() == 2


def test_a_term_needs_a_reason_a_known_field_and_a_day_to_come(program: Program, sam: Actor) -> None:
    path = sunset.terms(program)[0].path
    with pytest.raises(ReasonMissing):
        sunset.decide(program, [path], "keep", LATER, actor=sam, reason=" ", today=TODAY)
    with pytest.raises(SunsetError, match="Not asked by"):
        sunset.decide(program, [path, "unheard_of"], "keep", LATER, actor=sam, reason="x", today=TODAY)
    with pytest.raises(SunsetError, match="is past"):
        sunset.decide(program, [path], "end", TODAY - timedelta(days=1), actor=sam, reason="x", today=TODAY)
    with pytest.raises(SunsetError, match="at least one"):
        sunset.decide(program, [], "keep", LATER, actor=sam, reason="x", today=TODAY)
    assert not AskTerm.objects.exists()


def test_the_sponsor_ends_a_question_on_the_page_and_sees_no_other_program_by_name(
    car_world: World, program: Program, client: Client
) -> None:
    client.force_login(car_world.people["rita"])
    page = reverse("request_terms", args=[CODE])
    body = client.get(page).content.decode()
    assert "other program" in body
    assert car_world.programs["car_pass_sponsor"].title not in body
    path = sunset.terms(program)[0].path
    form = {"path": [path], "verdict": "end", "until": "2099-01-31", "reason": "analysed"}
    client.post(reverse("request_terms_decide", args=[CODE]), form)
    assert AskTerm.objects.get().until.isoformat() == "2099-01-31"
    assert TrailEntry.objects.get(action="ask_terms").details["fields"] == [path]
    assert "ends 2099-01-31" in client.get(page).content.decode()


def test_the_page_takes_as_many_queries_for_many_terms(car_world: World, program: Program, sam: Actor) -> None:
    client = Client()
    client.force_login(car_world.people["dana"])
    page = reverse("request_terms", args=[CODE])
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    paths = [t.path for t in sunset.terms(program)]
    sunset.decide(program, paths, "keep", LATER, actor=sam, reason="all of it", today=TODAY)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few) <= 16


def test_nothing_is_published_before_the_first_release(db: None) -> None:
    assert sunset.settle(actor=cast.AT, today=TODAY) is None
    assert not Release.objects.exists()
