"""What the whole schedule asks of one patient: asks received, shown, avoided and why, program by program. Pure.

Called by count_asks, which writes docs/asks.md, and by tests. Counts are of the final sheets of made-up patients.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from capture.ask.asksheet import AVOIDED, STATES, Line
from capture.enter import lifetimes
from capture.enter.demo_answers import fill
from capture.enter.eventful_answers import Eventful
from capture.enter.lifetimes import Answering
from forms_catalog.specs import ElementSpec, ReleaseSpec

INFUSION = date(2024, 3, 1)
GOES_ON = {"coverage-active": "yes"}  # where "no" is not the quiet answer
BUSY, BUSY_YES = 10, 0.3  # made-up patients of the second table, and how often something happened to them

WHY: Mapping[tuple[str, str], str] = {
    ("shared", ""): "asked once at the visit for several fields",
    ("known", "static"): "known: does not change",
    ("known", "program"): "known: the program's own number",
    ("known", "measured"): "known: measured inside the window",
    ("known", "cumulative"): "known: once true it stays true",
    ("known", "period"): "known: these days are answered",
    ("known", "fixed-period"): "known: these days are answered",
    ("known", ""): "known: nothing new, so the last answer stands",
    ("derived", "from-timepoint"): "derived: from the time point",
    ("derived", "from-treatment"): "derived: from the treatment",
    ("derived", "from-events"): "derived: from consents and events",
    ("derived", ""): "derived: from dated records or other answers",
}
"""(state, reuse class of the first source; '' for any other) → why nobody had to answer."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Asks of one patient in a set of programs: by state, and the avoided ones by why."""

    programs: tuple[str, ...]
    visits: int
    reports: int
    states: Mapping[str, int]
    why: Mapping[str, int] = field(default_factory=dict)

    @property
    def received(self) -> int:
        """Every ask; the seven states add up to it."""
        return sum(self.states.values())

    @property
    def avoided(self) -> int:
        return sum(self.states[s] for s in AVOIDED)

    @property
    def typed(self) -> int:
        """Questions a person had before them: shown, or kept with one key."""
        return self.states["shown"] + self.states["confirmed"]


def quiet(release: ReleaseSpec, programs: Sequence[str]) -> Counted:
    """A patient to whom nothing happens: every offer kept, every "anything new?" answered no."""
    return count(release, programs, lambda facts: fill(facts, GOES_ON))


def busy(release: ReleaseSpec, programs: Sequence[str], patients: int = BUSY) -> Counted:
    """The mean of made-up patients to whom things happen, rounded to whole asks."""
    found = [count(release, programs, Eventful(seed, yes=BUSY_YES)) for seed in range(patients)]
    first = sorted(STATES, key=lambda state: state not in AVOIDED)  # so that the reasons add up to the avoided ones
    states = _mean([c.states for c in found], first)
    why = _mean([c.why for c in found], tuple(dict.fromkeys(WHY.values())))
    return Counted(tuple(programs), found[0].visits, found[0].reports, states, why)


def _mean(counts: Sequence[Mapping[str, int]], names: Sequence[str]) -> dict[str, int]:
    """Whole numbers whose sum is the mean of the sums: each is the rise of the rounded running mean."""
    running, rises, before = 0, dict[str, int](), 0
    for name in names:
        running += sum(c.get(name, 0) for c in counts)
        now = round(running / len(counts))
        rises[name], before = now - before, now
    return rises


def count(release: ReleaseSpec, programs: Sequence[str], answering: Answering) -> Counted:
    """The asks of one patient from the infusion to the last report."""
    states, why, visits, reports = Counter[str](), Counter[str](), 0, 0
    for done in lifetimes.follow(release, programs, answering, infusion=INFUSION):
        visits, reports = visits + 1, reports + len(done.facts.occasions)
        states.update(line.state for line in done.sheet.lines)
        why.update(why_of(line, release.elements) for line in done.sheet.lines if line.state in AVOIDED)
    return Counted(tuple(programs), visits, reports, {s: states[s] for s in STATES}, dict(why))


def why_of(line: Line, elements: Mapping[str, ElementSpec]) -> str:
    """Why nobody had to answer an avoided ask, in a few words."""
    reuse = elements[line.elements[0]].reuse if line.elements else ""
    return WHY.get((line.state, reuse)) or WHY[line.state, ""]


def rows(found: Iterable[Counted]) -> list[str]:
    """One table row a set of programs: what was received and how each ask ended."""
    return [_row(_name(c.programs), c.visits, c.reports, c.received, *_states(c), c.avoided, _share(c)) for c in found]


def reasons(found: Iterable[Counted]) -> list[str]:
    """One table row a reason, one column a set of programs."""
    sets = list(found)
    names = [r for r in dict.fromkeys(WHY.values()) if any(c.why.get(r) for c in sets)]
    return [_row(name, *(c.why.get(name, 0) for c in sets)) for name in names]


def together(joint: Counted, alone: Sequence[Counted]) -> str:
    """One table row: what a person has before them in separate portals, and here."""
    apart, visits = sum(c.typed for c in alone), sum(c.visits for c in alone)
    less = f"{100 * (apart - joint.typed) / apart:.0f} %"
    return _row(_name(joint.programs), visits, joint.visits, apart, joint.typed, less)


def _states(counted: Counted) -> list[int]:
    return [counted.states[s] for s in STATES]


def _share(counted: Counted) -> str:
    """Avoided of what the programs' own rules did not rule out."""
    asked = counted.received - counted.states["ruled_out"]
    return f"{100 * counted.avoided / asked:.0f} %" if asked else "0 %"


def _name(programs: Sequence[str]) -> str:
    return " + ".join(programs)


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
