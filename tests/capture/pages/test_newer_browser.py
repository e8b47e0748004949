"""In Chromium: a sponsor hands in version 2; a coordinator moves her open visit and loses nothing typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from capture.accept import accepting
from capture.enter import drafts
from capture.enter.drafts import Typed
from capture.models import Patient, Response, SetAsideValue, Visit
from capture.plan import runs
from forms_catalog import intake, mapping, starter
from forms_catalog.models import DictionaryVersion, Mapping
from forms_catalog.specs import MappingSpec
from tests import world as cast
from tests.journeys import answering
from tests.journeys.people import Person
from tests.journeys.story import DAY100
from tests.world import AT, TODAY, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASS, GONE, FRESH = "car_pass_sponsor", "car-transgene-copies", "draft:car_pass_sponsor:fatigue"
INFUSED = TODAY - timedelta(days=100)
TOLD = replace(DAY100, values={**DAY100.values, FRESH: "Y"})


def version_2() -> str:
    """The sponsor's dictionary with a question less, a question more, other words and another option."""
    rows = starter.program_csv(PASS).decode().splitlines(keepends=True)
    kept = [r for r in rows if not r.startswith("carqpcr,")]
    text = "".join(kept).replace("EQ VAS (0-100)", "EQ VAS score (0-100)").replace("4, Site constraint", "4, Weather")
    return text + 'fatigue,safety,,radio,Fatigue since previous visit,"Y, Yes | N, No",,,,,,,,,,,,\n'


def decide(world: World) -> None:
    """What the change of version left open is decided: as before, and the added question as a new one."""
    version = intake.latest(world.programs[PASS])
    assert version is not None
    standing = {row.path: row for row in Mapping.objects.filter(program__code=PASS)}
    reopened = {a.field.path for a in mapping.decided(version).asks if a.mapping is None} & set(standing)
    assert reopened <= {"eqvas", "vismiss"}, "only what changed in meaning is decided again"
    for path in reopened:
        spec = mapping.spec_of(standing[path])
        mapping.confirm(world.programs[PASS], spec, actor=AT, reason="still the same fact")
    fresh = MappingSpec(PASS, "fatigue", "new", ())
    mapping.confirm(world.programs[PASS], fresh, actor=AT, reason="no element fits")


def carried_over() -> int:
    """Decisions that hold in version 2, kept or carried, without anybody deciding again."""
    version = DictionaryVersion.objects.get(program__code=PASS, number=2)
    meanings = set(version.fields.values_list("path", "meaning_hash"))
    standing = Mapping.objects.filter(program__code=PASS, state=Mapping.State.CONFIRMED)
    return len(meanings & set(standing.values_list("path", "meaning_hash")))


def accept(world: World, version: DictionaryVersion) -> None:
    made = accepting.estimate(version, [world.north], actor=AT, today=TODAY)
    runs.run_all(accepting.accept(made, actor=AT, reason="version 2").run, today=TODAY)


@pytest.fixture
def told(transactional_db: None) -> World:
    return cast.car_world()


def test_an_open_visit_is_moved_to_version_2_and_nothing_typed_is_lost(
    django_db_setup: None, told: World, live_server: Any, browser: Browser, tmp_path: Path
) -> None:
    visit = cast.visit_on(Patient.objects.get(), "D100")
    alice, sam = (Person(browser, live_server.url, name) for name in ("alice", "sam"))
    alice.go(f"/visits/{visit.uuid}/")
    answering.answer(alice.page, TOLD, INFUSED)
    typed = typed_by(told, visit)
    assert GONE in typed

    file = tmp_path / "version-2.csv"
    file.write_text(version_2(), encoding="utf-8")
    (tmp_path / "schedule.json").write_bytes(starter.schedule_json(PASS))
    sam.go(f"/requests/{PASS}/upload/")
    sam.page.get_by_label("Data dictionary").set_input_files(file)
    sam.page.get_by_label("Follow-up schedule").set_input_files(tmp_path / "schedule.json")
    sam.press("Upload")
    sam.reads("version 2")
    sam.go(f"/requests/{PASS}/versions/2/diff/")
    for said in ("Changed in meaning", "4, Weather", "Fatigue since previous visit", "CAR transgene", "Back to review"):
        sam.reads(said)
    sam.look("versions-compared")
    sam.is_content()
    assert carried_over() > 40, "what did not change keeps its decision without a person"
    decide(told)
    version = intake.latest(told.programs[PASS])
    assert version is not None
    assert version.number == 2
    accept(told, version)

    alice.go("/worklist/")
    alice.reads("a newer form exists")
    alice.go(f"/visits/{visit.uuid}/")
    alice.reads("A newer form exists")
    alice.look("newer-banner")
    alice.press("See what would change")
    alice.reads("Fatigue since previous visit")
    alice.reads("5200")
    alice.reads("CAR transgene copies")
    alice.look("newer-changes")
    alice.press("Move the visit")
    alice.reads("Typed earlier, without a place on this form")
    alice.look("newer-moved")
    assert typed_by(told, visit) == typed
    answering.answer(alice.page, TOLD, INFUSED)
    alice.page.get_by_role("button", name="Submit visit").click()
    alice.reads("Submitted.")
    alice.look("newer-submitted")
    alice.is_content()

    assert SetAsideValue.objects.get(place__startswith=GONE).value == "5200"
    given = {r.element: r.value for r in Response.objects.filter(visit=visit, is_current=True)}
    assert given[FRESH] == "Y"
    assert {e: given[e] for e in ("igg", "eq5d-vas")} == {e: typed[e] for e in ("igg", "eq5d-vas")}


def typed_by(world: World, visit: Visit) -> dict[str, str]:
    """Alice's values by element, typed or set aside; of records by their place."""
    draft = drafts.of(visit, world.alice)
    typed = Typed.load(draft.values if draft else None)
    found = {key.split("~")[0]: e.value for key, e in typed.entered.answers.items() if "any-new" not in key}
    found |= {f"{r.id}.{k}": e.value for r in typed.entered.records for k, e in r.values.items()}
    return found | {a.place.split("~")[0]: a.entry.value for a in typed.aside}
