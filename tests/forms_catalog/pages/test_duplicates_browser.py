"""The duplicates page in Chromium: it fits both widths, and a pair is put aside with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog import duplicates, seeding
from forms_catalog.models import DuplicateFinding
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_curator_puts_a_pair_aside(quiet_page: Page, live_server: Any, transactional_db: None) -> None:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    for code in ("car_pass_sponsor", "hemo_sponsor_aav"):
        cast.upload(world, code)
    duplicates.refresh(actor=cast.AT)
    long = DuplicateFinding.objects.all()[0]
    long.shown["first"]["label"] = "Averyverylongquestion" * 12
    long.save()
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(f"{live_server.url}/mapping/duplicates/")
    look(quiet_page, "duplicates")
    quiet_page.get_by_label("Why").first.fill("another date")
    quiet_page.get_by_role("button", name="Not the same").first.click()
    quiet_page.wait_for_selector("text=Put aside as not the same.")
    assert DuplicateFinding.objects.get(state="dismissed").reason == "another date"
