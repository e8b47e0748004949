"""manage.py what_if: the price of two files, as JSON for other systems, and the database as it was before."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from capture.models import Estimate
from forms_catalog import loading, seeding, starter
from forms_catalog.models import DictionaryVersion, Proposal
from sites.models import Program, Site, TrailEntry
from tests import kept
from tests import world as cast
from tests.releases import CAR

pytestmark = pytest.mark.django_db
KINDS = ("covered", "derivable", "near_duplicate", "new")
NEW = "car_pass_sponsor"


def build() -> cast.World:
    world = cast.build()
    seeding.load_catalog(actor=cast.AT, reason="test")
    cast.joined(world, *CAR)
    cast.accept(world, "car_registry_na")
    cast.patient(world, "NRT-0001", "car_registry_na", infused=cast.TODAY - timedelta(days=40))
    return world


@pytest.fixture
def world(db: None) -> cast.World:
    return kept.once(build)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A sponsor's dictionary and schedule as files, under a name that is not known here."""
    (tmp_path / "a_new_study.csv").write_bytes(starter.program_csv(NEW))
    plan = starter.schedule_json(NEW).decode().replace(f'"{NEW}"', '"a_new_study"')
    (tmp_path / "schedule.json").write_text(plan)
    return str(tmp_path / "a_new_study.csv"), str(tmp_path / "schedule.json")


def priced(file: str, schedule: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("what_if", file, schedule=schedule, json=True, stdout=out, **options)
    return dict(json.loads(out.getvalue()))


def test_the_four_kinds_add_up_every_site_has_hours_and_nothing_stays_of_it(
    world: cast.World, files: tuple[str, str]
) -> None:
    stored = (Program, DictionaryVersion, Proposal, TrailEntry, Estimate)
    before = [kind._default_manager.count() for kind in stored]
    found = priced(*files)
    assert [kind._default_manager.count() for kind in stored] == before
    assert sum(found["fields"][kind] for kind in KINDS) == found["fields"]["total"] == 55
    assert found["fields"]["covered"] > 0
    assert set(found["minutes_per_visit"]) == {"low", "mid", "high"}
    assert set(found["hours_per_site_year"]) == set(Site.objects.values_list("code", flat=True))
    assert found["hours_per_site_year"]["north"]["mid"] > 0
    assert found["suggestions"]
    assert all(s["change"] and s["hours_saved_per_year"] > 0 for s in found["suggestions"])


def test_a_program_already_present_does_not_cover_itself(world: cast.World, tmp_path: Path) -> None:
    (tmp_path / "car_registry_na.csv").write_bytes(starter.program_csv("car_registry_na"))
    (tmp_path / "plan.json").write_bytes(starter.schedule_json("car_registry_na"))
    found = priced(str(tmp_path / "car_registry_na.csv"), str(tmp_path / "plan.json"))
    assert found["fields"]["covered"] == found["fields"]["derivable"] == 0
    assert found["fields"]["new"] == found["fields"]["total"]


def test_what_is_decided_here_counts_as_decided(world: cast.World, tmp_path: Path) -> None:
    cast.upload(world, NEW)
    loading.load_decisions(world.programs[NEW], actor=cast.AT)
    (tmp_path / f"{NEW}.csv").write_bytes(starter.program_csv(NEW))
    (tmp_path / "plan.json").write_bytes(starter.schedule_json(NEW))
    found = priced(str(tmp_path / f"{NEW}.csv"), str(tmp_path / "plan.json"), sites=["north"])
    assert found["undecided"] == 0
    assert list(found["hours_per_site_year"]) == ["north"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"file": "missing.csv"}, "missing.csv cannot be read"),
        ({"sites": ["atlantis"]}, "No site is called atlantis. Known: north, south."),
        ({"schedule": "empty.json"}, "schedule"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_to_do(
    world: cast.World,
    files: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    words: str,
) -> None:
    file, schedule = files
    monkeypatch.chdir(Path(file).parent)
    Path("empty.json").write_text('{"programs": {}}')
    options = {"file": file, "schedule": schedule} | change
    with pytest.raises(CommandError, match=words):
        priced(options.pop("file"), options.pop("schedule"), **options)
