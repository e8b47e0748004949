"""Answers a visit in the browser as the story tells it: what is visible is answered until nothing new appears."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Locator, Page

from tests.journeys.story import Told, typed

ROUNDS = 6
OPEN_ROWS = """() => [...document.querySelectorAll('#visit-form .question:not([hidden])')].map(
    row => ({key: row.dataset.key, offer: !!row.querySelector('.offer')}))"""


def answer(page: Page, told: Told, infused: date) -> int:
    """Answer every visible question. Gives how many were answered; kept offers are pressed, the rest is typed."""
    done: set[str] = set()
    for _ in range(ROUNDS):
        rows = [r for r in page.evaluate(OPEN_ROWS) if r["key"] not in done and _name(r["key"])[0] not in told.empty]
        if not rows:
            break
        for row in rows:
            _answer(page, row["key"], row["offer"], told, infused)
            done.add(row["key"])
        _keep_draft(page)
    return len(done)


def _answer(page: Page, key: str, offered: bool, told: Told, infused: date) -> None:
    element, qualifier = _name(key)
    if element == "any-new":
        _records(page, key, qualifier, told, infused)
        return
    row = page.locator(f'.question[data-key="{key}"]')
    if offered and element not in told.values:
        row.locator('.offer input[type="checkbox"]').check()
        return
    value = told.values.get(f"{element}~{qualifier}") if qualifier else None
    _type(row, f"a.{key}", typed(told.values[element] if value is None else value, infused))


def _records(page: Page, gate: str, group: str, told: Told, infused: date) -> None:
    """Yes and each record with its fields, or no."""
    rows = told.records.get(group, ())
    page.locator(f'input[name="a.{gate}"][value="{"yes" if rows else "no"}"]').check()
    if not rows:
        return
    box = page.locator(f'.records[data-gate="{gate}"]')
    for _ in rows[1:]:
        box.get_by_role("button", name="Add another").click()
    _keep_draft(page)
    for number, record in enumerate(rows, 1):
        for element, value in record.items():
            field = box.locator(f'.record[data-record="new-{number}"] [data-key^="{element}~"]')
            _type(field, f"r.{group}.new-{number}.{element}", typed(value, infused))


def _type(row: Locator, name: str, value: str) -> None:
    """Choose or type a value in whatever widget the question has."""
    widget = row.locator(f'[name="{name}"]').first
    kind = widget.evaluate("el => el.tagName === 'SELECT' ? 'select' : el.type")
    if kind == "select":
        widget.select_option(value)
    elif kind in ("radio", "checkbox"):
        for code in value.split("|"):
            row.locator(f'[name="{name}"][value="{code}"]').check()
    else:
        widget.fill(value)


def _keep_draft(page: Page) -> None:
    """Alt+S, and wait until the answer said which questions are visible now."""
    with page.expect_response(lambda r: r.url.endswith("/draft/") and r.request.method == "POST"):
        page.keyboard.press("Alt+s")
    page.locator("#saved", has_text="Draft kept").wait_for()
    page.wait_for_timeout(100)  # the answer is read and the rows are shown; waiting by script is barred by the policy


def _name(key: str) -> tuple[str, str]:
    element, qualifier, _ = key.split("~", 2)
    return element, qualifier
