"""A curator at the keyboard: steers the review page to what was recorded for a field, and counts the keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from forms_catalog import serial
from forms_catalog.rollups import CHOICES
from forms_catalog.specs import MappingSpec


@dataclass
class Curator:
    """Presses keys only. `keys` counts them, every letter that is typed among them."""

    page: Page
    keys: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.keys += len(keys)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def field(self) -> str:
        """The field that is open; '' where nothing is left."""
        found = self.page.locator("#panel article")
        return found.get_attribute("data-path") or "" if found.count() else ""

    def decide(self, spec: MappingSpec) -> None:
        """Accept what was recorded: choose the element, its answers, relation or steps, its extra question."""
        element = spec.sources[0].element
        if self.page.locator("#panel article").get_attribute("data-element") != element:
            self._choose(element)
        if spec.qualifier_question:
            self._ask(spec)
        else:
            self._relate(spec)
            self._answers(spec)
        self._accept(spec)

    def _choose(self, element: str) -> None:
        links = self.page.locator(".review-candidates a")
        hrefs = links.evaluate_all("all => all.map(a => a.getAttribute('href'))")
        offered = [parse_qs(urlsplit(h).query)["element"][0] for h in hrefs]
        if element in offered:
            self.press(str(offered.index(element) + 1))
        else:
            self.press("/")
            self.write(element)
            self.press("Enter")
        self.page.locator(f'article[data-element="{element}"]').wait_for()

    def _ask(self, spec: MappingSpec) -> None:
        """The extra question; it stands above the reason, or below where narrower was not proposed."""
        if self.page.locator("#relation").input_value() == "narrower":
            self.press("r", "Shift+Tab", "Shift+Tab")
        else:
            self._relate(spec)
            self.press("e", *["Tab"] * 5)
        self.write(spec.qualifier_question)
        self.press("Escape")

    def _relate(self, spec: MappingSpec) -> None:
        """The relation, and the steps where a roll-up is meant that the page does not propose."""
        shown = self.page.locator("#relation").input_value()
        steps = json.loads(self.page.locator("#steps").input_value() or "[]")
        wanted = [serial.dump(s) for s in spec.transform]
        rollups = [[s for s in found if s["op"] == "rollup"] for found in (steps, wanted)]
        if shown == spec.relation and rollups[0] == rollups[1]:
            return
        if shown != spec.relation:
            self.press("e")
            self.write(spec.relation[:5])
            self.press("Escape")
        if rollups[0] != rollups[1] and not spec.qualifier_question:
            self._roll_up(rollups[1], wanted)

    def _roll_up(self, rollup: list[dict[str, Any]], steps: list[Any]) -> None:
        """Picked by its words, or written where it is none of the usual ones."""
        known = (said for said, args in CHOICES.values() if rollup and args == rollup[0]["args"])
        said = next(known, "")
        if said:
            self.press("o")
            self.write(said[:8])
        else:
            self.press("o", "Tab", "Control+A")
            self.write(json.dumps(steps))
        self.press("Escape")

    def _answers(self, spec: MappingSpec) -> None:
        """The table of answers, where it is not what was recorded."""
        recode = next((s for s in spec.transform if s.op == "recode"), None)
        selects = self.page.locator("select[name^='map:']")
        if recode is None or not selects.count():
            return
        shown = selects.evaluate_all("all => all.map(s => [s.name.slice(4), s.value])")
        wanted = {str(k): str(v) for k, v in dict(recode.args.get("map", {})).items()}
        if all(wanted.get(code, "") == value for code, value in shown):
            return
        self.press("m")
        for n, (code, value) in enumerate(shown):
            if wanted.get(code, "") != value:
                self.write(selects.nth(n).locator(f'option[value="{wanted.get(code, "")}"]').inner_text()[:12])
            self.press("Tab")
        self.press("Escape")

    def _accept(self, spec: MappingSpec) -> None:
        if not self.page.locator("#reason").input_value().strip():
            self.press("r")
            self.write(spec.reason)
            self.press("Escape")
        again = self.page.locator('[data-key="a"][data-agree]').count()
        with self.page.expect_navigation():
            self.press(*("a" if not again else "aa"))
