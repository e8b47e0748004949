"""Requests, upload and the import report, through HTTP only."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from forms_catalog import progress, seeding, starter
from forms_catalog.models import DictionaryVersion, Mapping, Proposal
from sites.models import TrailEntry
from tests.world import AT, World, accept, joined, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def hand_in(client: Client, data: bytes | None = None, code: str = CODE) -> HttpResponse:
    files = {
        "dictionary": SimpleUploadedFile("pass.csv", starter.program_csv(CODE) if data is None else data),
        "schedule": SimpleUploadedFile("schedule.json", starter.schedule_json(CODE)),
    }
    return client.post(reverse("request_upload", args=[code]), files)  # type: ignore[return-value]


def test_a_sponsor_hands_in_a_dictionary_and_sees_the_report(world: World) -> None:
    seeding.load_catalog(actor=AT, reason="test")
    client = signed_in(world, "sam")
    answer = hand_in(client)
    assert answer["Location"] == reverse("request_version", args=[CODE, 1])
    page = client.get(answer["Location"]).content.decode()
    assert "<strong>55</strong><span>fields</span>" in page
    assert "M6" in page
    assert Proposal.objects.exists()
    assert TrailEntry.objects.get(action="upload").actor == "sam"


def test_the_same_file_again_makes_no_second_version(world: World) -> None:
    client = signed_in(world, "sam")
    hand_in(client)
    assert hand_in(client)["Location"].endswith("/versions/1/")
    assert DictionaryVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "said"), [(b"PK\x03\x04", "damaged"), (b"a,b\n1,2\n", "REDCap data dictionary"), (b" ", "empty")]
)
def test_what_is_no_dictionary_is_refused_with_what_to_do(world: World, data: bytes, said: str) -> None:
    answer = hand_in(signed_in(world, "sam"), data)
    assert answer.status_code == 422
    assert "Nothing was taken in" in answer.content.decode()
    assert said in answer.content.decode()


def test_an_upload_without_a_file_says_so(world: World) -> None:
    answer = signed_in(world, "sam").post(reverse("request_upload", args=[CODE]))
    assert (answer.status_code, b"Choose the dictionary file" in answer.content) == (422, True)


@pytest.mark.parametrize(
    ("name", "status"),
    [("sam", 200), ("cora", 200), ("dana", 200), ("rita", 404), ("audrey", 403), ("alice", 403), ("mona", 403)],
)
def test_who_may_upload(world: World, name: str, status: int) -> None:
    assert signed_in(world, name).get(reverse("request_upload", args=[CODE])).status_code == status


@pytest.mark.parametrize(
    ("name", "status"), [("sam", 200), ("cora", 200), ("dana", 200), ("audrey", 200), ("rita", 404), ("alice", 403)]
)
def test_who_may_read_the_report(world: World, name: str, status: int) -> None:
    upload(world, CODE)
    assert signed_in(world, name).get(reverse("request_version", args=[CODE, 1])).status_code == status


def test_a_version_that_is_not_there_answers_404(world: World) -> None:
    upload(world, CODE)
    assert signed_in(world, "sam").get(reverse("request_version", args=[CODE, 7])).status_code == 404


def test_sponsors_see_their_own_programs_only(world: World) -> None:
    page = signed_in(world, "sam").get(reverse("requests")).content.decode()
    assert world.programs[CODE].title in page
    assert world.programs["car_registry_na"].title not in page


def test_a_role_at_a_site_opens_no_request_of_its_programs(world: World) -> None:
    joined(world, "car_registry_na")
    world.sam.memberships.create(role="coordinator", site=world.north, valid_from="2015-01-01")
    client = signed_in(world, "sam")
    assert world.programs["car_registry_na"].title not in client.get(reverse("requests")).content.decode()
    assert client.get(reverse("request_upload", args=["car_registry_na"])).status_code == 403


def test_the_report_lists_problems_and_finds_fields(world: World) -> None:
    client = signed_in(world, "sam")
    hand_in(client, starter.program_csv(CODE).replace(b"rficdt,", b"Rf icdt,", 1))
    page = client.get(reverse("request_version", args=[CODE, 1]), {"q": "subjid", "show": "questions"}).content.decode()
    assert "REDCap does not take the name" in page
    assert "Fields, 1 of 55" in page


def test_labels_of_a_sponsor_are_shown_as_text(world: World) -> None:
    client = signed_in(world, "sam")
    hand_in(client, starter.program_csv(CODE).replace(b"Subject identifier", b"Subject {{x}} & &lt;script&gt;", 1))
    page = client.get(reverse("request_version", args=[CODE, 1])).content.decode()
    assert "<script>alert" not in page
    assert "Subject {{x}} &amp;" in page


def test_a_request_goes_from_review_to_ready_to_live(car_world: World) -> None:
    rows = {p.program.code: p for p in progress.of(list(car_world.programs.values()))}
    assert (rows[CODE].state, rows["sma_registry"].state) == ("live", "none")
    version = upload(car_world, "sma_registry")
    row = progress.of([version.program])[0]
    assert (row.state, row.words) == ("review", f"in review, 0 of {row.asked} decided")
    for request in version.fields.filter(asks=True):
        Mapping.objects.create(program=version.program, path=request.path, meaning_hash=request.meaning_hash,
                               relation="exact", state="confirmed", decided_by="x", decided_at=AT.now)  # fmt: skip
    assert progress.of([version.program])[0].state == "ready"


def test_the_list_takes_as_many_queries_for_many_programs(world: World, django_assert_max_num_queries: object) -> None:
    seeding.load_catalog(actor=AT, reason="test")
    for code in world.programs:
        upload(world, code)
    joined(world, CODE)
    accept(world, CODE)
    client = signed_in(world, "dana")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(reverse("requests"))
