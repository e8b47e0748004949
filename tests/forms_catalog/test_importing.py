"""Import of elements: from a catalog, from a dictionary; safe to repeat; hostile files give one error."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from forms_catalog import governing, importing, starter, taking_in
from forms_catalog.formats import UnreadableFile
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.importing import Known
from forms_catalog.models import Element, ElementVersion
from sites.models import TrailEntry
from tests.forms_catalog.pages.test_requests import signed_in
from tests.forms_catalog.test_governing import CORA
from tests.world import World

CATALOG = (starter.CONTENT / "catalog.json").read_bytes()
GRIP = {
    "id": "grip",
    "label": "Grip strength",
    "definition": "Of the stronger hand.",
    "datatype": "decimal",
    "unit_ucum": "kg",
    "reuse": "measured",
}
HEAD = (
    b"field_name,form_name,field_type,field_label,"
    b"select_choices_or_calculations,text_validation_type_or_show_slider_number\n"
)
FORM = (
    HEAD
    + b"""record_id,visit,text,Record,,
sex_at_birth,visit,radio,Sex at birth,"male, Male | female, Female",
Grip_R,visit,text,Grip strength right (kg),,number
total,visit,calc,Total,[grip_r]*2,
"""
)


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def test_our_own_catalog_is_read_in_its_own_shape() -> None:
    found = importing.read(CATALOG)
    assert (found.format, found.ids_are_ours, found.problems) == ("catalog", True, ())
    assert {e.id: e for e in found.elements} == dict(starter.elements())


def test_one_element_a_line_is_read_and_a_broken_line_is_reported() -> None:
    found = importing.read(lines(GRIP) + b"\n{oops}\n" + lines({**GRIP, "id": "grip-left"}))
    assert [e.id for e in found.elements] == ["grip", "grip-left"]
    assert [(p.line, p.code) for p in found.problems] == [(2, "not_json")]


def test_the_questions_of_a_dictionary_become_drafts_with_ids_of_their_own() -> None:
    found = importing.read(FORM, prefix="prom")
    assert (found.format, found.ids_are_ours) == ("redcap", False)
    assert [e.id for e in found.elements] == ["prom-record-id", "prom-sex-at-birth", "prom-grip-r"]
    grip = found.elements[2]
    assert (grip.datatype, grip.unit, grip.reuse, grip.section) == ("decimal", "kg", "confirm", "visit")


def known(state: str = "released", **changes: object) -> dict[str, Known]:
    spec = importing.read(lines(GRIP)).elements[0]
    return {"grip": Known(replace(spec, **changes), state, 3)}  # type: ignore[arg-type]


def statuses(data: bytes, there: dict[str, Known], twins: dict[str, str] | None = None) -> list[str]:
    return [row.status for row in importing.plan(importing.read(data), there, set(), twins or {})]


def test_each_element_is_new_changed_same_or_a_twin() -> None:
    assert statuses(lines(GRIP), {}) == ["new"]
    assert statuses(lines(GRIP), {}, {"grip": "grip-strength"}) == ["twin"]
    assert statuses(lines(GRIP), known()) == ["same"]
    assert statuses(lines(GRIP), known(label="Grip")) == ["changed"]


def test_what_would_change_the_meaning_of_answers_is_refused_with_a_reason() -> None:
    row = importing.plan(importing.read(lines(GRIP)), known(unit="[lb_av]"), set(), {})[0]
    assert (row.status, row.changed) == ("refused", ("unit",))
    assert "Make a new element" in row.problem
    assert statuses(lines(GRIP), known("draft", unit="[lb_av]")) == ["changed"]


def test_a_dictionary_never_changes_an_element_it_only_shares_a_name_with() -> None:
    spec = replace(importing.read(FORM).elements[2], label="Other")
    row = importing.plan(importing.read(FORM), {"grip-r": Known(spec, "released", 1)}, set(), {})[2]
    assert row.status == "refused"
    assert "import with a prefix" in row.problem


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**GRIP, "id": "draft:a:b"}, "is no id"),
        ({**GRIP, "definition": ""}, "definition is missing"),
        ({**GRIP, "group": "no-such"}, "no record group"),
        ({**GRIP, "summary_of": "no-such"}, "no record group"),
        ({**GRIP, "detail_of": "no-such"}, "detail of"),
        ({**GRIP, "label": "x" * 30_000}, "more than 20000"),
        ({**GRIP, "reuse": "sometimes"}, "not a rule"),
    ],
)
def test_a_bad_element_is_refused_alone(row: dict[str, str], said: str) -> None:
    rows = importing.plan(importing.read(lines(row, {**GRIP, "id": "good"})), {}, set(), {})
    assert [r.status for r in rows] == ["refused", "new"]
    assert said in rows[0].problem


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"[1, 2]", b'{"elements": 7}', b"[" * 100_000, b'{"a":' * 100_000, b"PK\x03\x04zip",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"a,b\n1,2\n", b"\xff\xfe\x00\x01", b"{" + b"\x00" * 50,
        b"Variable / Field Name,Field Type,Field Label\n",
    ],
    ids=range(13),
)  # fmt: skip
def test_a_hostile_or_empty_file_gives_one_error_soon(data: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(UnreadableFile):
        importing.read(data)
    assert time.perf_counter() - started < 10


def test_numbers_and_texts_no_database_takes_are_left_out() -> None:
    data = b'{"id": "a", "label": "x\\u0000y\\ud800", "range": [NaN, 1e999], "effort_seconds": 1' + b"0" * 400 + b"}"
    spec = importing.read(data).elements[0]
    assert (spec.label, spec.minimum, spec.maximum, spec.effort_seconds) == ("xy?", None, None, None)


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def cora(world: World) -> Client:
    return signed_in(world, "cora")


@pytest.mark.django_db
def test_taking_in_writes_drafts_once(cora: Client) -> None:
    incoming = importing.read(lines(GRIP))
    chosen = taking_in.takeable(taking_in.preview(incoming))
    assert taking_in.take(incoming, chosen, actor=CORA, reason="wanted") == {"added": 1, "changed": 0}
    assert Element.objects.get(key="grip").state == "draft"
    again = taking_in.preview(incoming)
    assert [row.status for row in again] == ["same"]
    assert taking_in.take(incoming, taking_in.takeable(again), actor=CORA, reason="x") == {"added": 0, "changed": 0}
    assert TrailEntry.objects.filter(action="import_catalog").count() == 1


@pytest.mark.django_db
def test_our_own_catalog_again_is_all_the_same(cora: Client) -> None:
    assert {row.status for row in taking_in.preview(importing.read(CATALOG))} == {"same"}


@pytest.mark.django_db
def test_a_question_much_like_an_element_is_a_twin_and_left_out(cora: Client) -> None:
    rows = {row.spec.id: row for row in taking_in.preview(importing.read(FORM, prefix="prom"))}
    assert (rows["prom-sex-at-birth"].status, rows["prom-sex-at-birth"].twin) == ("twin", "sex-at-birth")
    assert "prom-sex-at-birth" not in taking_in.takeable(tuple(rows.values()))
    assert "prom-sex-at-birth" in taking_in.takeable(tuple(rows.values()), twins=True)


@pytest.mark.django_db
def test_the_search_for_twins_can_be_bounded(cora: Client) -> None:
    incoming = importing.read(FORM, prefix="prom")
    statuses = [row.status for row in taking_in.preview(incoming, 1)]
    assert statuses == ["new", "new", "new"]


@pytest.mark.django_db
def test_a_change_meanwhile_stops_the_import(cora: Client) -> None:
    ecog = starter.elements()["ecog"]
    row = {**next(e for e in json.loads(CATALOG)["elements"] if e["id"] == "ecog"), "note": "theirs"}
    incoming = importing.read(lines(row))
    chosen = taking_in.takeable(taking_in.preview(incoming))
    governing.edit(replace(ecog, note="mine"), actor=CORA, reason="x")
    with pytest.raises(ElementConflict):
        taking_in.take(incoming, chosen, actor=CORA, reason="x")
    bad = importing.read(lines({**row, "options": ["a"]}))
    with pytest.raises(GoverningError):
        taking_in.take(bad, {"ecog": 2}, actor=CORA, reason="x")


def upload(client: Client, data: bytes, **post: str) -> Any:
    return client.post(reverse("catalog_import"), {"file": SimpleUploadedFile("f.json", data), **post})


@pytest.mark.django_db
def test_the_page_previews_and_then_takes_in(cora: Client) -> None:
    page = upload(cora, lines(GRIP, {**GRIP, "id": "grip-left"}, {**GRIP, "id": "bad id"}))
    text = page.content.decode()
    assert "cannot be taken in" in text
    assert not Element.objects.filter(key="grip").exists()
    token = page.context["read"]
    answer = cora.post(reverse("catalog_import"), {"read": token, "leave": "grip-left", "reason": "wanted"})
    assert answer.status_code == 302
    assert set(Element.objects.filter(key__startswith="grip").values_list("key", flat=True)) == {"grip"}
    assert ElementVersion.objects.get(element__key="grip").created_by == "cora"
    assert cora.post(reverse("catalog_import"), {"read": token, "reason": "x"}).status_code == 409


@pytest.mark.django_db
def test_a_preview_of_somebody_else_or_without_a_reason_is_refused(world: World, cora: Client) -> None:
    token = upload(cora, lines(GRIP)).context["read"]
    dana = signed_in(world, "dana")
    assert dana.post(reverse("catalog_import"), {"read": token, "reason": "x"}).status_code == 422
    assert cora.post(reverse("catalog_import"), {"read": token, "reason": " "}).status_code == 422
    assert cora.post(reverse("catalog_import"), {"read": token + "x", "reason": "x"}).status_code == 422
    assert upload(cora, b"[" * 100_000).status_code == 422
    assert cora.post(reverse("catalog_import")).status_code == 422


@pytest.mark.django_db
def test_the_command_reports_and_is_safe_to_repeat(
    cora: Client,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "grip.jsonl"
    file.write_bytes(lines(GRIP))
    who = ("--actor", "cora", "--reason", "wanted")
    call_command("import_catalog", str(file), "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["counts"]["new"] == 1
    call_command("import_catalog", str(file), *who)
    assert "1 drafts added" in capsys.readouterr().out
    call_command("import_catalog", str(file), *who, "--json")
    assert json.loads(capsys.readouterr().out)["counts"] == {"new": 0, "changed": 0, "same": 1, "twin": 0, "refused": 0}
    for wrong in ([str(file)], [str(tmp_path / "none"), *who], [str(file), "--format", "dictionary", *who]):
        with pytest.raises(CommandError):
            call_command("import_catalog", *wrong)
