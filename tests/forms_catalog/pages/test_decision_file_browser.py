"""The page of decision files in Chromium: download, change a row, hand it in, look, take it, see it when reviewing."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from forms_catalog import decision_files, loading, seeding
from forms_catalog.models import Mapping
from tests import world as cast
from tests.forms_catalog.pages.looking import look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODE = "car_pass_sponsor"
REASON = "Decided again at the workshop of the registries."


def table(lines: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def test_a_curator_changes_a_decision_through_a_file(
    quiet_page: Page, live_server: Any, transactional_db: None, tmp_path: Path
) -> None:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    cast.upload(world, CODE)
    loading.load_decisions(world.programs[CODE], actor=cast.AT)
    Mapping.objects.filter(path="sex").update(decided_by="dana")
    sign_in(quiet_page, live_server.url, "cora")
    quiet_page.goto(f"{live_server.url}/mapping/{CODE}/")
    quiet_page.get_by_role("link", name="Decision files").click()
    look(quiet_page, "decisions")
    names = {}
    for name in ("Decisions (CSV)", "Their codes (CSV)"):
        with quiet_page.expect_download() as saved:
            quiet_page.get_by_role("link", name=name).click()
        names[name] = tmp_path / saved.value.suggested_filename
        saved.value.save_as(names[name])
    file = names["Decisions (CSV)"]
    lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    plain = [line for line in lines if line["relation"] == "exact"]
    plain[0] |= {"relation": "broader", "reason": REASON}
    plain[1]["catalog_id"] = "no-such-element"
    next(line for line in lines if line["variable"] == "sex")["relation"] = "broader"
    file.write_text(table(lines), encoding="utf-8")
    quiet_page.get_by_label("Decisions", exact=True).set_input_files(file)
    quiet_page.get_by_label("Their codes").set_input_files(names["Their codes (CSV)"])
    quiet_page.get_by_role("button", name="Look at it").click()
    quiet_page.wait_for_selector("text=there is no element 'no-such-element'")
    look(quiet_page, "decisions-preview")
    quiet_page.get_by_label("Why this file is taken").fill("workshop")
    quiet_page.keyboard.press("Enter")
    quiet_page.wait_for_selector("text=Taken from car_pass_sponsor.csv: 1 decision.")
    quiet_page.goto(f"{live_server.url}/mapping/{CODE}/?show=all&field={plain[0]['variable']}")
    quiet_page.wait_for_selector(f"#panel >> text={REASON}")
    assert Mapping.objects.get(path=plain[0]["variable"]).relation == "broader"
    assert Mapping.objects.get(path="sex").decided_by == "dana"


def test_what_was_chosen_in_usagi_leads_to_the_review_page(
    quiet_page: Page, live_server: Any, transactional_db: None, tmp_path: Path
) -> None:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    cast.upload(world, CODE)
    loading.load_decisions(world.programs[CODE], actor=cast.AT)
    sign_in(quiet_page, live_server.url, "dana")
    quiet_page.goto(f"{live_server.url}/mapping/{CODE}/decisions/")
    with quiet_page.expect_download() as saved:
        quiet_page.get_by_role("link", name="OHDSI Usagi (CSV)").click()
    file = tmp_path / "usagi.csv"
    saved.value.save_as(file)
    lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    next(line for line in lines if line["sourceCode"] == "sex")["conceptId"] = str(decision_files.number("ecog"))
    file.write_text(table(lines), encoding="utf-8")
    quiet_page.get_by_label("Decisions", exact=True).set_input_files(file)
    quiet_page.get_by_role("button", name="Look at it").click()
    look(quiet_page, "decisions-usagi")
    quiet_page.get_by_role("link", name="sex").click()
    quiet_page.wait_for_selector('article[data-path="sex"][data-element="ecog"]')
