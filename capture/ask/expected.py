"""What one joint visit is expected to cost, from a release and the entries it serves, for a patient not looked at.

Pure. Questions behind a condition are asked at one visit in four (assumption). Called by what_if and the load.
"""

from __future__ import annotations

from datetime import date, timedelta

from capture.ask import charges, load, sheet
from capture.ask.asksheet import AskSheet
from capture.ask.facts import ConsentFact, Occasion, PatientFacts, TreatmentFact, VisitFacts
from forms_catalog.specs import ReleaseSpec
from sites.burden import cost, shares

ANCHOR = date(2030, 1, 1)
CONDITIONAL = 0.25
PERIOD = timedelta(days=180)


def centiseconds_of(release: ReleaseSpec, keys: tuple[str, ...], on: date) -> int:
    """Overhead, shown questions, conditional ones by assumption, expected queries. `keys` are program:CODE."""
    made = blank_sheet(release, keys, on)
    shown = [q for q in made.questions if q.visible and q.askers]
    hidden = [q for q in made.questions if not q.visible and q.kind != "gate"]
    middle = sum(q.centiseconds for q in shown) + round(CONDITIONAL * sum(q.centiseconds for q in hidden))
    return cost.visit_overhead() + middle + cost.queries(len(shown))


def shares_of(release: ReleaseSpec, keys: tuple[str, ...]) -> dict[str, int]:
    """Program → its fair share of the expected centiseconds of a joint visit."""
    made = blank_sheet(release, keys, ANCHOR + PERIOD)
    programs = charges.programs(made)
    split = shares.split(charges.items(made), programs, overhead=cost.visit_overhead())
    return {program: s.share for program, s in split.items()}


def blank_sheet(release: ReleaseSpec, keys: tuple[str, ...], on: date) -> AskSheet:
    """The ask sheet of a visit of a patient of whom nothing is known."""
    occasions = tuple(
        sorted((_occasion(release, key, i, on) for i, key in enumerate(keys, 1)), key=lambda o: o.program)
    )
    patient = PatientFacts(1, consents=tuple(ConsentFact(o.enrollment_id, ANCHOR) for o in occasions))
    return sheet.build(VisitFacts(1, "expected", "followup", on, patient, occasions, release))


def _occasion(release: ReleaseSpec, key: str, number: int, on: date) -> Occasion:
    program, code = key.split(":", 1)
    return Occasion(
        uuid=key,
        program=program,
        program_title=program,
        entry_code=code,
        label=code,
        kind="followup",
        enrollment_id=number,
        treatment=TreatmentFact(1, ANCHOR, ""),
        visit_id=1,
        as_of=on,
        after=on - PERIOD,
        window_start=on,
        window_end=on,
        reported_on=on,
        asks=load.asks_of(release, program, code),
    )
