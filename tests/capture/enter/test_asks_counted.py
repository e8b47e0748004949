"""What 15 years ask of one patient: the counts against a sum made by hand, and the page that shows them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from capture.ask.asksheet import AVOIDED, STATES
from capture.enter import asks_counted, lifetimes
from capture.enter.demo_answers import fill
from capture.management.commands import count_asks
from forms_catalog.starter_release import release_of
from tests.releases import SCD
from tests.sizes import THOROUGH

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "asks.md").read_text(encoding="utf-8")
RENEW = "renew it: manage.py count_asks --markdown > docs/asks.md"
PAYER = ("payer_outcomes_scd",)


def by_hand() -> dict[str, Counter[str]]:
    """field → state → how often, from the file that a person summed."""
    with (ROOT / "tests" / "golden" / "payer_six_years.csv").open(encoding="utf-8") as file:
        return {r["field"]: +Counter({s: int(r[s]) for s in STATES}) for r in csv.DictReader(file)}


def test_six_years_of_one_patient_are_what_a_person_summed_by_hand() -> None:
    found: dict[str, Counter[str]] = {}
    answering = lambda facts: fill(facts, asks_counted.GOES_ON)  # noqa: E731
    for done in lifetimes.follow(release_of(*PAYER), PAYER, answering, infusion=asks_counted.INFUSION):
        for line in done.sheet.lines:
            found.setdefault(line.path, Counter())[line.state] += 1
    assert found == by_hand()


def test_the_page_shows_the_sum_made_by_hand() -> None:
    total = sum(by_hand().values(), Counter[str]())
    avoided = sum(total[s] for s in AVOIDED)
    row = " | ".join(str(total[s]) for s in STATES)
    assert f"| payer_outcomes_scd | 7 | 7 | {total.total()} | {row} | {avoided} | 8 % |" in PAGE


def two_sets() -> str:
    """The rows of two sets: a whole page takes a minute."""
    return "\n".join(asks_counted.rows([asks_counted.quiet(release_of(*p), p) for p in (PAYER, SCD)]))


@pytest.mark.thorough
def test_the_page_shows_what_is_counted_now() -> None:
    made = count_asks.page() if THOROUGH else two_sets()
    assert [line for line in made.splitlines() if line not in PAGE.splitlines()] == [], RENEW


def test_every_avoided_ask_has_its_reason() -> None:
    counted = asks_counted.busy(release_of(*SCD), SCD, patients=2)
    assert sum(counted.why.values()) == counted.avoided
    assert counted.received == sum(counted.states[s] for s in STATES)


def test_the_command_counts_a_set_as_json() -> None:
    out = io.StringIO()
    call_command("count_asks", "--programs", "payer_outcomes_scd", "--json", stdout=out)
    (found,) = json.loads(out.getvalue())
    assert (found["received"], found["visits"]) == (188, 7)


def test_an_unknown_program_is_named_with_those_there_are() -> None:
    with pytest.raises(CommandError, match="no shipped program nothing") as refused:
        call_command("count_asks", "--programs", "nothing")
    assert refused.value.returncode == count_asks.UNKNOWN_PROGRAM
