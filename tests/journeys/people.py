"""People in the browser: each has an own context; every page is looked at in two widths; problems are collected."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import pictures
from tests.processes import ROOT
from tests.world import PASSWORD

SHOTS = ROOT / "screenshots" / "journey"
KEPT = os.environ.get("ASKONCE_SHOTS", "")  # `make shots` names the folder of the README's pictures here
WIDTHS = (390, 1366)
HEIGHT = 850


class Person:
    """Somebody signed in, in a browser of their own."""

    def __init__(self, browser: Browser, base: str, name: str) -> None:
        self.base, self.name, self.problems = base, name, list[str]()
        context = browser.new_context(viewport={"width": WIDTHS[-1], "height": HEIGHT}, accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda m: self.problems.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.go("/login/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")
        self.page.wait_for_selector(".site-nav")

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.base + path)

    def press(self, name: str, nth: int = 0) -> None:
        """Press the button whose name begins so."""
        self.page.get_by_role("button", name=name).nth(nth).click()

    def reads(self, text: str) -> None:
        """The page shows this text."""
        self.page.get_by_text(text).first.wait_for()

    def look(self, name: str, *, keep: bool = False) -> None:
        """A picture at both widths, nothing wider than the window, and no axe violation at all."""
        self.page.wait_for_load_state()  # a click only begins to open the next page
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            wide, there = self._widths()
            assert wide <= there, f"{name}: {self.page.url} is {wide} px wide in a window of {there}"
            pictures.take(self.page, SHOTS / f"{name}-{width}.png")
        if keep and KEPT:
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.screenshot(path=Path(KEPT) / f"{name}.png")
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        assert not found, [f"{name}: {v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]

    def _widths(self) -> tuple[int, int]:
        """Pixels of the page and of its window, once the page has come to rest in a window of a new size."""
        at_rest = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.page.evaluate(at_rest)
        root = "document.documentElement"
        wide, there = self.page.evaluate(f"[{root}.scrollWidth, {root}.clientWidth]")
        return wide, there

    def is_content(self) -> None:
        """No console error and no breach of the security policy so far."""
        assert not self.problems, f"{self.name} at {self.page.url}: {self.problems}"

    def expect_refusal(self, status: int) -> None:
        """The browser notes a refused request as an error; exactly that one is taken back."""
        told = [p for p in self.problems if f"status of {status}" in p]
        self.problems = [p for p in self.problems if p not in told]
        assert told, f"no answer {status} was seen: {self.problems}"
