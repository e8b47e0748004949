"""The journey: its stage, the browser, and people who come in when they are first needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from tests.journeys.people import SHOTS, Person
from tests.journeys.stage import Stage


@dataclass
class Journey:
    """The stage, and people who come in when they are first needed."""

    stage: Stage
    browser: Browser
    base: str
    mail: Path
    people: dict[str, Person] = field(default_factory=dict)

    def everybody_leaves(self) -> None:
        """Close all browsers; who comes back signs in again. Fails on any console error or breach of the policy."""
        people, self.people = list(self.people.values()), {}
        for person in people:
            person.page.screenshot(path=SHOTS / f"last-{person.name}.png")  # where it stood when a step failed
        for person in people:
            person.is_content()
            person.page.context.close()

    def __getattr__(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person(self.browser, self.base, name)
        return self.people[name]
