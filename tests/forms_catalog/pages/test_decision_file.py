"""The page of a program's decision files through HTTP: what it gives, what it previews, what it writes and what not."""

from __future__ import annotations

import re
from datetime import date
from typing import cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from forms_catalog import decision_files, loading, mapping
from forms_catalog.models import Mapping
from sites.models import Membership, Role, TrailEntry, User
from tests.forms_catalog.pages.test_requests import signed_in
from tests.forms_catalog.test_decision_intake import HOSTILE, own, rows, table, uploaded, usagi
from tests.releases import decided
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"
URL = f"/mapping/{CODE}/decisions/"
__all__ = ["uploaded"]  # the fixture


def send(client: Client, text: str | bytes, values: str = "") -> HttpResponse:
    data = text if isinstance(text, bytes) else text.encode()
    files = {"file": SimpleUploadedFile("d.csv", data)}
    if values:
        files["values"] = SimpleUploadedFile("d_values.csv", values.encode())
    return cast(HttpResponse, client.post(URL, files))


def read_of(answer: HttpResponse) -> str:
    """The signed field of a preview."""
    found = re.search(r'name="read" value="([^"]+)"', answer.content.decode())
    assert found
    return found.group(1)


def take(client: Client, preview: HttpResponse, reason: str = "from the workshop", **more: object) -> HttpResponse:
    return cast(HttpResponse, client.post(URL, {"read": read_of(preview), "reason": reason, **more}))


def test_what_is_downloaded_can_be_handed_in_again_and_changes_nothing(uploaded: World) -> None:
    loading.load_decisions(uploaded.programs[CODE], actor=AT)
    cora = signed_in(uploaded, "cora")
    first, values, theirs = (cora.get(f"{URL}{kind}/").content.decode() for kind in ("own", "values", "usagi"))
    for answer in (send(cora, first, values), send(cora, theirs)):
        assert answer.status_code == 200
        assert "everything stands as it says" in answer.content.decode()


def test_a_file_is_previewed_then_taken_with_a_reason(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    preview = send(cora, *own())
    found = decided(CODE)
    assert f"<strong>{len(found.mappings) + len(found.not_same)}</strong> new" in preview.content.decode()
    assert not Mapping.objects.exists()
    assert take(cora, preview)["Location"] == f"/mapping/{CODE}/"
    assert Mapping.objects.filter(decided_by="cora").count() == 55
    assert TrailEntry.objects.get(action="import_decisions").reason == "from the workshop"


def test_without_a_reason_nothing_is_taken_and_nothing_is_lost(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    refused = take(cora, send(cora, *own()), reason=" ", leave=["dthdt"])
    assert refused.status_code == 422
    assert not Mapping.objects.exists()
    assert 'value="dthdt" checked' in refused.content.decode()
    assert take(cora, refused, leave=["dthdt"]).status_code == 302
    assert Mapping.objects.count() == 54


def test_what_a_person_decided_stays_unless_it_is_ticked(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    wanted = next(m for m in decided(CODE).mappings if m.relation == "exact")
    mapping.confirm(uploaded.programs[CODE], wanted, actor=uploaded.actor("cora", "curator"), reason="my own view")
    Mapping.objects.update(relation="broader")
    assert take(cora, send(cora, *own())).status_code == 302
    assert Mapping.objects.get(path=wanted.path).reason == "my own view"
    assert take(cora, send(cora, *own()), replace=[wanted.path]).status_code == 302
    assert Mapping.objects.get(path=wanted.path).reason == wanted.reason


def test_a_decision_made_meanwhile_is_shown_and_nothing_is_taken(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    preview = send(cora, *own())
    wanted = next(m for m in decided(CODE).mappings if m.path == "dthdt")
    mapping.confirm(uploaded.programs[CODE], wanted, actor=uploaded.actor("dana", "admin"), reason="mine")
    again = take(cora, preview)
    assert again.status_code == 409
    assert "dana has decided dthdt meanwhile" in again.content.decode()
    assert Mapping.objects.count() == 1
    assert take(cora, again).status_code == 302


def test_sent_twice_it_is_taken_once(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    preview = send(cora, *own())
    assert [take(cora, preview).status_code for _ in range(2)] == [302, 409]
    assert set(Mapping.objects.values_list("version", flat=True)) == {1}


def test_a_bad_row_is_named_with_its_line_and_the_others_can_be_taken(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    first, values = own()
    lines = [line for line in rows(first) if line["relation"] != "not_same"]
    lines[0]["catalog_id"], lines[0]["relation"] = "no-such", "exact"
    preview = send(cora, table(lines), values)
    assert "<strong>Line 2:</strong>" in preview.content.decode()
    assert take(cora, preview).status_code == 302
    assert Mapping.objects.count() == 54


def test_an_element_chosen_in_usagi_is_named_for_the_review_page(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    lines = rows(usagi())
    next(line for line in lines if line["sourceCode"] == "sex")["conceptId"] = str(decision_files.number("ecog"))
    preview = send(cora, table(lines))
    assert f"/mapping/{CODE}/?show=all&amp;field=sex&amp;element=ecog" in preview.content.decode()
    assert take(cora, preview).status_code == 302
    assert not Mapping.objects.filter(path="sex").exists()


@pytest.mark.parametrize(("data", "said"), HOSTILE.values(), ids=HOSTILE)
def test_bytes_that_are_no_table_are_refused_in_words(uploaded: World, data: bytes, said: str) -> None:
    answer = send(signed_in(uploaded, "cora"), data or b" ")
    assert answer.status_code == 422
    assert said in answer.content.decode()


@pytest.mark.parametrize("read", ["x", "x:y:z", "\0"])
def test_a_preview_that_is_not_ours_is_refused(uploaded: World, read: str) -> None:
    answer = signed_in(uploaded, "cora").post(URL, {"read": read, "reason": "r"})
    assert answer.status_code == 422
    assert "too old or not yours" in answer.content.decode()


def test_the_preview_of_another_person_is_refused(uploaded: World) -> None:
    preview = send(signed_in(uploaded, "cora"), *own())
    uploaded.people["carl"] = User.objects.create_user("carl", "carl@example.org", "secret")
    Membership.objects.create(user=uploaded.people["carl"], role=Role.CURATOR, valid_from=date(2020, 1, 1))
    assert take(signed_in(uploaded, "carl"), preview).status_code == 422
    assert not Mapping.objects.exists()


def test_an_admin_sees_what_a_file_would_change_and_leaves_the_deciding_to_curators(uploaded: World) -> None:
    dana = signed_in(uploaded, "dana")
    preview = send(dana, *own())
    assert "A curator can take these decisions." in preview.content.decode()
    assert "Take the decisions" not in preview.content.decode()
    assert take(dana, preview).status_code == 403
    assert not Mapping.objects.exists()


def test_a_program_without_a_dictionary_says_what_to_do(uploaded: World) -> None:
    cora = signed_in(uploaded, "cora")
    assert "Nothing uploaded yet" in cora.get("/mapping/sma_registry/decisions/").content.decode()
    assert cora.get("/mapping/sma_registry/decisions/own/").status_code == 404
    assert cora.get(f"{URL}other/").status_code == 404


def test_the_preview_takes_as_many_queries_for_many_rows(
    uploaded: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    loading.load_decisions(uploaded.programs[CODE], actor=AT)
    cora = signed_in(uploaded, "cora")
    with django_assert_max_num_queries(20):
        send(cora, *own())
