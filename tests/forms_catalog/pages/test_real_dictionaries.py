"""Real dictionaries of strangers go through upload, proposals, report and review; the machine stays careful."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from forms_catalog.models import DictionaryVersion, Mapping
from tests.forms_catalog.pages.test_requests import signed_in
from tests.shared_data import SHARED, needs_shared
from tests.world import World

pytestmark = pytest.mark.django_db
FOLDER = SHARED / "data" / "import" / "redcap"


@needs_shared
@pytest.mark.parametrize("name", ["iedea_tblcenter", "ptsd_psilocybin", "genomics_thailand_cancer_registry"])
def test_a_real_dictionary_can_be_uploaded_and_reviewed(catalog_world: World, name: str) -> None:
    client = signed_in(catalog_world, "cora")
    file = SimpleUploadedFile(f"{name}.csv", (FOLDER / f"{name}.csv").read_bytes())
    answer = client.post(reverse("request_upload", args=["sma_registry"]), {"dictionary": file})
    version = DictionaryVersion.objects.get()
    assert version.counts["fields"] == version.fields.count() > 20
    assert client.get(answer["Location"]).status_code == 200
    assert client.get(reverse("mapping_program", args=["sma_registry"]), {"show": "all"}).status_code == 200
    assert Mapping.objects.filter(by_machine=True).count() <= 2
