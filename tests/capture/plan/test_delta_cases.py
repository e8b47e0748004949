"""Cases of planning that chance rarely meets: a reopened report, a death reported twice, a day already taken."""

from __future__ import annotations

from dataclasses import replace

from capture.plan.delta import EnrolmentPlan, Held, PatientPlan, Slot, VisitFact, decide
from capture.plan.events import EnrolmentFact, EventFact


def slot(code: str, start: int, end: int, program: str = "p", number: int = 1) -> Slot:
    middle = (start + end) // 2
    return Slot(f"{number}:{code}:1", number, program, code, code, "followup", start, end, end + 15, middle)


M6, Y1, Y2 = slot("M6", 150, 210), slot("Y1", 200, 425), slot("Y2", 670, 790)
FACT = EnrolmentFact("p", anchor=0, owed_from=0, rules={"effects": {"death": "last_report"}})


def plan_of(*slots: Slot, **rest: object) -> PatientPlan:
    return PatientPlan((EnrolmentPlan(1, FACT, slots),), **rest)  # type: ignore[arg-type]


def visits(patient: PatientPlan) -> dict[str, str | None]:
    """Each timepoint's entry → the visit that serves it."""
    return {key.split(":")[1]: v.visit for v in decide(patient).visits for key in v.keys}


def test_a_reopened_report_leaves_a_drafted_visit_that_serves_its_program_already() -> None:
    held = {M6.key: Held("planned", "v1"), Y1.key: Held("closed", "v1")}
    found = visits(plan_of(M6, Y1, held=held, visits=(VisitFact("v1", "followup", 205, "open"),)))
    assert found == {"M6": "v1", "Y1": None}


def test_a_report_that_ends_the_windows_of_a_submitted_visit_gets_a_day_of_its_own() -> None:
    held = {M6.key: Held("submitted", "v1", 205)}
    done = VisitFact("v1", "followup", 205, "submitted")
    found = decide(plan_of(M6, replace(Y1, target=205), held=held, visits=(done,)))
    assert [(v.date > 205, v.keys) for v in found.visits] == [(True, (Y1.key,))]


def test_the_visit_with_the_most_in_common_goes_on() -> None:
    other = slot("M6", 150, 210, program="q", number=2)
    both = (EnrolmentPlan(1, FACT, (M6,)), EnrolmentPlan(2, replace(FACT, program="q"), (other,)))
    held = {M6.key: Held("planned", "v1"), other.key: Held("planned", "v2")}
    stored = (VisitFact("v1", "followup", 180), VisitFact("v2", "followup", 170))
    assert [v.visit for v in decide(PatientPlan(both, held, stored)).visits] == ["v1"]


DEATH = EventFact("e1", "death", 500)
SENT = Slot("1:DEATH:1", 1, "p", "DEATH", "Death report", "triggered", 500, 500, 530, 500)


LATE = slot("Y2", 300, 600)


def triggered(sent_for: int, *events: EventFact) -> dict[str, str]:
    """What the death occasions are, after every scheduled report was sent and a death report for a day."""
    held = {Y1.key: Held("submitted", "v1", 300), SENT.key: Held("submitted", "v2", sent_for)}
    done = (VisitFact("v1", "followup", 300, "submitted"), VisitFact("v2", "triggered", sent_for, "submitted"))
    found = decide(
        plan_of(Y1, LATE, SENT, held=held | {LATE.key: Held("submitted", "v1", 301)}, visits=done, events=events)
    )
    return {key: d.state for key, d in found.decisions.items() if "DEATH" in key}


def test_a_death_report_that_was_sent_is_not_asked_for_again() -> None:
    assert triggered(500, DEATH) == {"1:DEATH:1": "submitted"}


def test_a_death_recorded_anew_for_a_later_day_opens_one_more_report() -> None:
    undone = EventFact("e2", "undo", 500, undoes="e1")
    later = EventFact("e3", "death", 520)
    assert triggered(500, DEATH, undone, later) == {"1:DEATH:1": "submitted", "1:DEATH:2": "planned"}
