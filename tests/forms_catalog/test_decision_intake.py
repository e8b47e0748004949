"""Files of decisions taken in by load_decisions --from: part of the fields, bad rows by line, hostile bytes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_catalog import decision_export, decision_files, decision_intake, loading, mapping, seeding
from forms_catalog.decision_files import UnreadableTable
from forms_catalog.models import Mapping, Proposal
from forms_catalog.specs import Step
from sites.models import TrailEntry
from tests import kept
from tests.releases import decided, dictionary
from tests.world import AT, World, build, upload

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"


def _uploaded() -> World:
    world = build()
    seeding.load_catalog(actor=AT, reason="test")
    upload(world, CODE)
    return world


@pytest.fixture
def uploaded(db: None) -> World:
    return kept.once(_uploaded)


def run(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*args, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def table(lines: list[dict[str, str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def own() -> tuple[str, str]:
    """The recorded decisions as our two tables."""
    found = decided(CODE)
    return decision_files.own(found.mappings, found.not_same, dictionary(CODE).fields, seeding.elements())


def usagi() -> str:
    told = [(m, "cora", "2026-06-01") for m in decided(CODE).mappings]
    return decision_files.usagi(told, dictionary(CODE).fields, seeding.elements())


def written(folder: Path, text: str, values: str = "") -> str:
    """The path of a file with this text, its codes beside it."""
    (folder / "d.csv").write_text(text, encoding="utf-8")
    if values:
        (folder / "d_values.csv").write_text(values, encoding="utf-8")
    return str(folder / "d.csv")


def test_an_exported_file_loads_as_what_is_recorded_does(uploaded: World, tmp_path: Path) -> None:
    wanted = decided(CODE)
    done = run("load_decisions", CODE, "--from", written(tmp_path, *own()))
    assert done == {"confirmed": 55, "unchanged": 0, "not_same": len(wanted.not_same), "kept": 0, "undecided": 0,
                    "to_confirm": 0}  # fmt: skip
    assert run("load_decisions", CODE)["unchanged"] == 55


def test_a_usagi_file_loads_and_names_what_was_chosen_there(uploaded: World, tmp_path: Path) -> None:
    lines = rows(usagi())
    changed = next(line for line in lines if line["sourceCode"] == "sex")
    changed["conceptId"] = str(decision_files.number("ecog"))
    done = run("load_decisions", CODE, "--from", written(tmp_path, table(lines)))
    assert (done["confirmed"], done["undecided"], done["to_confirm"]) == (54, 1, 1)
    assert not Mapping.objects.filter(path="sex").exists()


def test_part_of_the_fields_loads_and_the_others_stay_undecided(uploaded: World, tmp_path: Path) -> None:
    first, values = own()
    some = [line for line in rows(first) if line["relation"] != "not_same"][:3]
    codes = [line for line in rows(values) if line["variable"] in {r["variable"] for r in some}]
    done = run("load_decisions", CODE, "--from", written(tmp_path, table(some), table(codes) if codes else ""))
    assert (done["confirmed"], done["undecided"]) == (3, 52)
    assert Mapping.objects.count() == 3


def test_a_table_with_semicolons_loads_too(uploaded: World, tmp_path: Path) -> None:
    first, values = own()
    found = written(tmp_path, table(rows(first), ";"), table(rows(values), ";"))
    assert run("load_decisions", CODE, "--from", found, "--dry-run")["confirmed"] == 55
    assert not Mapping.objects.exists()


def test_what_a_person_decided_stays(uploaded: World, tmp_path: Path) -> None:
    theirs = next(m for m in decided(CODE).mappings if m.path == "dthdt")
    mapping.confirm(uploaded.programs[CODE], theirs, actor=uploaded.actor("cora", "curator"), reason="my own view")
    assert run("load_decisions", CODE, "--from", written(tmp_path, *own()))["kept"] == 1
    assert Mapping.objects.get(path="dthdt").reason == "my own view"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"catalog_id": "no-such"}, "there is no element 'no-such'"),
        ({"relation": "alike"}, "'alike' is not a relation"),
        ({"reason": ""}, "needs a short reason"),
        ({"program": "sma_registry"}, "this row is for program sma_registry"),
        ({"variable": "no_such"}, "no_such is not a field"),
        ({"transform": "[["}, "line 2: "),
        ({"transform": "[" * 100_000}, "a transform is a list of steps"),
        ({"transform": '[{"op":"recode","args":3}]'}, "a transform is a list of steps"),
        ({"transform": '[{"op":"recode","args":{"map":[]}}]'}, "a recode needs its codes as a table"),
        ({"transform": '[{"op":"date","args":{"format":"\\u0000"}}]'}, "NUL character"),
        ({"transform": '[{"op":"date","args":{"format":"\\ud800"}}]'}, "cannot be kept"),
        ({"transform": '[{"op":"date","args":{"format":1e999}}]'}, "cannot be kept"),
        ({"further_sources": "ecog#" + "q" * 121}, "longer than 120"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_loaded(
    uploaded: World, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    first, values = own()
    lines = [line for line in rows(first) if line["relation"] != "not_same"]
    lines.sort(key=lambda line: line["variable"] != "dthdt")
    lines[0] |= change
    with pytest.raises(CommandError, match="Nothing was loaded") as refused:
        run("load_decisions", CODE, "--from", written(tmp_path, table(lines), values))
    assert refused.value.returncode == 2
    assert "line 2: " in str(refused.value)
    assert said in str(refused.value)
    assert not Mapping.objects.exists()


def test_a_field_decided_and_refused_as_one_element_is_a_bad_row(uploaded: World) -> None:
    first, values = own()
    lines = [line for line in rows(first) if line["relation"] != "not_same"]
    row = next(line for line in lines if line["variable"] == "dthdt")
    lines.append({**row, "relation": "not_same"})
    given = decision_intake.read(uploaded.programs[CODE], table(lines), values)
    assert [(p.line, p.path, p.code) for p in given.problems] == [(len(lines) + 1, "dthdt", "pair_refused")]


HOSTILE = {
    "nothing": (b"", "is empty"),
    "a NUL": (b"program,variable\na,\x00b\n", "Line 2: there is a NUL"),
    "a cell of a megabyte": (b"program,variable\n" + b"x" * 1_000_000, "Line 2: this is no CSV"),
    "no text": (b"program\n\xff\xfa\n", "Line 2: the text is not UTF-8"),
    "a zip": (b"PK\x03\x04", "is a spreadsheet or a zip"),
    "another table": (b"a,b\n1,2\n", "lacks the column"),
    "half a letter": (b"\xff\xfea", "not UTF-8"),
}


@pytest.mark.parametrize(("data", "said"), HOSTILE.values(), ids=HOSTILE)
def test_bytes_that_are_no_table_are_refused_in_words(uploaded: World, tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "d.csv").write_bytes(data)
    with pytest.raises(CommandError, match=said) as refused:
        run("load_decisions", CODE, "--from", str(tmp_path / "d.csv"))
    assert refused.value.returncode == 2


@pytest.mark.parametrize("cell", ["\0", "x" * 200_000])
def test_a_hostile_usagi_table_raises_one_error(cell: str) -> None:
    with pytest.raises(UnreadableTable, match="Line 2"):
        decision_files.read_usagi(f"sourceCode,mappingStatus,conceptId\n{cell},APPROVED,1\n", CODE)


def test_a_file_that_is_not_there_exits_2(uploaded: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read") as refused:
        run("load_decisions", CODE, "--from", str(tmp_path / "none.csv"))
    assert refused.value.returncode == 2


def test_the_kind_that_is_named_must_be_that_of_the_file(uploaded: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no table of the kind own"):
        run("load_decisions", CODE, "--from", written(tmp_path, usagi()), "--format", "own")


def test_the_preview_tells_what_each_row_would_do(uploaded: World) -> None:
    program, found = uploaded.programs[CODE], decided(CODE)
    first, second, third = [m for m in found.mappings if m.relation == "exact"][:3]
    loading.load_decisions(program, actor=AT)
    mapping.undo(Mapping.objects.get(path=first.path), actor=uploaded.actor("cora", "curator"), reason="look again")
    Mapping.objects.filter(path=second.path).update(relation="broader")
    Mapping.objects.filter(path=third.path).delete()
    lines = {line.key: line for line in decision_intake.preview(program, decision_intake.read(program, *own()))}
    told = [lines[m.path] for m in (first, second, third)]
    assert [line.status for line in told] == ["theirs", "changed", "new"]
    assert [line.seen for line in told] == [2, 1, 0]
    assert told[1].differs == ("relation",)
    assert {line.status for line in lines.values() if line not in told} == {"same"}


def test_what_is_taken_is_taken_whole_and_is_in_the_trail(uploaded: World) -> None:
    program, cora = uploaded.programs[CODE], uploaded.actor("cora", "curator")
    given = decision_intake.read(program, *own())
    lines = decision_intake.preview(program, given)
    chosen = {line.key: line.seen for line in lines}
    done = decision_intake.take(program, given, chosen, actor=cora, reason="from the workshop", file_name="d.csv")
    assert done == {"decided": 55, "marked": len(decided(CODE).not_same)}
    assert Proposal.objects.filter(state="not_same", decided_by="cora").count() == done["marked"]
    assert TrailEntry.objects.get(action="import_decisions").reason == "from the workshop"


def test_one_decision_made_meanwhile_stops_all_of_them(uploaded: World) -> None:
    program, cora = uploaded.programs[CODE], uploaded.actor("cora", "curator")
    given = decision_intake.read(program, *own())
    chosen = {line.key: line.seen for line in decision_intake.preview(program, given)}
    mapping.confirm(program, given.found.mappings[-1], actor=uploaded.actor("dana", "admin"), reason="mine")
    with pytest.raises(mapping.MappingConflict):
        decision_intake.take(program, given, chosen, actor=cora, reason="all", file_name="d.csv")
    assert Mapping.objects.count() == 1


def unit_without_factor(world: World) -> str:
    """A decision on a unit that leaves the factor to the catalog, as the machine writes it; gives its path."""
    spec = next(m for m in decided(CODE).mappings if m.relation == "unit_conversion")
    steps = tuple(Step(s.op, {n: v for n, v in s.args.items() if n != "factor"}) for s in spec.transform)
    mapping.confirm(world.programs[CODE], replace(spec, transform=steps), actor=AT, reason="the same in another unit")
    return spec.path


def test_what_is_exported_comes_back_as_it_stands_also_where_the_catalog_gives_the_factor(uploaded: World) -> None:
    path = unit_without_factor(uploaded)
    texts = decision_export.standing(uploaded.versions[CODE], "own").texts
    given = decision_intake.read(uploaded.programs[CODE], texts["own"], texts["values"])
    (line,) = decision_intake.preview(uploaded.programs[CODE], given)
    assert (line.path, line.status) == (path, "same")


def test_a_factor_that_is_not_the_catalogs_own_is_a_difference(uploaded: World) -> None:
    unit_without_factor(uploaded)
    (row,) = rows(decision_export.standing(uploaded.versions[CODE], "own").texts["own"])
    (step,) = json.loads(row["transform"])
    other = json.dumps([{"op": "unit", "args": {**step["args"], "factor": "x*7"}}])
    given = decision_intake.read(uploaded.programs[CODE], table([{**row, "transform": other}]))
    told = decision_intake.preview(uploaded.programs[CODE], given)
    assert [(line.status, line.differs) for line in told] == [("changed", ("steps",))]
