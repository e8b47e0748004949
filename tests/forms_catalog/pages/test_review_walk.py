"""All 55 fields of car_pass_sponsor from nothing decided to all decided, in Chromium, with the keyboard alone."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog import mapping
from forms_catalog.models import DecisionEffort, Mapping
from forms_catalog.specs import MappingSpec
from forms_catalog.suggesting import DIRECT
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in
from tests.forms_catalog.pages.reviewing import CODE, URL
from tests.forms_catalog.pages.walking import Curator
from tests.releases import decided

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIELDS = 55


@pytest.fixture
def reviewed(transactional_db: None) -> cast.World:
    """Uploaded and proposed; the machine has decided what it may, no person anything."""
    return cast.reviewed_world()


def said(spec: MappingSpec) -> tuple[object, ...]:
    """What a direct decision comes to: relation, element, and the table of answers."""
    table = next((dict(s.args.get("map", {})) for s in spec.transform if s.op == "recode"), {})
    return spec.relation, [s.element for s in spec.sources], {str(k): str(v) for k, v in table.items()}


def test_a_curator_maps_every_field_with_the_keyboard(
    quiet_page: Page, live_server: Any, reviewed: cast.World, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(live_server.url + URL)
    cora, recorded, began = Curator(quiet_page), decided(CODE).by_path, time.monotonic()
    machine = Mapping.objects.filter(by_machine=True, state="confirmed").count()
    with quiet_page.expect_navigation():
        cora.press("A")
    with quiet_page.expect_navigation():
        cora.press("a")
    together = DecisionEffort.objects.count()
    alone = 0
    while path := cora.field():
        cora.decide(recorded[path])
        refused = quiet_page.locator("#panel .notice-danger").all_inner_texts()
        assert refused == [], f"{path} is refused"
        alone += 1
        assert alone <= FIELDS, f"{path} does not get decided"
    seconds = time.monotonic() - began
    quiet_page.get_by_text("All decided").wait_for()
    look(quiet_page, "review-all-decided")
    quiet_page.keyboard.press("?")
    quiet_page.locator("dialog[open]").wait_for()
    look(quiet_page, "review-keys")
    quiet_page.keyboard.press("Escape")
    made = {m.path: mapping.spec_of(m) for m in Mapping.objects.filter(state="confirmed")}
    assert set(made) == set(recorded)
    assert len(made) == FIELDS == machine + together + alone
    direct = [path for path, spec in recorded.items() if spec.relation in DIRECT]
    assert {p: said(made[p]) for p in direct} == {p: said(recorded[p]) for p in direct}
    with capsys.disabled():
        people = together + alone
        print(
            f"\n{FIELDS} fields: {machine} by the machine, {together} in one batch, {alone} one by one; "
            f"{cora.keys} keys, {cora.keys / people:.1f} a field, {seconds / people:.1f} s a field by a script"
        )
