"""Random lives of 15 years: whatever happens, no answer is lost and nobody is asked who may not be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from forms_catalog import publishing
from forms_catalog.specs import ProgramSpec, ReleaseSpec, ScheduleSpec
from tests.capture.enter.lifetime_machine import TALLY, Lifetime
from tests.sizes import THOROUGH, size
from tests.world import World

PARTS = size(1, 4)  # so that a thorough run can be shared between processes


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_no_sequence_of_events_breaks_what_must_hold(car_world: World, part: int) -> None:
    TALLY.clear()
    Lifetime.world, Lifetime.versions = car_world, tuple(_versions(publishing.current_spec()))
    run = settings(
        max_examples=size(4, 1000) // PARTS,
        stateful_step_count=size(10, 14),
        derandomize=not THOROUGH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),  # a step takes long enough that smaller examples are looked for by hand
    )
    seed(part)(Lifetime)
    run_state_machine_as_test(Lifetime, settings=run)
    print(dict(TALLY.most_common()))
    assert TALLY["steps"] >= TALLY["sequences"]


def _versions(spec: ReleaseSpec) -> list[ReleaseSpec]:
    """The release with the registry's schedule changed: the last entry gone, windows moved, an entry more."""
    registry = spec.programs["car_registry_na"]
    moved = tuple(_moved(e, 12) for e in registry.entries)
    new = replace(registry.entries[-1], code="Y16", label="16 years", target_day=5840, window_start_day=5780)
    new = replace(new, window_end_day=5900, due_day=5930)
    return [_with(spec, registry, entries) for entries in (registry.entries[:-1], moved, (*registry.entries, new))]


def _moved(entry: ScheduleSpec, days: int) -> ScheduleSpec:
    if entry.window_start_day is None or entry.window_end_day is None:
        return entry
    return replace(
        entry,
        window_start_day=entry.window_start_day + days,
        window_end_day=entry.window_end_day + days,
        due_day=entry.due_day + days,
    )


def _with(spec: ReleaseSpec, program: ProgramSpec, entries: tuple[ScheduleSpec, ...]) -> ReleaseSpec:
    return replace(spec, programs={**spec.programs, program.code: replace(program, entries=entries)})
