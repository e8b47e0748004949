"""Delivery pages: who sees which, what the copy helper shows and does, with and without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from capture.deliver import data_files, receipts
from capture.models import CopiedField, DataQuery, Delivery
from forms_catalog import export_choice, intake, starter
from sites.models import Membership, TrailEntry
from tests.capture.deliver.rows import Case, case, corrected, d100, day, of
from tests.world import AT, LONG_AGO, World

pytestmark = pytest.mark.django_db
NA, EU, PASS = "car_registry_na", "car_registry_eu", "car_pass_sponsor"
EVERYONE = ("alice", "bob", "charlie", "ivy", "sam", "rita", "mona", "cora", "dana", "audrey")


@pytest.fixture
def to_copy(world: World, settings: Any, tmp_path: Path) -> Case:
    """Three deliveries of North's patient wait to be copied by hand."""
    settings.DELIVERY_DIR = tmp_path
    made = case(world, "transcribe")
    made.prepare(d100(made))
    return made


def as_(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(world: World, name: str, url: str, program: str = PASS) -> Any:
    where = reverse(url, args=[of(program).uuid]) if url != "deliveries" else reverse(url)
    return as_(world, name).get(where)


def listed(world: World, name: str, **query: str) -> Any:
    return as_(world, name).get(reverse("deliveries"), query).context["page"]


def act(world: World, name: str, program: str, **posted: str) -> Any:
    return as_(world, name).post(reverse("delivery_act", args=[of(program).uuid]), posted)


def text(answer: Any) -> str:
    return str(answer.content.decode())


CODES = {
    "deliveries": "200 200 200 200 200 200 200 403 200 200",
    "delivery": "200 200 404 200 200 404 200 403 200 200",
    "delivery_print": "200 200 404 200 200 404 200 403 200 200",
    "delivery_file": "200 200 404 200 200 404 200 403 200 200",
    "copy_helper": "200 403 404 200 403 403 403 403 403 403",
}


@pytest.mark.parametrize(("url", "codes"), CODES.items())
def test_each_role_gets_the_declared_answer(to_copy: Case, url: str, codes: str) -> None:
    got = {name: page(to_copy.world, name, url).status_code for name in EVERYONE}
    assert got == dict(zip(EVERYONE, map(int, codes.split()), strict=True))


@pytest.mark.parametrize("name", ["bob", "sam", "mona", "dana", "audrey", "cora"])
def test_only_people_of_the_site_who_write_may_act(to_copy: Case, name: str) -> None:
    assert act(to_copy.world, name, PASS, act="transcribed").status_code == 403
    assert of(PASS).state == "prepared"


def test_a_sponsor_sees_its_own_program_and_no_other_name(to_copy: Case) -> None:
    seen = text(page(to_copy.world, "sam", "deliveries"))
    titles = {code: p.title for code, p in to_copy.world.programs.items()}
    assert titles[PASS] in seen
    assert not [code for code in (NA, EU) if titles[code] in seen or code in seen]


def test_a_sponsor_sees_its_own_number_and_not_the_sites_pseudonym(to_copy: Case) -> None:
    for url in ("deliveries", "delivery", "delivery_print"):
        seen = text(page(to_copy.world, "sam", url))
        assert "7000" in seen
        assert "NRT-0001" not in seen
    assert "NRT-0001" in text(page(to_copy.world, "alice", "delivery"))


def test_people_outside_see_nothing_of_a_held_report(to_copy: Case) -> None:
    Delivery.objects.filter(pk=of(PASS).pk).update(state="held", state_reason="The target is locked.")
    outside, inside = (text(page(to_copy.world, name, "delivery")) for name in ("sam", "alice"))
    assert "survstat" not in outside
    assert "locked" not in outside
    assert "survstat" in inside
    assert page(to_copy.world, "sam", "delivery_file").status_code == 409


def test_a_second_role_at_a_site_does_not_open_other_sites(to_copy: Case) -> None:
    world = to_copy.world
    Membership.objects.create(user=world.people["sam"], role="coordinator", site=world.south, valid_from=LONG_AGO)
    assert page(world, "sam", "delivery", NA).status_code == 404
    assert page(world, "sam", "delivery", PASS).status_code == 200


def test_a_monitor_of_one_site_sees_that_site_only(to_copy: Case) -> None:
    Membership.objects.filter(user=to_copy.world.people["mona"]).update(site=to_copy.world.south)
    assert page(to_copy.world, "mona", "delivery").status_code == 404


def test_the_list_is_filtered_by_state_and_program(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    assert [d.pk for d in listed(to_copy.world, "alice", state="transcribed", program=NA)] == [of(NA).pk]
    assert not listed(to_copy.world, "alice", state="transcribed", program=EU).object_list


def test_replaced_revisions_are_in_the_list_only_on_request(to_copy: Case) -> None:
    corrected("contact-date", str(day(99)))
    to_copy.prepare(of(NA).submission)
    counts = [listed(to_copy.world, "alice", state=s).paginator.count for s in ("", "all")]
    assert counts == [3, 4]


def test_a_download_is_a_disclosure_in_the_trail(to_copy: Case) -> None:
    answer = page(to_copy.world, "alice", "delivery_file", NA)
    assert answer["Content-Disposition"] == f'attachment; filename="{NA}_D100_r1.csv"'
    assert answer.content.startswith(b"crid,redcap_event_name")
    assert TrailEntry.objects.get(action="download_delivery").actor == "alice"


@pytest.mark.parametrize(
    ("to", "ending", "names", "media_type"),
    [
        ("odm", "xml", "MetaDataVersionOID", "application/xml"),
        ("fhir", "json", "linkId", "application/fhir+json"),
        ("xform", "xform.xml", "<instanceID>uuid:", "text/xml"),
    ],
)
def test_a_download_as_data_fits_the_exported_dictionary_and_is_in_the_trail(
    to_copy: Case, to: str, ending: str, names: str, media_type: str
) -> None:
    answer = file_as(to_copy.world, "alice", to)
    assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
    assert answer["Content-Disposition"] == f'attachment; filename="{NA}_D100_r1.{ending}"'
    program = to_copy.world.programs[NA]
    intake.receive(program, starter.program_csv(NA), "na.csv", starter.schedule_json(NA), actor=AT)
    exported = export_choice.program(program).spec
    assert data_files.dictionary_of(of(NA)) == exported
    assert names in text(answer)
    assert TrailEntry.objects.get(action="download_delivery").details["format"] == to


def test_a_download_that_is_not_written_here_or_does_not_fit_says_why(to_copy: Case) -> None:
    answer = file_as(to_copy.world, "alice", "sas")
    assert (answer.status_code, text(answer)) == (
        422,
        "A delivery is not written as 'sas'. Choose one of odm, fhir, xform.",
    )
    row = of(NA)
    row.payload = {**row.payload, "subject_id": ""}
    row.save(update_fields=["payload"])
    assert "Enter it first" in text(file_as(to_copy.world, "alice", "odm"))
    assert not TrailEntry.objects.filter(action="download_delivery").exists()


def file_as(world: World, name: str, to: str) -> Any:
    return as_(world, name).get(reverse("delivery_file", args=[of(NA).uuid]), {"to": to})


def test_the_copy_helper_shows_the_programs_order_labels_and_codes(to_copy: Case) -> None:
    seen = text(page(to_copy.world, "alice", "copy_helper", NA))
    assert seen.index("Reporting period") < seen.index("Date of actual contact") < seen.index("Survival status")
    assert "<strong>1</strong> Alive" in seen
    assert "leave blank" in seen


def test_a_tick_without_javascript_comes_back_to_the_page(to_copy: Case) -> None:
    client = as_(to_copy.world, "alice")
    posted = {"row": "", "path": "surv", "value": "1", "done": "1"}
    answer = client.post(reverse("copy_tick", args=[of(NA).uuid]), posted, follow=True)
    assert answer.context["done"] == 1
    assert CopiedField.objects.get().copied_by == "alice"


def test_a_tick_with_htmx_answers_its_row(to_copy: Case) -> None:
    posted = {"row": "", "path": "surv", "value": "1", "done": "1"}
    url = reverse("copy_tick", args=[of(NA).uuid])
    answer = as_(to_copy.world, "alice").post(url, posted, headers={"HX-Request": "true"})
    assert "is-done" in text(answer)
    assert text(answer).count("<li") == 1


def test_a_tick_of_an_old_value_is_a_conflict(to_copy: Case) -> None:
    posted = {"row": "", "path": "surv", "value": "2", "done": "1"}
    url = reverse("copy_tick", args=[of(NA).uuid])
    client = as_(to_copy.world, "alice")
    assert client.post(url, posted, headers={"HX-Request": "true"}).status_code == 409
    assert "shows another value" in text(client.post(url, posted, follow=True))


def test_copied_then_confirmed_by_name(to_copy: Case) -> None:
    act(to_copy.world, "alice", NA, act="transcribed", active="1234")
    act(to_copy.world, "ivy", NA, act="confirm", reason="saved as complete")
    assert [(r.kind, r.by) for r in of(NA).receipts.all()] == [("transcribed", "alice"), ("confirmed", "ivy")]
    assert of(NA).receipts.first().details["active_centiseconds"] == 1234  # type: ignore[union-attr]


def test_changes_since_copied_are_red_with_the_old_value(to_copy: Case) -> None:
    act(to_copy.world, "alice", NA, act="transcribed")
    corrected("contact-date", str(day(99)))
    to_copy.prepare(of(NA).submission)
    url = reverse("copy_helper", args=[of(NA, 2).uuid])
    answer = as_(to_copy.world, "alice").get(url)
    assert text(answer).count("is-changed") == 1
    assert f"was {day(100)}" in text(answer)
    assert answer.context["wanted"] - answer.context["done"] == 1


def test_a_rejection_is_noted_with_its_query(to_copy: Case) -> None:
    act(to_copy.world, "alice", NA, act="transcribed")
    act(to_copy.world, "alice", NA, act="reject", path="surv", reason="needs the death form")
    assert DataQuery.objects.get().path == "surv"
    assert "needs the death form" in text(page(to_copy.world, "alice", "delivery", NA))


def test_an_act_that_is_not_possible_says_so(to_copy: Case) -> None:
    url = reverse("delivery_act", args=[of(NA).uuid])
    answer = as_(to_copy.world, "alice").post(url, {"act": "confirm", "reason": "seen"}, follow=True)
    assert "cannot become" in text(answer)
    assert "Choose what to do" in text(as_(to_copy.world, "alice").post(url, {"act": "no"}, follow=True))


def test_a_held_delivery_is_not_offered_for_copying(to_copy: Case) -> None:
    Delivery.objects.filter(pk=of(NA).pk).update(state="held", state_reason="The target is locked.")
    seen = text(page(to_copy.world, "alice", "copy_helper", NA))
    assert "Held, do not copy it" in seen
    assert "copy-row" not in seen


def test_revisions_show_what_changed(to_copy: Case) -> None:
    corrected("contact-date", str(day(99)))
    to_copy.prepare(of(NA).submission)
    seen = text(as_(to_copy.world, "alice").get(reverse("delivery", args=[of(NA, 2).uuid])))
    assert "1 changed field<" in seen
    assert f'<span class="value-old">{day(100)}</span>' in seen


def test_no_page_carries_inline_script_or_style(to_copy: Case) -> None:
    for url in ("deliveries", "delivery", "copy_helper", "delivery_print"):
        seen = text(page(to_copy.world, "alice", url, NA))
        assert " style=" not in seen
        assert " onclick" not in seen
        assert "<script>" not in seen


@pytest.mark.parametrize("patients", [2, 12])
def test_the_list_costs_the_same_queries_at_any_length(
    world: World, patients: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(patients):
        made = case(world, "transcribe", pseudonym=f"NRT-{number:04}")
        made.prepare(d100(made))
    client = as_(world, "alice")
    with django_assert_max_num_queries(10):
        assert client.get(reverse("deliveries")).status_code == 200
