"""What one joint visit is expected to cost, from a release and the entries it serves, for a patient not looked at.

Pure. Questions behind a condition are asked at one visit in four (assumption). Called by what_if and the load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from capture.ask import charges, load, sheet
from capture.ask.asksheet import OPEN_STATES, AskSheet, Question
from capture.ask.facts import ConsentFact, Occasion, PatientFacts, TreatmentFact, VisitFacts
from forms_catalog.specs import ReleaseSpec
from sites.burden import cost, shares
from sites.burden.cost import Range
from sites.burden.shares import Item

ANCHOR = date(2030, 1, 1)
CONDITIONAL = 0.25
CHANGED = 0.25  # offered values that are typed anew
PERIOD = timedelta(days=180)


def centiseconds_of(release: ReleaseSpec, keys: tuple[str, ...], on: date) -> int:
    """Overhead, shown questions, conditional ones by assumption, expected queries. `keys` are program:CODE."""
    return sum(shares_of_sheet(blank_sheet(release, keys, on)).values())


def shares_of(release: ReleaseSpec, keys: tuple[str, ...]) -> dict[str, int]:
    """Program → its fair share of the expected centiseconds of a joint visit; the sum is `centiseconds_of`."""
    return shares_of_sheet(blank_sheet(release, keys, ANCHOR + PERIOD))


def range_of_sheet(made: AskSheet, modes: Mapping[str, str] | None = None) -> Range:
    """What an open visit is expected to cost, copying by hand included where a program's mode says so."""
    return cost.spread(sum(shares_of_sheet(made, modes).values()))


def shares_of_sheet(made: AskSheet, modes: Mapping[str, str] | None = None) -> dict[str, int]:
    """Program → its fair share of the expected centiseconds of an open visit, copying by hand included."""
    programs = charges.programs(made)
    split = shares.split(items(made), programs, overhead=cost.visit_overhead())
    by_hand = {p for p, mode in (modes or {}).items() if mode == charges.TRANSCRIBE}
    return {p: s.share + (cost.transcription(_delivered(made, p)) if p in by_hand else 0) for p, s in split.items()}


def items(made: AskSheet) -> list[Item]:
    """Each question an open visit may ask, at its expected cost, with the programs that may need it."""
    needing: dict[str, set[str]] = defaultdict(set)
    for line in made.lines:
        if line.state in OPEN_STATES:
            for key in line.questions:
                needing[key].add(line.program)
    return [Item(_weight(q), tuple(sorted(needing[q.key]))) for q in made.questions if needing[q.key]]


def states_of(release: ReleaseSpec, key: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """How each ask of one entry stands for a patient of whom nothing is known: path, state, questions."""
    made = blank_sheet(release, (key,), ANCHOR + PERIOD)
    return tuple((line.path, line.state, line.questions) for line in made.lines)


def of_fields(release: ReleaseSpec, keys: tuple[str, ...], program: str) -> dict[str, int]:
    """Field path of `program` → centiseconds of the questions that go from this joint visit if it alone goes."""
    made = blank_sheet(release, keys, ANCHOR + PERIOD)
    needing: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in made.lines:
        if line.state in OPEN_STATES:
            for key in line.questions:
                needing[key].add((line.program, line.path))
    found: dict[str, int] = defaultdict(int)
    for question in made.questions:
        if len(needing[question.key]) == 1 and next(iter(needing[question.key]))[0] == program:
            found[next(iter(needing[question.key]))[1]] += _weight(question)
    return dict(found)


def _weight(question: Question) -> int:
    """A hidden question at one visit in four; an offered value costs a look, and one in four is typed anew."""
    full = question.centiseconds + cost.queries(1)
    if not question.visible:
        return round(CONDITIONAL * full)
    return cost.confirmed() + round(CHANGED * full) if question.offer_value else full


def _delivered(made: AskSheet, program: str) -> int:
    counts = made.counts(program)
    certain = counts.get("offered", 0) + counts.get("known", 0) + counts.get("derived", 0)
    return certain + round(CONDITIONAL * counts.get("conditional", 0))


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
