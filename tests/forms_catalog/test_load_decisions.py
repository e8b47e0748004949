"""manage.py load_catalog and load_decisions: recorded decisions through the gateway, safe to repeat."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_catalog import decision_files, decisions, intake, loading, mapping, seeding, starter
from forms_catalog.models import Element, ElementVersion, Mapping, Proposal, RecordGroup
from sites.models import Program
from tests.releases import ALL, decided, dictionary
from tests.world import AT, World, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"


def run(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*args, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_catalog_loads_once(db: None) -> None:
    assert run("load_catalog") == {"added": 262, "changed": 0}
    assert run("load_catalog") == {"added": 0, "changed": 0}
    assert (Element.history.count(), ElementVersion.objects.count(), RecordGroup.objects.count()) == (262, 262, 12)


def test_a_changed_element_becomes_a_new_version(db: None) -> None:
    run("load_catalog")
    spec = replace(seeding.elements()["ecog"], label="ECOG, old label")
    assert seeding.save_elements([spec], "released", actor=AT, reason="edited") == {"added": 0, "changed": 1}
    assert seeding.elements()["ecog"].label == "ECOG, old label"
    assert run("load_catalog") == {"added": 0, "changed": 1}


@pytest.mark.parametrize("code", ALL)
def test_every_recorded_decision_loads_and_a_second_run_changes_nothing(world: World, code: str) -> None:
    run("load_catalog")
    upload(world, code)
    first, again = run("load_decisions", code), run("load_decisions", code)
    wanted = decided(code)
    assert (first["confirmed"], first["not_same"]) == (len(wanted.mappings), len(wanted.not_same))
    assert (again["confirmed"], again["unchanged"], again["not_same"]) == (0, len(wanted.mappings), 0)
    assert {m.path: m.reason for m in Mapping.objects.all()} == {m.path: m.reason for m in wanted.mappings}
    assert set(Mapping.objects.values_list("decided_by", flat=True)) == {"system:load_decisions"}


@pytest.mark.parametrize(("kind", "left_out"), [("own", False), ("usagi", True)])
def test_what_stands_is_exported_as_it_can_be_read_again(
    world: World, tmp_path: Path, kind: str, left_out: bool
) -> None:
    run("load_catalog")
    upload(world, CODE)
    run("load_decisions", CODE)
    out = tmp_path / "d.csv"
    done = run("export_decisions", CODE, "--out", str(out), "--format", kind)
    wanted = decided(CODE)
    assert done["decisions"] == len(wanted.mappings)
    assert done["refused_pairs_left_out"] == (len(wanted.not_same) if left_out else 0)
    texts = [decision_files.unguarded(Path(f).read_text(encoding="utf-8")) for f in done["files"]]
    if kind == "own":
        found = decisions.read(texts[0], texts[1], dictionary(CODE), seeding.elements()).mappings
    else:
        found, _ = decision_files.read_usagi(out.read_text(encoding="utf-8"), CODE)
    assert found == wanted.mappings


def test_nothing_is_exported_without_a_dictionary(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no dictionary") as refused:
        run("export_decisions", CODE, "--out", str(tmp_path / "d.csv"))
    assert refused.value.returncode == 2


def test_a_dry_run_writes_nothing(world: World) -> None:
    run("load_catalog")
    upload(world, CODE)
    assert run("load_decisions", CODE, "--dry-run")["confirmed"] == 55
    assert (Mapping.objects.count(), Proposal.objects.count()) == (0, 0)


@pytest.mark.parametrize(("code", "said"), [(CODE, "Upload it first"), ("no_such", "There is no program no_such")])
def test_without_an_upload_it_says_so_and_exits_2(world: World, code: str, said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        run("load_decisions", code)
    assert refused.value.returncode == 2


def test_a_program_without_recorded_decisions_exits_2(world: World) -> None:
    run("load_catalog")
    other = Program.objects.create(code="other", title="Other", sponsor=world.programs[CODE].sponsor, kind="registry")
    intake.receive(other, starter.program_csv(CODE), "other.csv", actor=AT)
    with pytest.raises(CommandError, match="Review its mappings on the page") as refused:
        run("load_decisions", "other")
    assert refused.value.returncode == 2


def test_decisions_without_a_catalog_are_refused_whole(world: World) -> None:
    upload(world, CODE)
    with pytest.raises(CommandError, match="The catalog is empty") as refused:
        run("load_decisions", CODE)
    assert refused.value.returncode == 2


def test_what_a_person_decided_stays(world: World) -> None:
    run("load_catalog")
    upload(world, CODE)
    theirs = replace(decided(CODE).by_path["sex"], relation="exact")
    mapping.confirm(world.programs[CODE], theirs, actor=world.actor("cora", "curator"), reason="my own view")
    assert run("load_decisions", CODE)["kept"] == 1
    assert Mapping.objects.get(path="sex").reason == "my own view"


def test_loading_is_refused_whole_where_one_decision_cannot_be_taken(world: World) -> None:
    run("load_catalog")
    upload(world, CODE)
    program = world.programs[CODE]
    mapping.mark_not_same(program, "sex", "sex-at-birth", actor=world.actor("cora", "curator"), reason="no")
    with pytest.raises(loading.LoadingError, match="Nothing was loaded"):
        loading.load_decisions(program, actor=AT)
    assert not Mapping.objects.exists()
