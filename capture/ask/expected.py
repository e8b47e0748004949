"""What one joint visit is expected to cost, from a release and the entries it serves, for a patient not looked at.

Pure. Questions behind a condition are asked at one visit in four (assumption). Called by what_if and the load.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from capture.ask import charges, load, sheet
from capture.ask.asksheet import OPEN_STATES, AskSheet, Question
from capture.ask.facts import ConsentFact, Occasion, PatientFacts, TreatmentFact, VisitFacts
from forms_catalog.specs import ReleaseSpec
from sites.burden import cost, prices, shares
from sites.burden.cost import Range
from sites.burden.prices import CONFIRMED, VISIT, Prices
from sites.burden.shares import Item

ANCHOR = date(2030, 1, 1)
CONDITIONAL = 0.25
CHANGED = 0.25  # offered values that are typed anew
PERIOD = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question an open visit may ask: what prices it, and the programs that may need it."""

    datatype: str
    centiseconds: int
    visible: bool
    offered: bool
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The programs of an open visit and its questions, like ones counted together."""

    programs: tuple[str, ...]
    asked: tuple[tuple[Asked, int], ...]


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
    split = priced(open_work(made))
    by_hand = {p for p, mode in (modes or {}).items() if mode == charges.TRANSCRIBE}
    return {p: n + (cost.transcription(_delivered(made, p)) if p in by_hand else 0) for p, n in split.items()}


def open_work(made: AskSheet) -> OpenWork:
    """What an open visit may ask, without its words: small enough to keep for each combination of entries."""
    needing: dict[str, set[str]] = defaultdict(set)
    for line in made.lines:
        if line.state in OPEN_STATES:
            for key in line.questions:
                needing[key].add(line.program)
    asked = Counter(_asked(q, needing[q.key]) for q in made.questions if needing[q.key])
    return OpenWork(tuple(charges.programs(made)), tuple(asked.items()))


def work_of(release: ReleaseSpec, keys: tuple[str, ...]) -> OpenWork:
    """What a joint visit of these entries may ask, for `priced`."""
    return open_work(blank_sheet(release, keys, ANCHOR + PERIOD))


def priced(work: OpenWork, at: Prices = prices.ASSUMED) -> dict[str, int]:
    """Program → its fair share of the expected centiseconds at a site's prices (the defaults unless said)."""
    items = [item for q, n in work.asked for item in [Item(_weight(q, at), q.programs)] * n]
    return {p: s.share for p, s in shares.split(items, work.programs, overhead=at.of(VISIT)).items()}


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
            found[next(iter(needing[question.key]))[1]] += _weight(_asked(question, (program,)), prices.ASSUMED)
    return dict(found)


def _asked(question: Question, needing: Iterable[str]) -> Asked:
    offered = bool(question.offer_value)
    return Asked(question.datatype, question.centiseconds, question.visible, offered, tuple(sorted(needing)))


def _weight(asked: Asked, at: Prices) -> int:
    """A hidden question at one visit in four; an offered value costs a look, and one in four is typed anew."""
    full = at.question(asked.datatype, asked.centiseconds) + cost.queries(1)
    if not asked.visible:
        return round(CONDITIONAL * full)
    return at.of(CONFIRMED) + round(CHANGED * full) if asked.offered else full


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
