"""Step 1: files in, one immutable version out; nothing twice, nothing refused whole, hostile bytes refused in words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from forms_catalog import formats, intake, starter
from forms_catalog.intake import IntakeError
from forms_catalog.models import DictionaryVersion, FieldRequest
from forms_catalog.specs import Option
from sites.models import Program, TrailEntry
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "car_pass_sponsor"
HEAD = b"Variable / Field Name,Form Name,Field Type,Field Label\n"


@pytest.fixture
def program(world: World) -> Program:
    return world.programs[CODE]


def receive(program: Program, data: bytes | None = None, schedule: bytes | None = None) -> DictionaryVersion:
    plan = schedule if schedule is not None else starter.schedule_json(CODE)
    return intake.receive(program, data or starter.program_csv(CODE), "c:\\files\\pass.csv", plan, actor=AT)


def test_a_real_dictionary_becomes_fields_entries_and_counts(program: Program) -> None:
    version = receive(program)
    assert (version.number, version.file_name, version.format) == (1, "pass.csv", "redcap")
    assert version.fields.count() == 55
    assert version.entries.count() == version.counts["timepoints"] + version.counts["baseline"]
    assert version.counts["questions"] == version.fields.filter(asks=True).count()
    assert version.counts["branching"]["total"] == version.counts["branching"]["parsed"] > 0
    assert version.counts["choices"] > 100


def test_the_original_bytes_are_kept(program: Program) -> None:
    version = DictionaryVersion.objects.get(pk=receive(program).pk)
    assert bytes(version.original) == starter.program_csv(CODE)


def test_the_same_content_is_the_same_version_with_a_trail_of_both(program: Program) -> None:
    assert receive(program) == receive(program)
    actions = TrailEntry.objects.filter(subject__startswith="dictionary:").order_by("pk")
    assert [t.action for t in actions] == ["upload", "upload_again"]
    assert FieldRequest.objects.count() == 55


def test_another_schedule_makes_another_version(program: Program) -> None:
    first = receive(program)
    second = receive(program, schedule=starter.schedule_json(CODE) + b"\n")
    assert (first.number, second.number) == (1, 2)


def test_problems_of_both_files_are_kept_and_counted(program: Program) -> None:
    data = HEAD + b"a,extra,text,Question\nA b,extra,radio,No choices\n"
    version = receive(program, data)
    found = {p["code"] for p in version.problems}
    assert {"missing_choices", "bad_name", "form_missing", "form_never_due"} <= found
    assert sum(version.counts["problems"].values()) == len(version.problems)


def test_without_a_schedule_the_report_says_what_is_missing(program: Program) -> None:
    version = receive(program, schedule=b"")
    assert version.schedule == {}
    assert [p["code"] for p in version.problems if p["path"] == "schedule"] == ["no_schedule"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"PK\x03\x04zip", "malformed"), (b"   ", "empty"),
     (b"a,b\n1,2\n", "not_a_dictionary"), (HEAD, "no_fields"),
     (HEAD + b"x" * 300 + b",f,text,Long name\n", "name_too_long"),
     (HEAD + b"a,f,text,b\n" * 60_000, "too_many_lines")],
)  # fmt: skip
def test_what_is_no_dictionary_is_refused_with_words(program: Program, data: bytes, code: str) -> None:
    with pytest.raises(IntakeError) as refused:
        receive(program, data)
    assert refused.value.code == code
    assert str(refused.value).endswith((".", ")."))
    assert not DictionaryVersion.objects.exists()


def _schedule(**entry: object) -> bytes:
    point = {"code": "M6", "window_start_day": 1, "window_end_day": 9, "due_day": 9, "forms": ["f"], **entry}
    return json.dumps({"programs": {CODE: {"timepoints": [point]}}}).encode()


@pytest.mark.parametrize(
    ("schedule", "code"),
    [(b"not json", "no_schedule"), (b"[" * 90_000, "no_schedule"),
     (b'{"programs": {"a": {"timepoints": []}, "b": {"timepoints": []}}}', "other_program"),
     (_schedule(code="M" * 60), "code_too_long"), (_schedule(label="\x00"), "schedule_unreadable"),
     (_schedule(label="\ud800"), "schedule_unreadable"), (b"[" * 3_000_000, "schedule_too_large"),
     (_schedule().replace(b"]}}}", b'], "rules": {"x": NaN}}}}'), "schedule_unreadable")],
)  # fmt: skip
def test_a_schedule_that_cannot_be_kept_is_refused(program: Program, schedule: bytes, code: str) -> None:
    with pytest.raises(IntakeError) as refused:
        receive(program, schedule=schedule)
    assert refused.value.code == code


def test_a_schedule_under_another_name_is_taken_with_a_warning(program: Program) -> None:
    version = receive(program, schedule=starter.schedule_json("car_registry_na"))
    assert "named_otherwise" in {p["code"] for p in version.problems}


def test_white_space_and_case_do_not_change_the_meaning() -> None:
    field = formats.read(starter.program_csv(CODE)).fields[3]
    loud = replace(field, label=f"  {field.label.upper()} ", line=99, order=99, required=not field.required)
    assert intake.meaning_hash(loud) == intake.meaning_hash(field)


@pytest.mark.parametrize(
    "change",
    [{"label": "Another"}, {"unit": "mg/dL"}, {"options": (Option("1", "Yes"),)}, {"branching": "[a]='1'"},
     {"form": "other"}, {"note": "since last visit"}, {"validation": "date_dmy"}, {"kind": "integer"}],
)  # fmt: skip
def test_a_change_of_what_is_asked_changes_the_meaning(change: dict[str, object]) -> None:
    field = formats.read(starter.program_csv(CODE)).fields[3]
    assert intake.meaning_hash(replace(field, **change)) != intake.meaning_hash(field)  # type: ignore[arg-type]
