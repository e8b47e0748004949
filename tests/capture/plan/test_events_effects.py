"""Effects that differ by program, and reports that ask less: survival only, safety only, an infusion taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capture.plan.events import Decision, EnrolmentFact, EventFact, FoldResult, TimepointFact, fold
from forms_catalog import effects, starter
from forms_catalog.effects import Safety
from forms_catalog.formats import schedules
from tests.capture.plan.test_events import ALL, D100, HERE, M6, Y1, Y2, event, states, timepoint


def ruled(program: str) -> EnrolmentFact:
    """An enrolment under the effects of a starter program."""
    return replace(HERE, rules=starter.schedule(program).rules)


def survival(report: TimepointFact, on: int, order: int, uuid: str = "s") -> EventFact:
    return EventFact(uuid, "survival_only", on, "p", None, report.key, order)


def death(on: int, order: int) -> EventFact:
    return EventFact("d", "death", on, order=order)


def contacts(found: FoldResult) -> dict[str, str]:
    return {key: d.contact for key, d in found.decisions.items() if d.contact}


def test_a_survival_only_report_is_reduced_alone_and_an_undo_gives_it_back() -> None:
    told = survival(M6, 200, 1)
    found = fold(HERE, ALL, [told])
    assert (contacts(found), states(found)["M6"]) == ({"M6": "survival"}, "planned")
    assert fold(HERE, ALL, [told, event("undo", 210, "u", undoes="s")]) == fold(HERE, ALL, [])


def test_a_death_learned_later_asks_the_full_report_again() -> None:
    assert contacts(fold(HERE, ALL, [survival(M6, 190, 1), death(180, 2)])) == {}
    assert contacts(fold(HERE, ALL, [survival(M6, 190, 2), death(180, 1)])) == {"M6": "survival"}


def test_a_survival_only_report_that_was_sent_does_not_stand_for_the_closing_report() -> None:
    sent = replace(timepoint("M6", 150, 210, as_of=200), contact="survival")
    found = fold(HERE, (D100, sent, Y1, Y2), [death(180, 5)])
    assert states(found)["Y1"] == "planned death"
    assert found.decisions["M6"] == Decision("submitted", 150, 210, 180, 225, as_of=200, contact="survival")


def test_a_lost_report_is_reset_when_a_death_is_learned() -> None:
    lost = EventFact("l", "lost", 100, order=1)
    assert states(fold(HERE, ALL, [lost, death(180, 2)]))["M6"] == "planned death"


def test_safety_goes_on_after_a_new_infusion_from_the_first_window_after_it() -> None:
    found = fold(ruled("car_pass_sponsor"), ALL, [event("new_infusion", 180)])
    assert contacts(found) == {"Y1": "safety", "Y2": "safety"}
    assert set(states(found).values()) == {"planned"}


def test_the_closing_report_after_an_infusion_asks_for_safety_only() -> None:
    found = fold(ruled("car_pass_sponsor"), ALL, [event("new_infusion", 120), death(180, 3)])
    assert contacts(found) == {"M6": "safety"}


def test_an_entry_without_safety_forms_closes() -> None:
    efficacy, both = replace(Y1, forms=("efficacy",)), replace(Y2, forms=("efficacy", "safety"))
    found = fold(ruled("car_pass_sponsor"), (efficacy, both), [event("new_infusion", 120)])
    assert states(found) == {"Y1": "closed new_infusion", "Y2": "planned"}


def test_an_enrolment_whose_infusion_was_taken_back_owes_nothing_more() -> None:
    second = replace(HERE, anchor=50)
    timepoints = (timepoint("D100", 85, 115, as_of=90), M6)
    infused, undo = event("new_infusion", 50), event("undo", 60, "u", undoes="e")
    assert states(fold(second, timepoints, [infused])) == {"D100": "submitted", "M6": "planned"}
    assert states(fold(second, timepoints, [infused, undo])) == {"D100": "submitted", "M6": "closed undone"}
    again = event("new_infusion", 50, "e2")
    assert states(fold(second, timepoints, [infused, undo, again]))["M6"] == "planned"


def test_the_starter_programs_say_what_a_new_infusion_does() -> None:
    said = {code: effects.read(starter.schedule(code).rules) for code in starter.program_codes()}
    assert {code: (e.effect("new_infusion"), e.restart) for code, e in said.items()} == {
        "car_pass_sponsor": ("safety_only", False),
        "car_registry_eu": ("continue", True),
        "car_registry_na": ("last_report", True),
        "hemo_registry_global": ("continue", False),
        "hemo_sponsor_aav": ("continue", False),
        "payer_outcomes_scd": ("continue", False),
        "scd_gt_ltfu": ("safety_only", False),
        "sma_registry": ("continue", False),
    }


WRONG = [
    ({"death": "explode"}, "death is not one of last_report, stop, close_later, safety_only, continue"),
    ({"lost_attempts": "three"}, "lost_attempts is not a whole number from 0 to 20"),
    ({"majority_age": 180}, "majority_age is not a whole number from 0 to 30"),
    ({"restart": "yes"}, "restart is neither true nor false"),
    ({"safety": ["visit"]}, "safety names neither forms nor sections"),
    ({"deth": "stop"}, "deth is not known here"),
]


@pytest.mark.parametrize(("written", "says"), WRONG)
def test_what_cannot_be_used_is_named_and_its_default_counts(written: dict[str, object], says: str) -> None:
    rules = {"effects": written}
    assert [" ".join(found) for found in effects.problems(rules)] == [says]
    assert effects.read(rules) == effects.read({})
    warned = [
        p
        for p in schedules.read({"programs": {"p": {"timepoints": [], "rules": rules}}}).problems
        if "effects" in p.path
    ]
    assert [(p.path, p.severity) for p in warned] == [(f"p.effects.{next(iter(written))}", "warning")]
    assert says.partition(" ")[2] in warned[0].message


def test_effects_say_nothing_where_nothing_is_written() -> None:
    assert list(effects.problems({})) == list(effects.problems({"effects": "none"})) == []
    assert effects.read({"effects": {"safety": {"forms": ["a"]}}}).safety == Safety(frozenset({"a"}), frozenset())
