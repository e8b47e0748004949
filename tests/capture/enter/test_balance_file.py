"""The opening-balance table: a prefilled template, errors by row and column, all or none, a rehearsal, the command."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from capture.enter import balance_file, balance_table
from capture.enter.balance_file import Outcome
from capture.models import OpeningBalance, Patient, Response
from tests.capture.enter.test_opening_balance import INFUSED, late
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db
__all__ = ["late"]
FILLED = {"last_report": "M6", "as_of": "2024-12-04", "program_id": "4711"}
ANSWER = {"what": "answer", "patient": "NRT-0002", "field": "sex-at-birth", "value": "female", "as_of": "2024-12-04"}
EVENT = {"what": "event", "patient": "NRT-0002", "record": "infection 1", "field": "infection-date",
         "value": "2026-01-02"}  # fmt: skip


def filled(world: World, **more: str) -> list[dict[str, str]]:
    """The site's template with one patient filled in."""
    return [r | FILLED | more if r["patient"] == "NRT-0002" else r for r in balance_file.template(world.north)]


def loaded(world: World, rows: list[dict[str, str]], **more: object) -> Outcome:
    data = balance_table.write_csv(rows)
    return balance_file.load(world.north, data, actor=world.actor("alice"), today=TODAY, **more)  # type: ignore[arg-type]


def test_the_template_holds_each_enrolment_without_a_balance(car_world: World, late: Patient) -> None:
    rows = balance_file.template(car_world.north)
    assert {(r["patient"], r["program"]) for r in rows} >= {
        ("NRT-0002", "car_registry_na"),
        ("NRT-0001", "car_pass_sponsor"),
    }
    assert [r["infusion_date"] for r in rows if r["patient"] == "NRT-0002"] == [INFUSED.isoformat()]
    assert set(rows[0]) <= set(balance_table.COLUMNS)


@pytest.mark.parametrize("write", [balance_table.write_csv, balance_table.write_xlsx])
def test_a_filled_template_is_loaded_from_csv_and_excel_and_again_changes_nothing(
    car_world: World, late: Patient, write: object
) -> None:
    data = write([*filled(car_world), ANSWER, EVENT])  # type: ignore[operator]
    who = {"actor": car_world.actor("alice"), "today": TODAY}
    done = balance_file.load(car_world.north, data, **who)  # type: ignore[arg-type]
    assert (done.wrong, done.loaded, done.counts) == ((), True, {"patients": 1, "changed": 1, "wrong": 0})
    assert (done.lines[0].answers, done.lines[0].events) == (2, 1)
    again = balance_file.load(car_world.north, data, **who)  # type: ignore[arg-type]
    assert (again.counts["changed"], OpeningBalance.objects.count()) == (0, 1)


def test_a_rehearsal_says_the_same_and_writes_nothing(car_world: World, late: Patient) -> None:
    done = loaded(car_world, [*filled(car_world), ANSWER], dry_run=True)
    assert (done.loaded, done.counts["changed"], OpeningBalance.objects.count()) == (False, 1, 0)
    assert not Response.objects.exists()


WRONG = [
    ({"last_report": "M99"}, 2, "last_report", "no time point"),
    ({"as_of": "December"}, 2, "as_of", "no date"),
    ({"as_of": ""}, 2, "as_of", "or neither"),
    ({"program": "car_registry_eu"}, 2, "program", "not followed"),
    ({"patient": "NRT-9999"}, 2, "patient", "no patient of this site"),
    ({"what": "balance"}, 2, "what", "none of report, answer, event"),
    ({"still_owed": "D100 D1"}, 2, "still_owed", "no time point"),
]


@pytest.mark.parametrize(("more", "line", "column", "says"), WRONG)
def test_a_wrong_row_is_named_by_row_and_column_and_nothing_is_loaded(
    car_world: World, late: Patient, more: dict[str, str], line: int, column: str, says: str
) -> None:
    (row,) = [r for r in filled(car_world) if r["patient"] == "NRT-0002"]
    good = {"what": "report", "patient": "NRT-0001", "program": "car_registry_eu", "last_report": "none"}
    done = loaded(car_world, [row | more, good])
    assert [(w.line, w.column, says in w.message) for w in done.wrong] == [(line, column, True)]
    assert OpeningBalance.objects.count() == 0


def test_a_wrong_answer_and_a_wrong_event_are_named_at_their_own_rows(car_world: World, late: Patient) -> None:
    rows = [*filled(car_world), ANSWER | {"field": "igg"}]
    assert [(w.column, "never changes" in w.message) for w in loaded(car_world, rows).wrong] == [("field", True)]
    rows = [*filled(car_world), EVENT | {"field": "bleed-date"}]
    (wrong,) = loaded(car_world, rows).wrong
    assert (wrong.line, wrong.column) == (len(rows) + 1, "field")


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"PK\x03\x04broken", b"what\nreport\n", b"\xff\xfe\x00"])
def test_bytes_that_are_no_table_are_refused_in_words(car_world: World, data: bytes) -> None:
    done = balance_file.load(car_world.north, data, actor=car_world.actor("alice"), today=TODAY)
    assert (done.loaded, len(done.wrong)) == (False, 1)
    assert done.wrong[0].message.endswith(".")


def test_a_correction_by_file_needs_a_reason(car_world: World, late: Patient) -> None:
    loaded(car_world, filled(car_world))
    rows = [{**FILLED, "what": "report", "patient": "NRT-0002", "program": "car_registry_na", "last_report": "Y1"}]
    assert "Say why" in loaded(car_world, rows).wrong[0].message
    assert loaded(car_world, rows, reason="the registry's own list").loaded


def test_the_command_rehearses_loads_and_names_wrong_rows(car_world: World, late: Patient, tmp_path: Path) -> None:
    file = tmp_path / "balance.csv"
    file.write_bytes(balance_table.write_csv(filled(car_world)))
    out = StringIO()
    call_command("load_opening_balance", str(file), "--site", "north", "--dry-run", stdout=out)
    assert "1 would be changed" in out.getvalue()
    assert OpeningBalance.objects.count() == 0
    out = StringIO()
    call_command("load_opening_balance", str(file), "--site", "north", "--json", stdout=out)
    assert json.loads(out.getvalue())["loaded"] is True
    file.write_bytes(balance_table.write_csv([*filled(car_world), ANSWER | {"value": "blue"}]))
    with pytest.raises(CommandError, match=r"row \d+, value"):
        call_command("load_opening_balance", str(file), "--site", "north")
    with pytest.raises(CommandError, match="no site"):
        call_command("load_opening_balance", str(file), "--site", "nowhere")


def test_no_cell_of_the_template_is_a_formula() -> None:
    assert b"'=1+1" in balance_table.write_csv([{"patient": "=1+1"}])


def test_the_columns_are_documented_as_they_are() -> None:
    text = (Path(__file__).parents[3] / "docs" / "opening-balance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|$", text, re.MULTILINE)
    assert rows == list(balance_table.COLUMNS.items())
