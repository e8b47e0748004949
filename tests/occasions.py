"""Hand-made facts on real releases: occasions by day since infusion, answers, records. For tests of pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from capture.ask.contexts import context_of, fixed_end
from capture.ask.facts import (
    GATE,
    Answer,
    Entered,
    EnteredRecord,
    Entry,
    Occasion,
    PatientFacts,
    Record,
    TreatmentFact,
    VisitFacts,
    gate_key,
)
from capture.ask.load import asks_of
from forms_catalog.specs import ReleaseSpec

INFUSION = date(2025, 1, 1)
PATIENT = 1
TREATMENT = TreatmentFact(4, INFUSION, "axi-cel")


def day(number: int) -> date:
    """The date of a day number; the infusion is day 0."""
    return INFUSION + timedelta(days=number)


def occasion(
    release: ReleaseSpec, program: str, code: str, on: int, *, last: int | None = None, visit: int = 7
) -> Occasion:
    """The timepoint `code` of `program` speaking for day `on`; its last report spoke for day `last`, at visit 3."""
    return Occasion(
        uuid=f"{program}-{code}",
        program=program,
        program_title=program,
        entry_code=code,
        label=code,
        kind="followup",
        enrollment_id=10 + sorted(release.programs).index(program),
        treatment=TREATMENT,
        visit_id=visit,
        as_of=day(on),
        after=day(-1 if last is None else last),
        window_start=day(on - 15),
        window_end=day(on + 15),
        reported_on=day(on),
        enrolled_on=day(0),
        asks=asks_of(release, program, code),
        fixed_end=fixed_end(release.programs[program].rules, INFUSION, day(on - 15)),
        told_at=frozenset() if last is None else frozenset({3}),
    )


def visit(release: ReleaseSpec, *occasions: Occasion, patient: PatientFacts | None = None) -> VisitFacts:
    """A visit with these occasions."""
    ordered = tuple(sorted(occasions, key=lambda o: o.program))
    number = ordered[0].visit_id
    known = patient or PatientFacts(PATIENT)
    return VisitFacts(number, f"visit-{number}", "followup", ordered[0].as_of, known, ordered, release)


def record(number: int, group: str, **values: str) -> Record:
    """A stored record; field names with _ for -."""
    answers = {k.replace("_", "-"): Answer(k.replace("_", "-"), "", f"o{number}", v) for k, v in values.items()}
    return Record(str(number), group, {k: replace(a, id=f"r{number}-{k}") for k, a in answers.items()})


def gate(group: str, after: int, upto: int, value: str = "no", visit: int = 3) -> Answer:
    """The answer that everything of `group` in (after, upto] is entered."""
    return Answer(GATE, group, f"v{visit}", value, covers_from=day(after), covers_to=day(upto), id=f"{group}-{upto}")


def answer(
    release: ReleaseSpec, element: str, value: str, at: Occasion, *, visit: int = 3, on: int = 0, missing: str = ""
) -> Answer:
    """An answer given at an earlier visit, observed on day `on`."""
    earlier = replace(at, visit_id=visit)
    context = context_of(release.elements[element], earlier, PATIENT, day(on))
    return Answer(
        element, "", context, value, missing, observed_on=day(on), source="chart", visit_id=visit, id=f"a-{element}"
    )


def typed(visit: int = 7, /, **values: str) -> dict[str, Entry]:
    """Entries by element for questions whose context is the visit itself."""
    return {f"{k.replace('_', '-')}~~v{visit}": Entry(v) for k, v in values.items()}


def entered(
    answers: dict[str, Entry] | None = None, *records: EnteredRecord, gates: dict[str, str] | None = None
) -> Entered:
    """Typed answers, records and "anything new?" answers by group."""
    said = {gate_key(group, 7): Entry(value) for group, value in (gates or {}).items()}
    return Entered({**(answers or {}), **said}, tuple(records))


def new_record(number: int, group: str, **values: str) -> EnteredRecord:
    """A record typed at the visit."""
    return EnteredRecord(f"new-{number}", group, {k.replace("_", "-"): Entry(v) for k, v in values.items()})
