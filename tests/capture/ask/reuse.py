"""One ask of a real dictionary at a time: how it stands and what its program gets. For the tables of reuse classes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from capture.ask import sheet, terms
from capture.ask.asksheet import Line
from capture.ask.facts import Answer, Occasion, PatientFacts, Record
from forms_catalog.specs import AskSpec, ReleaseSpec
from tests.occasions import PATIENT, day, occasion, visit
from tests.releases import ALL, release_of

RELEASE = release_of(*ALL)
PLACES = {3: "the earlier reports", 5: "another program's report"}


def ask_of(program: str, path: str, release: ReleaseSpec = RELEASE) -> AskSpec:
    """The program's field with its recorded decision."""
    return next(a for a in release.programs[program].asks if a.field.path == path)


def at(program: str, code: str, on: int, *, last: int | None = None, visit: int = 7, shift: int = 0) -> Occasion:
    """A report of the program for day `on`; its window is 15 days around the day before `shift`."""
    made = occasion(RELEASE, program, code, on, last=last, visit=visit)
    return replace(made, window_start=day(on - shift - 15), window_end=day(on - shift + 15))


def said(
    element: str,
    value: str = "",
    *,
    on: int,
    context: str,
    missing: str = "",
    visit: int | None = 3,
    covers: tuple[int, int] | None = None,
    qualifier: str = "",
) -> Answer:
    """An answer of a visit, observed on a day; `covers` is (after, upto] for a question about a period."""
    span = (day(covers[0]), day(covers[1])) if covers else (None, None)
    return Answer(
        element,
        qualifier,
        context,
        value,
        missing,
        day(on),
        span[0],
        span[1],
        source="chart",
        visit_id=visit,
        id=f"{element}@{context}",
    )


def line_of(path: str, here: Occasion, *answers: Answer, records: tuple[Record, ...] = ()) -> Line:
    """How the ask for `path` stands when the visit is opened, alone on its form."""
    only = replace(here, asks=(ask_of(here.program, path),))
    before = [a for a in answers if a.visit_id != here.visit_id]  # what is typed now is not known before
    facts = replace(visit(RELEASE, only, patient=patient(*before, records=records)), visits=PLACES)
    return sheet.build(facts).lines[0]


def told(path: str, here: Occasion, *answers: Answer, records: tuple[Record, ...] = ()) -> str:
    """What the program gets for `path`."""
    who = patient(*answers, records=records)
    return terms.cell(ask_of(here.program, path), here, who, RELEASE).outcome.value


def patient(*answers: Answer, records: tuple[Record, ...] = ()) -> PatientFacts:
    return PatientFacts(PATIENT, answers, records)


def text(number: int) -> str:
    """The ISO date of a day number."""
    return day(number).isoformat()


def european(found: date) -> str:
    """A date as the European registry writes it."""
    return found.strftime("%d-%m-%Y")
