"""Step 6: cuts one timepoint's slice from every resolved answer, in the program's names, codes, units and dates. Pure.

Known answers of other visits are included. Undecided and refused mappings are never delivered. Called by outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from capture.ask import terms
from capture.ask.facts import Occasion, PatientFacts
from forms_catalog import transforms
from forms_catalog.specs import AskSpec, FieldSpec, ReleaseSpec

HIDDEN = "not applicable: its own rule hides it"
HELD = "held: no decided mapping"


@dataclass(frozen=True, slots=True)
class CellOut:
    """One field of a slice. `value` is in the program's terms; '' with a `note` says why nothing is delivered."""

    path: str
    name: str
    form: str
    section: str
    label: str
    value: str
    note: str
    shown: str
    multiple: tuple[str, ...]
    required: bool
    response_ids: tuple[str, ...] = ()
    mapping_ref: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """What one program gets for one timepoint. `held` says why it may not leave; `problems` name the fields."""

    program: str
    entry_code: str
    label: str
    kind: str
    record_field: str
    subject_id: str
    as_of: str
    after: str
    cells: tuple[CellOut, ...]
    held: str = ""
    problems: tuple[str, ...] = ()
    transform_version: str = transforms.VERSION

    @property
    def values(self) -> int:
        """How many fields carry a value: what has to be copied by hand."""
        return sum(1 for c in self.cells if c.value)


def cut(occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> Slice:
    """The slice of one occasion, in dictionary order. Consent is checked here, per program."""
    cells = tuple(_cell(a, occasion, patient, release) for a in occasion.asks if a.field.asks)
    problems = tuple(p for a, c in zip(_asked(occasion), cells, strict=True) if (p := _problem(a.field, c.value)))
    return Slice(
        program=occasion.program,
        entry_code=occasion.entry_code,
        label=occasion.label,
        kind=occasion.kind,
        record_field=_record_field(occasion.program, release),
        subject_id=subject_id(occasion, patient, release),
        as_of=occasion.as_of.isoformat(),
        after=occasion.after.isoformat(),
        cells=cells,
        held=_held(occasion, patient, problems),
        problems=problems,
    )


def _asked(occasion: Occasion) -> list[AskSpec]:
    return [a for a in occasion.asks if a.field.asks]


def _record_field(program: str, release: ReleaseSpec) -> str:
    """REDCap's record id is the dictionary's first field."""
    asks = release.programs[program].asks
    return min(asks, key=lambda a: a.field.order).field.name if asks else ""


def subject_id(occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> str:
    """The program's own id of the person, where it was given; it is delivered to that program only."""
    for ask in release.programs[occasion.program].asks:
        if ask.mapping and any(s.element == "subject-id" for s in ask.mapping.sources):
            return terms.cell(ask, occasion, patient, release).outcome.value
    return ""


def _cell(ask: AskSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> CellOut:
    field = ask.field
    value, note = "", HELD
    used: tuple[str, ...] = ()
    if ask.mapping is not None and ask.mapping.relation != "not_same":
        if not terms.shows(ask, occasion, patient, release):
            note = HIDDEN
        else:
            found = terms.cell(ask, occasion, patient, release)
            value, note, used = found.outcome.value, found.outcome.refusal or found.outcome.note, found.used
    return CellOut(
        path=field.path,
        name=field.name,
        form=field.form,
        section=field.section,
        label=field.label,
        value=value,
        note=note,
        shown=in_words(field, value),
        multiple=tuple(o.code for o in field.options) if field.kind == "multichoice" else (),
        required=field.required,
        response_ids=used,
        mapping_ref=ask.mapping_ref,
    )


def in_words(field: FieldSpec, value: str) -> str:
    """The program's own label of a code, so that a person copying it finds it in the portal."""
    labels = {o.code: o.label for o in field.options}
    return ", ".join(labels.get(code, code) for code in value.split("|")) if value else ""


def _problem(field: FieldSpec, value: str) -> str:
    """'' where the value obeys the program's own limits, else what the target would refuse."""
    codes = {o.code for o in field.options}
    if value and codes and not set(value.split("|")) <= codes:
        return f"{field.name}: {value} is not one of its codes."
    try:
        number = Decimal(value) if value and (field.minimum or field.maximum) else None
        if number is not None and field.minimum and number < Decimal(field.minimum):
            return f"{field.name}: {value} is below its minimum {field.minimum}."
        if number is not None and field.maximum and number > Decimal(field.maximum):
            return f"{field.name}: {value} is above its maximum {field.maximum}."
    except InvalidOperation:
        return ""
    return ""


def _held(occasion: Occasion, patient: PatientFacts, problems: Sequence[str]) -> str:
    mine = [c for c in patient.consents if c.enrollment_id == occasion.enrollment_id]
    if not any(c.holds(occasion.as_of) for c in mine):
        return f"No consent of this program holds on {occasion.as_of}."
    return f"The target would refuse it: {problems[0]}" if problems else ""
