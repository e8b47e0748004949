"""docs/reuse.md says what the catalog and the code do."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

from capture.ask import marks
from forms_catalog import starter
from forms_catalog.transforms import select
from tests.capture.ask.reuse import RELEASE, ask_of, at, line_of, text
from tests.capture.ask.reuse_tables import EU_LATER, LATER, PASS, TABLES
from tests.occasions import gate, record

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reuse.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
CLASSES = {cells[0].strip("`"): cells[1:] for cells in ROWS if len(cells) == 4}
RULES = {cells[0].strip("`"): cells[1:] for cells in ROWS if len(cells) == 3}
INFECTION = record(1, "infection", infection_date=text(150), infection_organism="viral")


def later(name: str) -> str:
    """How an ask of the class stands when a later visit is opened."""
    if name == "record":
        return line_of("inf_agent", EU_LATER, gate("infection", -1, 180), records=(INFECTION,)).state
    never_typed = {
        "from-timepoint": ("visit", LATER),
        "from-treatment": ("infdt", at(PASS, "ENR", 0)),
        "from-events": ("stdisc", at(PASS, "M6", 180)),
    }
    if name in never_typed:
        return line_of(*never_typed[name]).state
    cases = [
        c for c in TABLES[name] if c[0].startswith(("later visit", "a yes is known", "the months before", "not before"))
    ]
    _, here, path, answers, _, _ = cases[0]
    return line_of(path, here, *answers).state


def test_the_page_has_every_class_with_the_catalogs_meaning() -> None:
    file = resources.files("forms_catalog.content").joinpath("catalog.json")
    values = json.loads(file.read_text(encoding="utf-8"))["reuse_values"]
    assert CLASSES.keys() == values.keys()
    plain = {name: re.sub(r"\s*\([^)]*\)", "", meaning) for name, meaning in values.items()}
    wrong = [
        name for name, row in CLASSES.items() if not plain[name].startswith(re.sub(r"\s*\([^)]*\)", "", row[0])[:60])
    ]
    assert wrong == []


def test_each_example_is_of_its_class_and_stands_as_the_page_says() -> None:
    elements = starter.elements()
    assert {name: elements[row[1].strip("`")].reuse for name, row in CLASSES.items()} == {n: n for n in CLASSES}
    assert {name: row[2] for name, row in CLASSES.items()} == {name: later(name) for name in CLASSES}


def test_the_page_has_every_rule_of_a_series_in_the_same_words() -> None:
    assert {name: row[0] for name, row in RULES.items()} == dict(select.RULES)
    waits = {name for name, row in RULES.items() if "every draw" in row[1]}
    assert waits == set(select.OVER_A_PERIOD)


def test_the_steps_of_the_page_are_what_the_shipped_decisions_hold() -> None:
    shown = re.findall(r"```json\n(.*?)\n```", PAGE, re.S)
    mapping = ask_of("car_registry_na", "anc_rec").mapping
    assert mapping is not None
    assert json.loads(shown[1]) == {"op": "reported", "args": dict(mapping.transform[-1].args)}
    assert select.read(json.loads(shown[0])[0]["args"]).days == 30
    told = json.loads(shown[2])["reportable"]
    rules = {group: dict(marks.rules(RELEASE, group)["car_registry_na"]) for group in told}
    assert {g: set(rule) for g, rule in told.items()} == {g: set(rule) - {"basis"} for g, rule in rules.items()}
    assert told["infection"]["again_after_days"].items() <= rules["infection"]["again_after_days"].items()
