"""What is entered once and delivered goes into every program's own system: made-up patients over the whole schedule.

Each patient is followed from infusion to the last report in a set of programs, each visit answered once; every slice is
written as an import file and taken by a system that knows its own dictionary only (importing_system).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from capture.deliver import redcap_file, slicing
from capture.enter import lifetimes
from capture.enter.eventful_answers import Eventful
from capture.query import checks
from forms_catalog.starter_release import release_of
from tests.capture.deliver.importing_system import ImportingSystem
from tests.releases import ALL, CAR, HEMO, SCD
from tests.sizes import size

SETS: tuple[tuple[str, ...], ...] = (
    *((p,) for p in ALL),
    ("car_pass_sponsor", "car_registry_na"),
    ("car_pass_sponsor", "car_registry_eu"),
    CAR,
    HEMO,
    SCD,
)
PATIENTS = size(13, 1_300)


def lives(number: int) -> tuple[tuple[str, ...], Eventful, date]:
    """The programs, answers and infusion day of one made-up patient; busier ones and quieter ones take turns."""
    programs = SETS[number % len(SETS)]
    busy = (0.05, 0.15, 0.4, 0.7)[number // len(SETS) % 4]
    return programs, Eventful(number, yes=busy), date(2012, 2, 29) + timedelta(days=37 * (number % 90))


def refusals(number: int, seen: Counter[str]) -> list[str]:
    """What any program's system would refuse of one patient's 15 years."""
    programs, answering, infusion = lives(number)
    systems = {code: ImportingSystem(code) for code in programs}
    release, found = release_of(*programs), list[str]()
    for done in lifetimes.follow(release, programs, answering, infusion=infusion):
        found += [f"typed: {f.message}" for f in checks.find(done.sheet, done.entered, done.facts)]
        for occasion in done.facts.occasions:
            cut = slicing.cut(occasion, done.after, release)
            seen[f"{occasion.program} {occasion.entry_code}"] += 1
            where = f"patient {number}, {occasion.program} {occasion.entry_code}"
            found += [f"{where}: held: {cut.held}"] if cut.held else []
            found += [f"{where}: {p}" for p in systems[occasion.program].take(redcap_file.write([cut]))]
    seen["values"] += sum(s.taken for s in systems.values())
    return found


def entries_of(programs: Sequence[str]) -> set[str]:
    """Every schedule entry of the programs."""
    specs = (release_of(p).programs[p] for p in programs)
    return {f"{s.code} {e.code}" for s in specs for e in s.entries}


@pytest.mark.thorough
def test_every_slice_of_made_up_patients_goes_into_its_programs_own_system() -> None:
    seen: Counter[str] = Counter()
    found = [line for number in range(PATIENTS) for line in refusals(number, seen)]
    assert not found, f"{len(found)} refused: " + "; ".join(found[:12])
    assert set(seen) - {"values"} == entries_of(ALL), "a visit type was never delivered"
    assert seen["values"] > 500 * PATIENTS, "too few values to say anything"


def test_the_importing_system_refuses_what_does_not_fit() -> None:
    system = ImportingSystem("payer_outcomes_scd")
    head = "member_no,redcap_event_name,cov_active,cov_end,hbf_meas,outcome,nothing\n"
    problems = " ".join(system.take((head + "7,year_1_arm_1,1,2020-02-30,1.5,7,x\n").encode()))
    for part in ("cov_end=2020-02-30: not a date", "above 1", "no such code", "no field nothing", "hidden by"):
        assert part in problems
