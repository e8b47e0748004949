"""Step 1: a program's dictionary and schedule in, one immutable DictionaryVersion out; same content, same version.

Called by the upload page, the API and the demo; hands on to proposing. Nothing is refused whole for a bad row.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from forms_catalog import formats, intake_schedule, serial
from forms_catalog.intake_schedule import IntakeError
from forms_catalog.models import DictionaryVersion, FieldRequest, ScheduleEntry
from forms_catalog.specs import DictionarySpec, FieldSpec, Problem, ProgramSchedule
from sites import trail
from sites.models import Program
from sites.trail import Actor

__all__ = ["IntakeError", "counts", "fields_of", "latest", "meaning_hash", "receive", "schedule_of"]

LONGEST_PATH = 250  # what the column holds
COUNTED = ("fields", "questions", "display_only", "choices", "branching", "calculations")
# Whatever comparing calls a change of meaning changes the hash; the place does too, and is carried over.
EXACT = ("path", "form", "kind", "unit", "date_format", "validation", "branching", "calculation", "repeating")
WORDED = ("label", "note")


@transaction.atomic
def receive(
    program: Program,
    data: bytes,
    file_name: str,
    schedule: bytes | Sequence[bytes] | None = None,
    *,
    actor: Actor,
    reason: str = "",
) -> DictionaryVersion:
    """The version of this content, with its fields, schedule entries and problems.

    The same dictionary and schedule again give the same version. Raises IntakeError where the bytes are no dictionary
    or no schedule; the message says what to do.
    """
    Program.objects.select_for_update().get(pk=program.pk)
    sha = hashlib.sha256(b"\0".join([data, *(intake_schedule.files_of(schedule) or [b""])])).hexdigest()
    if same := DictionaryVersion.objects.filter(program=program, sha256=sha).defer("original").first():
        trail.record(actor, "upload_again", f"dictionary:{same.uuid}", reason=reason)
        return same
    spec = _read(data, file_name)
    plan, found = intake_schedule.read(schedule, program.code, spec)
    version = _write(program, sha, data, file_name, spec, plan, [*spec.problems, *found], actor)
    trail.record(actor, "upload", f"dictionary:{version.uuid}", reason=reason, details=version.counts)
    return version


def _read(data: bytes, file_name: str) -> DictionarySpec:
    try:
        spec = formats.read(data, file_name)
    except formats.UnreadableFile as error:
        raise IntakeError(error.code, error.message) from error
    if not spec.fields:
        raise IntakeError("no_fields", "The dictionary has a header but no field. Export it again.")
    long = next((f for f in spec.fields if len(f.path) > LONGEST_PATH), None)
    if long:
        message = f"Line {long.line}: the name of this field is longer than {LONGEST_PATH} characters. Shorten it."
        raise IntakeError("name_too_long", message)
    return spec


def _write(
    program: Program,
    sha: str,
    data: bytes,
    file_name: str,
    spec: DictionarySpec,
    plan: ProgramSchedule | None,
    problems: list[Problem],
    actor: Actor,
) -> DictionaryVersion:
    last = DictionaryVersion.objects.filter(program=program).order_by("-number").values_list("number", flat=True)
    version = DictionaryVersion.objects.create(
        program=program,
        number=(last.first() or 0) + 1,
        sha256=sha,
        file_name=_plain_name(file_name),
        format=spec.format,
        about={"edition": spec.format_version, "title": spec.title, "languages": languages(spec)},
        original=data,
        schedule=serial.dump(plan) if plan else {},
        problems=serial.dump(problems),
        counts=counts(spec, plan, problems),
        created_at=actor.now,
        created_by=actor.name,
    )
    FieldRequest.objects.bulk_create([_request(version, f) for f in spec.fields], batch_size=500)
    rows = [ScheduleEntry(version=version, code=e.code, spec=serial.dump(e)) for e in (plan.entries if plan else ())]
    ScheduleEntry.objects.bulk_create(rows)
    return version


def _plain_name(name: str) -> str:
    """The last part of a path, without what no file name has, as long as the column holds."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-200:] or "dictionary.csv"


def _request(version: DictionaryVersion, field: FieldSpec) -> FieldRequest:
    return FieldRequest(
        version=version,
        path=field.path,
        meaning_hash=meaning_hash(field),
        order=field.order,
        asks=field.asks,
        spec=serial.dump(field),
    )


def counts(spec: DictionarySpec, plan: ProgramSchedule | None, problems: list[Problem]) -> dict[str, Any]:
    """The import report in numbers; nobody answers a `silent` field, though it holds a value (calculated, hidden)."""
    report = formats.summary(spec)
    kept = {name: report[name] for name in COUNTED}
    severities = Counter(p.severity for p in problems)
    kinds = Counter(e.kind for e in plan.entries) if plan else Counter()
    return kept | {
        "silent": len(spec.fields) - len(spec.questions) - report["display_only"],
        "timepoints": kinds["followup"],
        "baseline": kinds["baseline"],
        "problems": {s: severities[s] for s in ("error", "warning", "info")},
    }


def languages(spec: DictionarySpec) -> list[str]:
    """The languages of its texts, the main one first; [] where the file names none."""
    found = (t.language for f in spec.fields for t in f.translations)
    return list(dict.fromkeys(filter(None, (spec.language, *found))))


def meaning_hash(field: FieldSpec) -> str:
    """Changes when the field's meaning does; white space and case of its wording do not count."""
    meaning = {name: getattr(field, name) for name in EXACT} | {name: _plain(getattr(field, name)) for name in WORDED}
    return serial.digest(meaning | {"options": [[o.code, _plain(o.label)] for o in field.options]})


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def fields_of(version: DictionaryVersion) -> list[FieldSpec]:
    """The version's fields as specs, in dictionary order."""
    return [serial.load(FieldSpec, row.spec) for row in version.fields.order_by("order")]


def schedule_of(version: DictionaryVersion) -> ProgramSchedule | None:
    """The version's schedule as a spec."""
    return serial.load(ProgramSchedule, version.schedule) if version.schedule else None


def latest(program: Program) -> DictionaryVersion | None:
    """The newest version of a program."""
    found = DictionaryVersion.objects.filter(program=program).select_related("program").defer("original")
    return found.order_by("-number").first()
