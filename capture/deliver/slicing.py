"""Step 6: cuts one timepoint's slice from every resolved answer, in the program's names, codes, units and dates. Pure.

Known answers of other visits are included, undecided and refused mappings never. Called by outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count, groupby

from capture.ask import applicable, marks, records
from capture.ask.facts import GUARDIAN, ConsentFact, Occasion, PatientFacts, Record
from capture.ask.periods import Interval
from capture.deliver import limits
from capture.deliver.cells import Reading, identifies
from capture.deliver.slices import CellOut, Row, Slice
from forms_catalog.specs import AskSpec, ReleaseSpec

__all__ = ["CellOut", "Row", "Slice", "cut"]
CLINICAL, IDENTIFIERS = "clinical", "identifiers"  # what a consent can name
OUTGROWN = "The guardian's consent ended when the patient came of age. Ask for the patient's own consent."
WITHIN = 1000  # REDCap has no repeat inside a repeating event: what repeats in the second report starts at 1001
ENDS_CONSENT = {"withdrawn": False, "reconsented": True}


def cut(
    occasion: Occasion,
    patient: PatientFacts,
    release: ReleaseSpec,
    *,
    consents: Sequence[ConsentFact] | None = None,
    instances: Mapping[str, int] | None = None,
) -> Slice:
    """The slice of one occasion in dictionary order. Without a consent it holds no value at all.

    `consents` defaults to the patient's own; `instances` (form/record → number) keeps the repeat numbers of an
    earlier revision.
    """
    program = sorted(release.programs[occasion.program].asks, key=lambda a: a.field.order)
    given = patient.consents if consents is None else consents
    identified = not consent_gap(occasion, patient, given, data_class=IDENTIFIERS)
    out = applicable.ruled_out(patient.answers, release.elements)
    reading = Reading(
        occasion,
        applicable.without(patient, out),
        release,
        {a.field.name: a for a in program},
        identified=identified,
        ruled_out=frozenset(a.element for a in out if a.visit_id == occasion.visit_id),
    )
    gap = consent_gap(occasion, patient, given)
    rows = () if gap else _rows(occasion, reading, instances or {})
    problems = _problems(occasion, rows)
    return Slice(
        program=occasion.program,
        entry_code=occasion.entry_code,
        label=occasion.label,
        kind=occasion.kind,
        record_field=program[0].field.name if program else "",
        subject_id="" if gap else _subject_id(program, reading),
        as_of=occasion.as_of.isoformat(),
        after=occasion.after.isoformat(),
        rows=rows,
        held=gap or (f"The program's system would refuse it. {problems[0]}" if problems else ""),
        problems=problems,
        number=occasion.number,
    )


def withdraw(slice_: Slice, why: str) -> Slice:
    """The slice of a report that was entered in error: it says so, and every value is taken back."""
    note = f"Entered in error: {why}"
    rows = tuple(
        replace(
            r, cells=tuple(replace(c, value="", shown="", state="blank", note=note, response_ids=()) for c in r.cells)
        )
        for r in slice_.rows
    )
    return replace(slice_, rows=rows, held="", problems=(), withdrawn=note)


def consent_gap(
    occasion: Occasion, patient: PatientFacts, consents: Sequence[ConsentFact], *, data_class: str = CLINICAL
) -> str:
    """'' where a consent of this enrolment to this kind of data covers the report, else why it may not leave.

    It must hold on the day the report speaks for. A first consent given later, but before the report was made, covers
    what came before it: a baseline speaks for the infusion and is agreed to afterwards.
    """
    mine = [c for c in consents if c.enrollment_id == occasion.enrollment_id and c.data_class == data_class]
    first = min((c.valid_from for c in mine), default=None)
    later = first is not None and occasion.as_of < first <= occasion.reported_on
    if not later and not any(c.holds(occasion.as_of) or _own_lifts(c, mine, occasion.as_of) for c in mine):
        grown = any(c.outgrown(occasion.as_of) for c in mine)
        return OUTGROWN if grown else f"No consent to this program holds on {occasion.as_of}."
    ended = [e for e in patient.events if e.kind in ENDS_CONSENT and e.program in ("", occasion.program)]
    before = sorted((e for e in ended if e.on < occasion.as_of), key=lambda e: e.on)
    if before and not ENDS_CONSENT[before[-1].kind]:
        return f"Consent to this program was withdrawn on {before[-1].on}."
    return ""


def _own_lifts(own: ConsentFact, consents: Sequence[ConsentFact], day: date) -> bool:
    """Whether the patient's own consent covers a day of full age before it was given: the guardian's covered it until
    then, and the patient goes on with what was agreed to.
    """
    grown = [c.of_age_on for c in consents if c.of_age_on and c.outgrown(day)]
    return bool(grown) and own.given_by != GUARDIAN and own.valid_from > day


def _rows(occasion: Occasion, reading: Reading, taken: Mapping[str, int]) -> tuple[Row, ...]:
    asks = sorted(
        (a for a in occasion.asks if a.field.asks or a.field.field_type == "calc"), key=lambda a: a.field.order
    )
    found: list[Row] = []
    for form, group in groupby(asks, key=lambda a: a.field.form):
        fields = list(group)
        if any(a.field.repeating for a in fields):
            found += _repeats(form, fields, reading, taken)
        else:
            found.append(Row(form, "", "", tuple(reading.out(a) for a in fields)))
    return tuple(found)


def _repeats(form: str, asks: Sequence[AskSpec], reading: Reading, taken: Mapping[str, int]) -> list[Row]:
    """One row a record of the program's own interval; a form that reads no records has one row, if anything.

    The record that a report is about has the report's number, so that it is not written over another's.
    """
    chosen, number = _records_of(asks, reading), reading.occasion.number or 1
    if chosen is None:
        row = Row(form, str(number), "", tuple(reading.out(a) for a in asks))
        return [row] if any(c.value for c in row.cells) else []
    if chosen and chosen[0].id == reading.occasion.record:
        return [_repeat(form, number, chosen[0], asks, reading)]
    first = (number - 1) * WITHIN + 1
    mine = {r.id: taken[f"{form}/{r.id}"] for r in chosen if taken.get(f"{form}/{r.id}", 0) >= first}
    used = {number for key, number in taken.items() if key.startswith(f"{form}/")}
    free = (n for n in count(first) if n not in used)
    numbers = {r.id: mine[r.id] if r.id in mine else next(free) for r in chosen}
    ordered = sorted(chosen, key=lambda r: numbers[r.id])
    return [_repeat(form, numbers[r.id], r, asks, reading) for r in ordered]


def _repeat(form: str, number: int, record: Record, asks: Sequence[AskSpec], reading: Reading) -> Row:
    inside = replace(reading, record=record, known={}, visible={})
    return Row(form, str(number), record.id, tuple(inside.out(a) for a in asks))


def _records_of(asks: Sequence[AskSpec], reading: Reading) -> list[Record] | None:
    """The records a repeating form shows: those of its group in (after, as_of]; None where it reads no record."""
    sources = (s for a in asks if a.mapping for s in a.mapping.sources)
    elements = (reading.release.elements[s.element] for s in sources)
    name = next((e.group for e in elements if e.reuse == "record"), "")
    if not name:
        return None
    if about := records.reported(reading.patient.records, reading.occasion.record, name):
        return [about]
    period = Interval(reading.occasion.after, reading.occasion.as_of)
    told = marks.told_to(reading.patient.records, reading.occasion.program)
    return [r for _, r in records.in_period(told, reading.release.groups[name], period)]


def _subject_id(program: Sequence[AskSpec], reading: Reading) -> str:
    """The program's own id of the person, where it was given; it is delivered to that program only."""
    own = [a for a in program if a.mapping and any(s.element == "subject-id" for s in a.mapping.sources)]
    if own:
        return reading.cell(own[0]).outcome.value
    return _key_of(program[0], reading) if program else ""


def _key_of(first: AskSpec, reading: Reading) -> str:
    """The number in a program's first field, such as a payer's of its member, as last given at any visit so far."""
    if first.mapping is None or not identifies(first, reading.release) or reading.withholds(first):
        return ""
    element, upto = first.mapping.sources[0].element, reading.occasion.as_of
    given = [a for a in reading.patient.answers if a.element == element and a.value and not a.qualifier]
    dated = [(a.observed_on, a.value) for a in given if a.observed_on and a.observed_on <= upto]
    return max(dated)[1] if dated else ""


def _problems(occasion: Occasion, rows: Sequence[Row]) -> tuple[str, ...]:
    fields = {a.field.path: a.field for a in occasion.asks}
    found = (limits.problem(fields[c.path], c.value) for row in rows for c in row.cells)
    return tuple(dict.fromkeys(p for p in found if p))
