"""What a death, a loss, a withdrawal, a new infusion and an undo do to what one enrolment owes."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.plan.events import (
    Decision,
    EnrolmentFact,
    EventFact,
    FoldResult,
    Opening,
    TimepointFact,
    fold,
)
from capture.plan.windows import Window, of_schedule, plan
from forms_catalog import starter
from forms_catalog.effects import REPORT_DAYS

HERE = EnrolmentFact("p", anchor=0, owed_from=0)
KINDS = ("death", "lost", "found", "withdrawn", "reconsented", "transfer", "new_infusion", "program_closed")


def timepoint(code: str, start: int, end: int, as_of: int | None = None) -> TimepointFact:
    state = "planned" if as_of is None else "submitted"
    return TimepointFact(code, "p", code, start, end, end + 15, (start + end) // 2, state, as_of=as_of)  # type: ignore[arg-type]


D100, M6, Y1, Y2 = (timepoint(*x) for x in (("D100", 85, 115), ("M6", 150, 210), ("Y1", 366, 425), ("Y2", 670, 790)))
ALL = (D100, M6, Y1, Y2)
BASE = TimepointFact("BASE", "p", "BASE", 0, 30, 30, 30, kind="baseline")
OCCASION = TimepointFact("DEATH", "p", "DEATH", 180, 180, 210, 180, kind="triggered")


def event(kind: str, on: int, uuid: str = "e", program: str | None = None, undoes: str | None = None) -> EventFact:
    return EventFact(uuid, kind, on, program, undoes)


def states(found: FoldResult) -> dict[str, str]:
    """Each timepoint's state, and the reason where there is one: 'closed death'."""
    return {key: f"{d.state} {d.reason}".strip() for key, d in found.decisions.items()}


def after(
    *events: EventFact, enrolment: EnrolmentFact = HERE, timepoints: tuple[TimepointFact, ...] = ALL
) -> list[str]:
    return list(states(fold(enrolment, timepoints, events)).values())


def test_without_events_everything_is_planned_on_its_own_days() -> None:
    found = fold(HERE, ALL, [])
    assert found.decisions["M6"] == Decision("planned", 150, 210, 180, 225)
    assert set(states(found).values()) == {"planned"}
    assert found.opens == ()


def test_a_death_inside_a_window_makes_it_the_closing_report_and_closes_what_follows() -> None:
    found = fold(HERE, ALL, [event("death", 180)])
    assert list(states(found).values()) == ["planned", "planned death", "closed death", "closed death"]
    assert found.decisions["M6"] == Decision("planned", 180, 180, 180, 180 + REPORT_DAYS, "death", 180, "e")
    assert found.opens == (Opening("M6", "M6", 180, 180 + REPORT_DAYS, "e"),)


def test_a_death_between_windows_is_reported_on_the_next_one() -> None:
    assert after(event("death", 300)) == ["planned", "planned", "planned death", "closed death"]


def test_a_death_in_a_window_already_reported_before_it_is_reported_on_the_next() -> None:
    timepoints = (timepoint("D100", 85, 115, as_of=95), M6, Y1)
    assert after(event("death", 100), timepoints=timepoints) == ["submitted", "planned death", "closed death"]


def test_a_death_that_a_submitted_report_already_speaks_for_opens_nothing() -> None:
    found = fold(HERE, (D100, timepoint("M6", 150, 210, as_of=180), Y1), [event("death", 180)])
    assert list(states(found).values()) == ["planned", "submitted", "closed death"]
    assert found.opens == ()


def test_a_death_with_no_timepoint_left_to_carry_it_opens_an_occasion() -> None:
    done = (timepoint("D100", 85, 115, as_of=90),)
    assert fold(HERE, done, [event("death", 100)]).opens == (Opening("DEATH", None, 100, 130, "e"),)


@pytest.mark.parametrize(("open_ended", "opens"), [(False, 0), (True, 1)])
def test_a_death_after_the_last_window_counts_only_where_follow_up_is_for_life(open_ended: bool, opens: int) -> None:
    enrolment = replace(HERE, rules={"open_ended": open_ended})
    assert len(fold(enrolment, (timepoint("D100", 85, 115, as_of=90),), [event("death", 900)]).opens) == opens


def test_a_patient_on_a_track_without_follow_up_owes_no_closing_report() -> None:
    assert fold(HERE, (BASE,), [event("death", 100)]).opens == ()


def test_the_occasion_of_an_undone_death_closes_again() -> None:
    death, undo = event("death", 180), event("undo", 200, "u", undoes="e")
    done = (timepoint("M6", 150, 210, as_of=160), OCCASION)
    assert after(death, timepoints=done) == ["submitted", "planned death"]
    assert after(death, undo, timepoints=done) == ["submitted", "closed undone"]


def test_an_undo_that_is_undone_itself_leaves_the_death_standing() -> None:
    chain = [event("death", 180), event("undo", 190, "u", undoes="e"), event("undo", 195, "v", undoes="u")]
    assert after(*chain) == after(chain[0])
    assert after(*chain[:2]) == after()


def test_loss_closes_what_begins_later_and_finding_again_reopens_from_then_on() -> None:
    lost = event("lost", 100)
    assert after(lost) == ["planned", "closed lost", "closed lost", "closed lost"]
    assert after(lost, event("found", 400, "f")) == ["planned", "closed lost", "planned", "planned"]


def test_a_death_learned_after_loss_still_opens_its_closing_report() -> None:
    assert after(event("lost", 100), event("death", 400, "d")) == [
        "planned", "closed lost", "planned death", "closed death",
    ]  # fmt: skip


def test_withdrawal_closes_whatever_has_not_ended_and_new_consent_reopens() -> None:
    withdrawn = event("withdrawn", 100)
    assert after(withdrawn) == ["closed withdrawn"] * 4
    assert after(withdrawn, event("reconsented", 300, "r")) == ["closed withdrawn"] * 2 + ["planned"] * 2


def test_no_report_of_a_death_is_owed_after_withdrawal_but_one_of_a_death_before_it_is() -> None:
    found = fold(HERE, ALL, [event("withdrawn", 100), event("death", 400, "d")])
    assert (set(states(found).values()), found.opens) == ({"closed withdrawn"}, ())
    assert after(event("death", 180), event("withdrawn", 200, "w"))[1] == "planned death"


def test_a_new_infusion_ends_the_schedule_only_where_the_programs_rules_say_so() -> None:
    again = event("new_infusion", 200)
    assert after(again) == ["planned"] * 4
    restarts = replace(HERE, rules=starter.schedule("car_registry_na").rules)
    found = fold(restarts, ALL, [again])
    assert list(states(found).values()) == [
        "planned",
        "planned new_infusion",
        "closed new_infusion",
        "closed new_infusion",
    ]
    assert found.decisions["M6"].as_of == 199


def test_a_new_infusion_while_consent_was_withdrawn_ends_the_schedule_without_a_last_report() -> None:
    restarts = replace(HERE, rules=starter.schedule("car_registry_na").rules)
    told = [event("withdrawn", 100), event("new_infusion", 200, "n"), event("reconsented", 300, "r")]
    found = fold(restarts, ALL, told)
    assert list(states(found).values()) == ["closed withdrawn"] * 2 + ["closed new_infusion"] * 2
    assert found.opens == ()


def test_the_infusion_that_began_this_enrolment_and_what_came_before_it_do_not_count() -> None:
    second = replace(HERE, anchor=50, rules={"effects": {"new_infusion": "last_report"}})
    assert after(event("new_infusion", 50), event("lost", 10, "l"), enrolment=second) == ["planned"] * 4


def test_a_registry_for_life_keeps_its_timepoints_open_for_a_lost_patient() -> None:
    for_life = replace(HERE, rules=starter.schedule("hemo_registry_global").rules)
    assert after(event("lost", 100), enrolment=for_life) == ["planned"] * 4


def test_an_event_of_another_program_changes_nothing_here() -> None:
    assert after(event("withdrawn", 100, program="q"), event("transfer", 100, "t")) == ["planned"] * 4
    assert after(event("program_closed", 300, program="p")) == ["planned"] * 2 + ["closed program_closed"] * 2


def test_what_ended_before_it_was_owed_is_not_owed_unless_the_program_looks_back() -> None:
    late = replace(HERE, owed_from=211)
    assert after(enrolment=late) == ["not_owed owed_from"] * 2 + ["planned"] * 2
    assert after(enrolment=replace(late, retrospective=True)) == ["planned"] * 4
    assert after(event("death", 100), enrolment=late) == ["not_owed owed_from"] * 2 + ["closed death"] * 2


def test_a_baseline_form_outlives_a_death_but_not_a_withdrawal() -> None:
    assert after(event("death", 20), timepoints=(BASE, D100)) == ["planned", "planned death"]
    assert after(event("withdrawn", 20), timepoints=(BASE,)) == ["closed withdrawn"]


@pytest.mark.parametrize("written", [None, [], {"death": "explode"}, {"death": ["stop"], "report_days": "soon"}])
def test_effects_that_make_no_sense_fall_back_to_the_defaults(written: object) -> None:
    assert after(event("death", 180), enrolment=replace(HERE, rules={"effects": written})) == after(event("death", 180))


@st.composite
def some_events(draw: st.DrawFn) -> list[EventFact]:
    days = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 900)), max_size=5))
    found = [event(kind, on, f"e{i}") for i, (kind, on) in enumerate(days)]
    undone = draw(st.lists(st.sampled_from(found), unique=True)) if found else []
    return found + [event("undo", 901, f"u{e.uuid}", undoes=e.uuid) for e in undone]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(some_events(), st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_fold_is_the_same_in_any_order_and_never_touches_what_was_submitted(
    events: list[EventFact], shuffler: Random, sent: int
) -> None:
    timepoints = tuple(replace(t, state="submitted", as_of=t.target) if i < sent else t for i, t in enumerate(ALL))
    found = fold(HERE, timepoints, events)
    shuffler.shuffle(events)
    assert fold(HERE, timepoints, events) == found
    assert [found.decisions[t.key].state for t in timepoints[:sent]] == ["submitted"] * sent
    assert len(found.opens) <= 1


@settings(derandomize=True, deadline=None, max_examples=100)
@given(some_events())
def test_undoing_everything_gives_back_the_schedule(events: list[EventFact]) -> None:
    undoes = {e.undoes for e in events}
    rest = [
        event("undo", 902, f"x{e.uuid}", undoes=e.uuid) for e in events if e.kind != "undo" and e.uuid not in undoes
    ]
    assert fold(HERE, ALL, [*events, *rest]) == fold(HERE, ALL, [])


def test_the_closing_reports_of_three_programs_share_one_visit_on_the_day_of_death() -> None:
    windows = []
    for program in ("car_registry_na", "car_registry_eu", "car_pass_sponsor"):
        facts = [
            TimepointFact(w.key, program, w.key, w.start, w.end, w.end, w.target)
            for w in of_schedule(starter.schedule(program), anchor=1000)
        ]
        found = fold(EnrolmentFact(program, 1000, owed_from=1500), facts, [event("death", 1950)])
        owed = [(key, d) for key, d in found.decisions.items() if d.state == "planned"]
        windows += [Window(key, program, d.start, d.end, d.target) for key, d in owed]
    assert [(p.date, len(p.keys)) for p in plan(windows)] == [(1548, 1), (1730, 3), (1950, 3)]
