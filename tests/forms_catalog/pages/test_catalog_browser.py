"""Governance, import and export in Chromium: a curator retires, moves and imports; every page fits both widths."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog import intake, mapping, seeding, suggesting
from forms_catalog.models import Element, Mapping
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in
from tests.releases import decided
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODE = "car_pass_sponsor"
GRIP = {"id": "grip", "label": "Grip strength", "definition": "Of the stronger hand.", "datatype": "decimal"}
TWIN = {
    "id": "birth-sex",
    "label": "Sex at birth",
    "definition": "Sex.",
    "datatype": "choice",
    "options": ["male", "female"],
}


@pytest.fixture
def mapped(transactional_db: None) -> cast.World:
    """ECOG is mapped, a second edition is released, a field has a draft."""
    world = cast.reviewed_world()
    program = world.programs[CODE]
    spec = next(m for m in decided(CODE).mappings if m.sources[0].element == "ecog")
    mapping.confirm(program, spec, actor=AT, reason="the same scale")
    copy = replace(seeding.elements(["ecog"])["ecog"], id="ecog-2", label="ECOG, second edition")
    seeding.save_element(copy, Element.State.RELEASED, actor=AT, reason="second edition")
    field = next(f for f in intake.fields_of(world.versions[CODE]) if f.path == "sex")
    mapping.confirm(program, suggesting.new(CODE, field), actor=AT, reason="nothing fits")
    return world


def test_a_curator_retires_an_element_and_moves_its_mappings(
    quiet_page: Page, live_server: Any, mapped: cast.World
) -> None:
    page = quiet_page
    sign_in(page, live_server.url, "cora")
    page.goto(f"{live_server.url}/catalog/ecog/")
    page.get_by_role("heading", name="Asked once").wait_for()
    look(page, "element-released")
    page.get_by_text("Retire it", exact=True).click()
    look(page, "element-retire")
    page.get_by_label("Replaced by").fill("ecog-2")
    page.get_by_label("Why it is retired").fill("second edition")
    page.get_by_role("button", name="Retire").click()
    page.get_by_role("button", name="Move this mapping").wait_for()
    page.get_by_role("heading", name="Asked once").wait_for()
    look(page, "element-retired")
    page.get_by_label("Why they are moved").fill("second edition")
    page.get_by_role("button", name="Move this mapping").click()
    page.get_by_text("Moved 1 mapping").wait_for()
    assert Mapping.objects.filter(sources__element__key="ecog-2").count() == 1


def test_the_forms_and_the_export_fit(quiet_page: Page, live_server: Any, mapped: cast.World) -> None:
    sign_in(quiet_page, live_server.url, "cora")
    paths = {
        "catalog-search": "/catalog/?q=hemoglobin",
        "catalog-nobody": "/catalog/?asked=nobody&section=labs",
        "element-edit": "/govern/edit/ecog/",
        "element-draft": f"/catalog/draft:{CODE}:sex/",
        "element-promote": f"/govern/promote/draft:{CODE}:sex/",
        "exports": "/exports/",
        "exports-merged": f"/exports/?what=merged&program={CODE}&to=redcap",
        "import": "/govern/import/",
    }
    for name, path in paths.items():
        quiet_page.goto(live_server.url + path)
        quiet_page.wait_for_load_state("networkidle")
        look(quiet_page, name)


def test_a_curator_looks_at_an_import_before_it_is_taken_in(
    quiet_page: Page, live_server: Any, mapped: cast.World
) -> None:
    page = quiet_page
    sign_in(page, live_server.url, "cora")
    page.goto(f"{live_server.url}/govern/import/")
    rows = [GRIP, TWIN, {**GRIP, "id": "bad id"}]
    data = "\n".join(map(json.dumps, rows)).encode()
    page.get_by_label("File").set_input_files({"name": "ours.jsonl", "mimeType": "text/plain", "buffer": data})
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("much like one we have").first.wait_for()
    look(page, "import-preview")
    page.get_by_label("Why").fill("wanted by two programs")
    page.get_by_role("button", name="Take them in").click()
    page.get_by_text("Taken in: 1 new as drafts").wait_for()
    assert Element.objects.get(key="grip").state == "draft"
    assert not Element.objects.filter(key="birth-sex").exists()
