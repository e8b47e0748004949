"""File names and contents that mean harm, through the upload page and the API: an answer with words, never a 500."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from forms_catalog import intake, starter
from forms_catalog.models import DictionaryVersion
from tests.forms_catalog.formats import hostile
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"
NAMES = {
    "a path": "../../../etc/passwd",
    "a path of Windows": "..\\..\\boot.ini",
    "a NUL": "a\x00b.csv",
    "a right-to-left mark": "\u202evsc.exe",
    "four thousand characters": "x" * 4_000,
    "a line end": "a\r\nSet-Cookie: x.csv",
    "a mark up": "<script>alert(1)</script>.csv",
    "nothing printable": "\u200b\u202e",
}
FILES = ("entities that multiply", "deep JSON", "a zip that lies about its size", "a quote that each line opens anew")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_file_name_harms_the_intake(world: World, name: str) -> None:
    intake.receive(world.programs[CODE], starter.program_csv(CODE), name, actor=AT)
    kept = DictionaryVersion.objects.get(program__code=CODE).file_name
    assert 0 < len(kept) <= 200
    assert kept.isprintable()
    assert not set(kept) & set("/\\")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_file_name_harms_the_upload_page(world: World, name: str) -> None:
    client = Client()
    client.force_login(world.people["sam"])
    file = SimpleUploadedFile("x.csv", starter.program_csv(CODE))
    file.name = name.replace("\r\n", " ") or "x"
    assert client.post(reverse("request_upload", args=[CODE]), {"dictionary": file}).status_code in (302, 400, 422)


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_is_refused_on_the_page_and_by_the_api(world: World, what: str) -> None:
    data = hostile.CORPUS[what][0]()
    page, api = Client(), APIClient()
    page.force_login(world.people["sam"])
    api.force_authenticate(world.people["sam"])
    shown = page.post(reverse("request_upload", args=[CODE]), {"dictionary": SimpleUploadedFile("x.csv", data)})
    given = {"program": CODE, "dictionary": SimpleUploadedFile("x.csv", data)}
    answer = api.post(reverse("api_dictionaries"), given, format="multipart")
    assert (shown.status_code, answer.status_code) == (422, 400)
    assert not DictionaryVersion.objects.exists()
