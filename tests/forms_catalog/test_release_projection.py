"""One Release, projected (ADR 0007): what changes in one program changes no form of another.

On the eight shipped programs. A projection is what a release asks of one program at one schedule entry; a form is the
ask sheet of a joint visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from itertools import combinations

import pytest

from capture.ask import expected
from capture.ask.asksheet import AskSheet, Line
from capture.plan.windows import of_schedule, plan
from forms_catalog import merging, serial, starter
from forms_catalog.specs import AskSpec, Option, ProgramSpec, ReleaseSpec
from tests.releases import ALL, CAR, HEMO, program_spec, release_of

CHANGED = "car_pass_sponsor"
Place = tuple[str, str]


def release_with(*changed: ProgramSpec) -> ReleaseSpec:
    """All eight programs, some of them in another form."""
    programs = {p: program_spec(p) for p in ALL}
    programs |= {p.code: p for p in changed}
    return merging.merge(list(programs.values()), starter.elements(), starter.record_groups())[0]


@lru_cache(maxsize=1)
def whole() -> ReleaseSpec:
    return release_with()


def projections(release: ReleaseSpec) -> dict[Place, tuple[tuple[str, AskSpec], ...]]:
    """What the release asks, by program and schedule entry."""
    return {
        (program.code, entry.code): merging.projection(release, {program.code: entry.code})
        for program in release.programs.values()
        for entry in program.entries
    }


def differing(release: ReleaseSpec) -> set[Place]:
    before, after = projections(whole()), projections(release)
    assert set(before) == set(after)
    return {place for place, asks in after.items() if asks != before[place]}


def with_ask(position: int, **changes: object) -> ProgramSpec:
    """The changed program with one field in another wording, kind or decision."""
    spec = program_spec(CHANGED)
    asks = list(spec.asks)
    mapping = changes.pop("mapping", asks[position].mapping)
    made = replace(asks[position].field, **changes)  # type: ignore[arg-type]
    asks[position] = AskSpec(made, mapping, "changed")  # type: ignore[arg-type]
    return replace(spec, asks=tuple(asks))


def variants() -> Iterator[tuple[int, dict[str, object]]]:
    """Every field of the changed program once, by turns: other words, one more choice, a condition, no decision."""
    for position, ask in enumerate(program_spec(CHANGED).asks):
        kinds: list[dict[str, object]] = [
            {"label": f"{ask.field.label} (revised)"},
            {"options": (*ask.field.options, Option("77", "Other"))},
            {"branching": "[sex] = '1'", "required": not ask.field.required},
            {"mapping": None},
        ]
        yield position, kinds[position % len(kinds)]


def test_one_changed_field_changes_its_own_programs_forms_that_hold_it_and_no_other() -> None:
    compared = changes = 0
    for position, change in variants():
        field = program_spec(CHANGED).asks[position].field
        holding = {(CHANGED, e.code) for e in program_spec(CHANGED).entries if field.form in e.forms and field.asks}
        assert differing(release_with(with_ask(position, **dict(change)))) == holding, (field.path, change)
        compared += len(projections(whole()))
        changes += 1
    assert (changes, compared) == (55, 7_535)


def test_joining_and_leaving_changes_no_projection_of_the_others() -> None:
    alone = projections(release_of(*(p for p in (*CAR, *HEMO) if p != CHANGED)))
    together = projections(release_of(*CAR, *HEMO))
    assert {place: together[place] for place in alone} == alone


def joint_visits() -> list[tuple[str, ...]]:
    """The entries of every joint visit of patients in each set of the three CAR-T programs."""
    found: dict[tuple[str, ...], None] = {}
    for size in range(1, len(CAR) + 1):
        for programs in combinations(CAR, size):
            windows = [w for p in programs for w in of_schedule(starter.schedule(p), 0)]
            found |= dict.fromkeys(tuple(sorted(v.keys)) for v in plan(windows))
    return list(found)


@lru_cache(maxsize=1)
def forms() -> dict[tuple[str, ...], AskSheet]:
    """The form of each of them as it is."""
    return {keys: form(whole(), keys) for keys in joint_visits()}


def form(release: ReleaseSpec, keys: tuple[str, ...]) -> AskSheet:
    return expected.blank_sheet(release, keys, expected.ANCHOR + timedelta(days=100))


@pytest.mark.parametrize("path", ["sinf3", "hgb"])
def test_a_joint_form_changes_only_where_the_changed_field_is_due(path: str) -> None:
    position = next(i for i, a in enumerate(program_spec(CHANGED).asks) if a.field.path == path)
    field = program_spec(CHANGED).asks[position].field
    release = release_with(with_ask(position, label="Something else"))
    due = {f"{CHANGED}:{e.code}" for e in program_spec(CHANGED).entries if field.form in e.forms}
    after = {keys: form(release, keys) for keys in forms()}
    changed = [keys for keys in forms() if after[keys] != forms()[keys]]
    assert changed == [keys for keys in forms() if due & set(keys)]
    for keys in changed:
        assert others(after[keys]) == others(forms()[keys]), "what the other programs ask stays as it was"
    assert (len(forms()), len(changed)) == (121, 70)


def others(sheet: AskSheet) -> list[Line]:
    return [line for line in sheet.lines if line.program != CHANGED]


def test_a_frozen_release_gives_the_same_projections_when_it_is_read_again() -> None:
    content = serial.dump(whole())
    again = serial.load(ReleaseSpec, content)
    assert serial.digest(serial.dump(again)) == serial.digest(content)
    assert projections(again) == projections(whole())
