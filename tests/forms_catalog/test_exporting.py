"""Exports: what is written, under which names, and that it reads back; page, API and command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from rest_framework.test import APIClient

from forms_catalog import export_choice, exporting, formats, governing, intake, starter
from forms_catalog.specs import Option
from tests.forms_catalog.pages.test_requests import signed_in
from tests.forms_catalog.test_governing import CORA
from tests.releases import CAR, program_spec
from tests.world import World, upload

CODE = "car_pass_sponsor"
OTHER = "car_registry_eu"


def test_each_element_becomes_one_field_in_its_own_words() -> None:
    exported = exporting.catalog(starter.elements().values())
    fields = {f.name: f for f in exported.spec.fields}
    assert len(fields) == len(starter.elements())
    weight = fields["body_weight"]
    element = starter.elements()["body-weight"]
    assert (weight.label, weight.note, weight.unit, weight.codes) == (
        element.label, element.definition, element.unit, element.bindings,
    )  # fmt: skip
    assert weight.form == element.section


def test_names_are_safe_and_each_once() -> None:
    spec = starter.elements()["ecog"]
    twins = [replace(spec, id=key) for key in ("a-b", "a.b", "A_B", "1st", "—")]
    names = [f.name for f in exporting.catalog(twins).spec.fields]
    assert names == ["a_b", "a_b_2", "a_b_3", "q_1st", "field"]
    assert exporting.file_name(exporting.Exported(exporting.catalog([]).spec, '../"x"\r\ny'), "csv") == "x-y.csv"


def test_the_merged_form_asks_each_element_once() -> None:
    programs = [program_spec(code) for code in CAR]
    exported = exporting.merged(programs, starter.elements())
    keys = {
        (s.element, s.qualifier)
        for p in programs for a in p.asks if a.field.asks and a.mapping for s in a.mapping.sources
        if s.element in starter.elements() and starter.elements()[s.element].reuse not in exporting.NEVER_TYPED
    }  # fmt: skip
    assert len(exported.spec.fields) == len(keys) < sum(len(p.asks) for p in programs)
    ecog = next(f for f in exported.spec.fields if f.name == "ecog")
    assert ecog.annotation == "asked by car_pass_sponsor, car_registry_eu"


def test_an_undecided_field_is_named_as_left_out() -> None:
    program = program_spec(CODE)
    asks = tuple(replace(a, mapping=None) if a.field.path == "sex" else a for a in program.asks)
    exported = exporting.merged([replace(program, asks=asks)], starter.elements())
    assert [(x.path, x.what) for x in exported.left_out] == [(f"{CODE}.sex", "mapping")]


def test_an_extra_question_has_its_own_words() -> None:
    programs = [program_spec(code) for code in CAR]
    asks = [a for p in programs for a in p.asks if a.mapping and a.mapping.qualifier_question]
    exported = exporting.merged(programs, starter.elements())
    wanted = {a.mapping.qualifier_question for a in asks if a.mapping}
    assert wanted
    assert wanted <= {f.label for f in exported.spec.fields}
    assert all(isinstance(o, Option) for f in exported.spec.fields for o in f.options)


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def filled(world: World) -> World:
    for code in (CODE, OTHER):
        upload(world, code)
    return world


@pytest.mark.django_db
@pytest.mark.parametrize("to", formats.writers())
def test_the_catalog_and_a_program_read_back_from_every_format(filled: World, to: str) -> None:
    for exported in (export_choice.catalog(), export_choice.program(filled.programs[CODE])):
        made = export_choice.write(exported, to)
        read = formats.read(made.written.data, made.file_name)
        assert len(read.fields) >= made.fields
        assert {f.label for f in exported.spec.fields if f.asks} <= {f.label for f in read.fields}


@pytest.mark.django_db
def test_a_redcap_program_written_as_redcap_is_the_same_dictionary(filled: World) -> None:
    exported = export_choice.program(filled.programs[CODE], 1)
    read = formats.read(export_choice.write(exported, "redcap").written.data)
    before = {f.path: intake.meaning_hash(f) for f in exported.spec.fields}
    assert {f.path: intake.meaning_hash(f) for f in read.fields} == before


@pytest.mark.django_db
def test_retired_elements_and_drafts_are_not_exported(filled: World) -> None:
    governing.retire("ecog", actor=CORA, reason="x")
    assert "ecog" not in {f.name for f in export_choice.catalog().spec.fields}


@pytest.mark.django_db
def test_the_page_shows_losses_before_the_download(filled: World) -> None:
    client, query = signed_in(filled, "sam"), {"what": "program", "program": CODE, "to": "redcap"}
    page = client.get(reverse("exports"), query).content.decode()
    assert f"{CODE}-v1.csv" in page
    assert "Download" in page
    answer = client.get(reverse("export_file"), query)
    assert answer["Content-Disposition"] == f'attachment; filename="{CODE}-v1.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(formats.read(answer.content).fields) == 55


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"what": "program", "program": OTHER, "to": "redcap"}, 404),
        ({"what": "merged", "program": [CODE, OTHER], "to": "redcap"}, 404),
        ({"what": "program", "program": CODE, "version": "9", "to": "redcap"}, 422),
        ({"what": "program", "program": CODE, "version": "x", "to": "redcap"}, 422),
        ({"what": "program", "program": CODE, "to": "pdf"}, 422),
        ({"what": "merged", "to": "redcap"}, 422),
        ({"what": "all", "to": "redcap"}, 422),
    ],
)
def test_what_is_not_theirs_or_not_there_is_refused(filled: World, query: dict[str, str], status: int) -> None:
    client = signed_in(filled, "sam")
    assert client.get(reverse("export_file"), query).status_code == status
    assert client.get(reverse("exports"), query).status_code == status


@pytest.mark.django_db
def test_the_api_gives_the_same_file(filled: World) -> None:
    client = APIClient()
    client.force_authenticate(filled.people["sam"])
    query = {"what": "program", "program": CODE, "to": "redcap"}
    answer = client.get(reverse("api_exports"), query)
    assert answer.content == signed_in(filled, "sam").get(reverse("export_file"), query).content
    assert client.get(reverse("api_exports"), {**query, "to": "pdf"}).status_code == 400


@pytest.mark.django_db
def test_the_command_writes_a_file_and_reports(filled: World, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:  # type: ignore[type-arg]
    out = tmp_path / "merged.csv"
    call_command("export_dictionary", CODE, OTHER, "--merged", "--format", "redcap", "--out", str(out), "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["file"] == str(out)
    assert any(loss["what"] == "mapping" for loss in report["losses"])
    call_command("export_dictionary", "--catalog", "--format", "redcap", "--out", str(out))
    assert "AskOnce catalog, 262 fields" in capsys.readouterr().out
    for wrong in ([], ["no-such"], [CODE, OTHER], [CODE, "--catalog"], [CODE, "--version-number", "7"]):
        with pytest.raises(CommandError):
            call_command("export_dictionary", *wrong, "--format", "redcap", "--out", str(out))
