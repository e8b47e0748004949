"""The closing report an event opens beside the schedule has the questions of the last follow-up."""

from __future__ import annotations

from capture.ask import load
from tests.releases import HEMO, release_of


def test_a_closing_report_beside_the_schedule_asks_what_the_last_follow_up_asks() -> None:
    release = release_of(*HEMO)
    closing = load.asks_of(release, "hemo_registry_global", load.CLOSING)
    assert len(closing) > 20
    assert closing == load.asks_of(release, "hemo_registry_global", "Y15")


def test_an_entry_the_program_does_not_have_asks_nothing() -> None:
    assert load.asks_of(release_of(*HEMO), "hemo_registry_global", "M1") == ()
