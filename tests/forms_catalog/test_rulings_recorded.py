"""The rulings that are shipped fit the shipped programs, change no form, and leave open what nobody decided."""

from __future__ import annotations

import pytest

from forms_catalog import conflict_kinds, merging, settling, starter
from forms_catalog.models import ConflictRuling
from forms_catalog.specs import Conflict, Ruling
from tests.releases import ALL, program_spec, release_of
from tests.world import AT, World


def shipped() -> tuple[Conflict, ...]:
    return merging.merge([program_spec(p) for p in ALL], starter.elements(), starter.record_groups())[1]


def rulings() -> list[Ruling]:
    return [Ruling(r["kind"], r["place"], r["content"], r["choice"]) for r in settling.recorded()]


def test_every_recorded_ruling_is_about_a_conflict_as_it_stands() -> None:
    by_place = {(c.kind, c.place): c for c in shipped()}
    stale = [r for r in rulings() if conflict_kinds.standing(by_place[(r.kind, r.place)], [r]) is None]
    assert stale == [], "look at these again, then write the content they are about now"
    assert all(row["reason"] and len(row["reason"]) <= settling.LONGEST_REASON for row in settling.recorded())


def test_what_the_recorded_decisions_do_not_say_is_left_open() -> None:
    assert [(c.kind, c.place) for c in conflict_kinds.still_open(shipped(), rulings())] == [
        ("options_differ", "vital-status"),
        ("options_differ", "tumor-transgene-tested"),
        ("options_differ", "pregnancy-recipient"),
        ("no_target", "payer_outcomes_scd.cov_active"),
        ("identifier", "hemo_registry_global.dob_my"),
    ]


def test_recorded_rulings_change_no_form() -> None:
    specs = [program_spec(p) for p in ALL]
    ruled, _ = merging.merge(specs, starter.elements(), starter.record_groups(), rulings())
    assert ruled == release_of(*ALL)


@pytest.mark.django_db
def test_only_what_is_accepted_here_is_ruled_on_and_only_once(car_world: World) -> None:
    taken = settling.load_recorded(actor=AT)
    assert 0 < taken == ConflictRuling.objects.count() < len(settling.recorded())
    assert settling.load_recorded(actor=AT) == 0
