"""Step 1: a program's dictionary and schedule in, one immutable DictionaryVersion out; same content, same version.

Called by the upload page, the API and the demo; hands on to mapping.propose. Nothing is refused whole for a bad row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from forms_catalog import formats, serial
from forms_catalog.formats import schedules
from forms_catalog.models import DictionaryVersion, FieldRequest, ScheduleEntry
from forms_catalog.specs import DictionarySpec, FieldSpec, Problem, ProgramSchedule
from sites import trail
from sites.models import Program
from sites.trail import Actor

LARGEST = 10 * 1024 * 1024
MEANING = ("path", "label", "kind", "options", "unit", "branching", "note", "validation", "minimum", "maximum")


class IntakeError(ValueError):
    """A file that cannot be taken in; the message names the place and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@transaction.atomic
def receive(
    program: Program, data: bytes, file_name: str, schedule: bytes | None = None, *, actor: Actor, reason: str = ""
) -> DictionaryVersion:
    """The version of this content. Raises IntakeError for what is no dictionary or no schedule."""
    Program.objects.select_for_update().get(pk=program.pk)
    sha = hashlib.sha256(data + b"\0" + (schedule or b"")).hexdigest()
    if same := DictionaryVersion.objects.filter(program=program, sha256=sha).first():
        trail.record(actor, "upload_again", f"dictionary:{same.uuid}", reason=reason)
        return same
    spec = _read(data, file_name)
    plan, found = _schedule(schedule, program.code, spec)
    version = DictionaryVersion.objects.create(
        program=program,
        number=DictionaryVersion.objects.filter(program=program).count() + 1,
        sha256=sha,
        file_name=file_name[-200:],
        format=spec.format,
        original=data,
        schedule=serial.dump(plan) if plan else {},
        problems=serial.dump([*spec.problems, *found]),
        counts=counts(spec, plan),
        created_at=actor.now,
        created_by=actor.name,
    )
    FieldRequest.objects.bulk_create([_request(version, f) for f in spec.fields])
    entries = plan.entries if plan else ()
    ScheduleEntry.objects.bulk_create(
        [ScheduleEntry(version=version, code=e.code, spec=serial.dump(e)) for e in entries]
    )
    trail.record(actor, "upload", f"dictionary:{version.uuid}", reason=reason, details=version.counts)
    return version


def _read(data: bytes, file_name: str) -> DictionarySpec:
    if len(data) > LARGEST:
        raise IntakeError(
            "too_large", f"The file has {len(data) // 1024} KB; at most {LARGEST // 1024} KB fit. Split it."
        )
    try:
        return formats.read(data, file_name)
    except formats.UnreadableFile as error:
        raise IntakeError(error.code, str(error)) from error


def _schedule(
    data: bytes | None, program: str, spec: DictionarySpec
) -> tuple[ProgramSchedule | None, Sequence[Problem]]:
    """The program's schedule of a schedules file; a file with one program is taken whatever it calls itself."""
    if not data:
        text = "No follow-up schedule came with the dictionary; nothing can be planned until one does."
        return None, [Problem(0, "schedule", "no_schedule", "warning", text)]
    read = schedules.read(data)
    if not read.schedules:
        first = read.problems[0].message if read.problems else "it names no program"
        raise IntakeError("no_schedule", f"The schedule file cannot be used: {first}")
    plan = read.by_program.get(program) or (read.schedules[0] if len(read.schedules) == 1 else None)
    if plan is None:
        names = ", ".join(read.by_program)
        raise IntakeError("other_program", f"The schedule file has no program {program}; it has {names}.")
    forms = {f.form for f in spec.fields}
    missing = [
        Problem(
            0, f"schedule.{e.code}", "form_missing", "warning", f"{e.code} names the form {form}, which is not there."
        )
        for e in plan.entries
        for form in e.forms
        if form not in forms
    ]
    return plan, [*read.problems, *missing]


def counts(spec: DictionarySpec, plan: ProgramSchedule | None) -> dict[str, Any]:
    """The import report in numbers."""
    return {
        "fields": len(spec.fields),
        "questions": len(spec.questions),
        "display_only": sum(1 for f in spec.fields if not f.asks),
        "timepoints": sum(1 for e in plan.entries if e.kind == "followup") if plan else 0,
        "problems": {s: sum(1 for p in spec.problems if p.severity == s) for s in ("error", "warning", "info")},
    }


def meaning_hash(field: FieldSpec) -> str:
    """Changes when the field's meaning does; white space and case of its wording do not count."""
    data = serial.dump(field)
    return serial.digest({name: _plain(data[name]) for name in MEANING})


def _plain(value: Any) -> Any:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _request(version: DictionaryVersion, field: FieldSpec) -> FieldRequest:
    return FieldRequest(
        version=version,
        path=field.path,
        meaning_hash=meaning_hash(field),
        order=field.order,
        asks=field.asks,
        spec=serial.dump(field),
    )


def fields_of(version: DictionaryVersion) -> list[FieldSpec]:
    """The version's fields as specs, in dictionary order."""
    return [serial.load(FieldSpec, row.spec) for row in version.fields.order_by("order")]


def schedule_of(version: DictionaryVersion) -> ProgramSchedule | None:
    """The version's schedule as a spec."""
    return serial.load(ProgramSchedule, version.schedule) if version.schedule else None


def latest(program: Program) -> DictionaryVersion | None:
    """The newest version of a program."""
    return DictionaryVersion.objects.filter(program=program).defer("original").order_by("-number").first()
