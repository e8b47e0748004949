"""Rulings on conflicts: kept with who, when, why and about what; they stand, come up again, and can be taken back."""

from __future__ import annotations

import pytest

from capture.accept import accepting
from forms_catalog import conflict_kinds, intake, loading, publishing, settling, starter
from forms_catalog.models import ConflictRuling, Release
from forms_catalog.settling import SettlingError
from forms_catalog.specs import Conflict
from sites.models import TrailEntry
from sites.trail import ReasonMissing
from tests.world import AT, TODAY, World, joined

pytestmark = pytest.mark.django_db
NA = "car_registry_na"


def found(kind: str, place: str = "") -> Conflict:
    return next(c for c in settling.merged()[1] if c.kind == kind and place in c.place)


def rule(conflict: Conflict, choice: str = "blank", **rest: object) -> list[ConflictRuling]:
    given = {"actor": AT, "reason": "as the form says", **rest}
    return settling.rule([conflict], choice, **given)  # type: ignore[arg-type]


def open_kinds() -> set[tuple[str, str]]:
    left = conflict_kinds.still_open(settling.merged()[1], settling.rulings())
    return {(c.kind, c.place) for c in left}


def test_a_ruling_keeps_who_when_why_and_about_what(car_world: World) -> None:
    row = rule(found("options_differ", "crs-occurred"))[0]
    assert (row.ruled_by, row.reason, row.ruling) == ("system:test", "as the form says", "blank")
    assert [s["program"] for s in row.about["sides"]] == ["car_pass_sponsor", "car_registry_eu", "car_registry_na"]
    entry = TrailEntry.objects.get(action="rule_conflict")
    assert entry.details["place"] == "crs-occurred"


def test_a_settled_conflict_is_open_no_more_and_comes_back_when_it_is_taken_back(car_world: World) -> None:
    conflict = found("options_differ", "crs-occurred")
    rule(conflict)
    assert (conflict.kind, conflict.place) not in open_kinds()
    rule(conflict, "", reason="looked too quickly")
    assert (conflict.kind, conflict.place) in open_kinds()
    assert [r.ruling for r in ConflictRuling.objects.all()] == ["blank", ""]


def test_the_same_ruling_again_changes_nothing(car_world: World) -> None:
    conflict = found("options_differ", "crs-occurred")
    assert (len(rule(conflict)), len(rule(conflict))) == (1, 0)
    assert ConflictRuling.objects.count() == 1


def test_a_ruling_without_a_reason_or_with_a_choice_of_another_kind_is_refused(car_world: World) -> None:
    conflict = found("options_differ", "crs-occurred")
    with pytest.raises(ReasonMissing):
        rule(conflict, reason="  ")
    with pytest.raises(SettlingError, match="cannot be settled so"):
        rule(conflict, "widest")
    assert not ConflictRuling.objects.exists()


def test_all_conflicts_of_a_press_are_settled_or_none(car_world: World) -> None:
    pair = [found("options_differ", "crs-occurred"), found("selection_differs")]
    with pytest.raises(SettlingError):
        settling.rule(pair, "blank", actor=AT, reason="all of them")
    assert not ConflictRuling.objects.exists()


def test_a_person_who_looked_at_an_older_state_is_told_so(car_world: World) -> None:
    conflict = found("options_differ", "crs-occurred")
    name = conflict_kinds.key(conflict.kind, conflict.place)
    first = rule(conflict, seen={name: ""})[0]
    with pytest.raises(SettlingError, match="after you opened the page"):
        rule(conflict, "", seen={name: ""})
    assert rule(conflict, "", seen={name: str(first.uuid)})


def test_a_ruling_that_changes_a_form_is_carried_by_the_next_release_and_can_be_taken_back(car_world: World) -> None:
    conflict = found("identifier", f"{NA}.dob")
    rule(conflict, "withhold", reason="no consent names it")
    assert [r.place for r in settling.waiting(settling.standings(settling.merged()[1]))] == [f"{NA}.dob"]
    release = settling.put_into_force(actor=AT, reason="as ruled")
    dob = next(a for a in publishing.spec_of(release).programs[NA].asks if a.field.path == "dob")
    assert dob.mapping is None
    assert settling.waiting(settling.standings(settling.merged()[1])) == ()
    rule(found("identifier", f"{NA}.dob"), "consented", reason="the consent names it after all")
    again = publishing.spec_of(settling.put_into_force(actor=AT, reason="as ruled"))
    assert next(a for a in again.programs[NA].asks if a.field.path == "dob").mapping is not None
    assert again.rulings == ()
    assert Release.objects.count() >= 3


CIRCLE = (
    (
        "Hemophilia joint health score,,,integer,0,124,,,",
        "Hemophilia joint health score,,,integer,0,124,,[alt_val] > 1,",
    ),
    ("ALT (U/L),,,number,,,,,", "ALT (U/L),,,number,,,,[hjhs] > 1,"),
)


def test_a_conflict_that_blocks_keeps_a_request_from_being_accepted_until_it_is_settled(car_world: World) -> None:
    code = "hemo_registry_global"
    joined(car_world, code)
    text = starter.program_csv(code).decode()
    for before, after in CIRCLE:
        text = text.replace(before, after, 1)
    program = car_world.programs[code]
    version = intake.receive(program, text.encode(), "circle.csv", starter.schedule_json(code), actor=AT)
    loading.load_decisions(program, actor=AT)
    made = accepting.estimate(version, [car_world.north], actor=AT, today=TODAY)
    with pytest.raises(accepting.AcceptError, match="hjhs, alt_val of hemo_registry_global wait for each other"):
        accepting.accept(made, actor=AT, reason="yes")
    circle = next(c for c in settling.merged(version)[1] if c.kind == "branching_cycle")
    rule(circle, "always", reason="both are needed")
    accepting.accept(made, actor=AT, reason="yes")
    accepted = publishing.current_spec()
    fields = {a.field.path: a.field for a in accepted.programs[code].asks}
    assert (fields["hjhs"].branching, fields["alt_val"].branching) == ("", "")
    assert [r.choice for r in accepted.rulings] == ["always"]
