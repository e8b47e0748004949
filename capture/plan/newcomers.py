"""What a patient who joins today will cost, visit by visit since the infusion, from the real schedules. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from capture.plan.delta import EnrolmentPlan, PatientPlan, decide
from capture.plan.events import EnrolmentFact
from capture.plan.slots import slots_of
from forms_catalog.specs import ReleaseSpec
from sites.burden.forecast import Step

Joined = tuple[tuple[str, str], ...]  # the programs that follow a patient, each with its track ('' = all entries)
Price = Callable[[tuple[str, ...]], int]
ANCHOR = 730_000  # any day: nothing depends on it


def average(mix: Mapping[Joined, int], steps_of: Callable[[Joined], Sequence[tuple[int, int]]]) -> tuple[Step, ...]:
    """The visits of an average newcomer, where so many of each kind join; a visit some do not have counts in part."""
    total = sum(mix.values())
    days: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for joined, count in mix.items():
        for day, centiseconds in steps_of(joined):
            days[day][0] += count / total * centiseconds
            days[day][1] += count / total * centiseconds**2
    return tuple(Step(day, round(mean, 1), round(square, 1)) for day, (mean, square) in sorted(days.items()))


def steps(release: ReleaseSpec, joined: Joined, price: Price) -> list[tuple[int, int]]:
    """(days since the infusion, centiseconds) of each visit of a patient infused and enrolled on one day."""
    enrolments = []
    for number, (code, track) in enumerate(joined, 1):
        program = release.programs[code]
        fact = EnrolmentFact(code, ANCHOR, ANCHOR, rules=program.rules)
        enrolments.append(EnrolmentPlan(number, fact, tuple(slots_of(program, number, fact, track, release))))
    delta = decide(PatientPlan(tuple(enrolments)))
    entries = ((v.date, [delta.slots[key] for key in v.keys]) for v in delta.visits)
    return [
        (max(0, day - ANCHOR), price(tuple(sorted(f"{s.program}:{s.code}" for s in found)))) for day, found in entries
    ]
