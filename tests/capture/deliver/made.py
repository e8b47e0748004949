"""Small releases and consented patients for slices: one program of a few fields, on the real catalog."""

from __future__ import annotations

from collections.abc import Sequence

from capture.ask.facts import Answer, ConsentFact, EventFact, Occasion, PatientFacts, Record
from capture.deliver.slices import CellOut, Slice
from capture.deliver.slicing import cut
from forms_catalog import merging, starter
from forms_catalog.specs import (
    AskSpec,
    FieldSpec,
    MappingSpec,
    Option,
    ProgramSpec,
    ReleaseSpec,
    ScheduleSpec,
    Source,
    Step,
)
from tests.occasions import PATIENT, day


def fields(*names: str, form: str = "visit", **more: object) -> list[FieldSpec]:
    """Plain text fields of one form."""
    return [FieldSpec(n, n, form, n.title(), "text", i, i, **more) for i, n in enumerate(names)]  # type: ignore[arg-type]


def ask(spec: FieldSpec, element: str = "", *steps: Step, relation: str = "exact", condition: str = "") -> AskSpec:
    """The field with a decided mapping from one element; undecided without one."""
    if not element:
        return AskSpec(spec, None)
    mapping = MappingSpec("study", spec.path, relation, (Source(element),), steps, condition)  # type: ignore[arg-type]
    return AskSpec(spec, mapping, f"m-{spec.path}@2")


def small(*asks: AskSpec) -> ReleaseSpec:
    """The release of one program `study` whose entry M6 shows every form."""
    forms = tuple(dict.fromkeys(a.field.form for a in asks))
    entry = ScheduleSpec("M6", "6 months", forms, 200, 180, 150, 210)
    program = ProgramSpec("study", "A study", "1", asks, (entry,))
    return merging.merge([program], starter.elements(), starter.record_groups())[0]


def recode(**codes: str) -> Step:
    """A recode step."""
    return Step("recode", {"map": codes})


def facts(
    at: Occasion,
    *answers: Answer,
    records: Sequence[Record] = (),
    events: Sequence[EventFact] = (),
    consented: bool = True,
    identified: bool = False,
) -> PatientFacts:
    """A patient with these answers, who consented on day 0 to the program, and where `identified` to be named to it."""
    kinds = ("clinical", *(("identifiers",) if identified else ())) if consented else ()
    consents = tuple(ConsentFact(at.enrollment_id, day(0), data_class=kind) for kind in kinds)
    return PatientFacts(PATIENT, answers, tuple(records), tuple(events), consents)


def said(element: str, value: str = "", missing: str = "", *, visit: int = 7) -> Answer:
    """An answer given at a visit to a question of that visit."""
    return Answer(element, "", f"v{visit}", value, missing, observed_on=day(180), visit_id=visit, id=f"a-{element}")


def own_id(at: Occasion, value: str = "1001") -> Answer:
    """The program's own number of the person."""
    return Answer("subject-id", "", f"e{at.enrollment_id}", value, id="a-subject-id")


def cells(slice_: Slice) -> dict[str, CellOut]:
    """Field name → cell."""
    return {c.name: c for c in slice_.cells}


def values(at: Occasion, patient: PatientFacts, release: ReleaseSpec) -> dict[str, str]:
    """Field name → delivered value, '' where nothing is delivered."""
    return {c.name: c.value for c in cut(at, patient, release).cells}


def options(**codes: str) -> tuple[Option, ...]:
    """Options by code."""
    return tuple(Option(code.strip("_"), label) for code, label in codes.items())
