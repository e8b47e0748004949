"""Every ask of every joint visit says in one sentence why it is asked or not, with its date."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from capture.ask import sheet
from capture.ask.asksheet import Line
from capture.ask.entered import overlay
from capture.ask.facts import EventFact, PatientFacts, VisitFacts
from capture.enter.demo_answers import fill
from tests.capture.ask.reuse import RELEASE, ask_of, at, line_of, said, text
from tests.occasions import PATIENT, day, occasion, visit
from tests.releases import CAR, HEMO, SCD, SMA, release_of

JOINT = {
    "CAR-T": (
        CAR,
        {"car_pass_sponsor": ("M3", "M6"), "car_registry_eu": ("D100", "M6"), "car_registry_na": ("D100", "M6")},
    ),
    "hemophilia": (HEMO, {"hemo_registry_global": ("M12", "M24"), "hemo_sponsor_aav": ("W52", "Y2")}),
    "sickle cell": (SCD, {"payer_outcomes_scd": ("OY1", "OY2"), "scd_gt_ltfu": ("M12", "M24")}),
    "SMA": (SMA, {"sma_registry": ("M12", "M24")}),
}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
BY_RULE = ("held", "ruled_out", "conditional")  # these name the program's own rule, which has no date


def lines_of(kind: str) -> list[Line]:
    """The asks of a first joint visit, of a later one when it is opened, and of the later one at submit."""
    programs, codes = JOINT[kind]
    release = release_of(*programs)
    early = [occasion(release, p, c[0], 370, visit=3) for p, c in codes.items()]
    late = [occasion(release, p, c[1], 735, last=370) for p, c in codes.items()]
    first = visit(release, *early)
    entered = fill(first, {})
    opened = visit(release, *late, patient=known_after(first))
    again = fill(opened, {})
    return [
        *sheet.build(first).lines,
        *sheet.build(first, entered, final=True).lines,
        *sheet.build(opened).lines,
        *sheet.build(opened, again, final=True).lines,
    ]


def known_after(first: VisitFacts) -> PatientFacts:
    """The patient as the visit left it: plausible answers to all that was visible."""
    entered = fill(first, {})
    view = overlay(first, entered, sheet.needs_of(first))
    kept = tuple(replace(a, id=a.key) for a in view.patient.answers)
    return PatientFacts(PATIENT, kept, view.patient.records)


@pytest.mark.parametrize("kind", list(JOINT))
def test_every_ask_says_why_with_its_date(kind: str) -> None:
    lines = lines_of(kind)
    assert {"known", "derived", "offered"} <= {line.state for line in lines}
    assert [line for line in lines if not line.why.strip().endswith((".", "]"))] == []
    silent = [line for line in lines if line.state not in BY_RULE and not DATE.search(line.why)]
    assert silent == []


@pytest.mark.parametrize("kind", list(JOINT))
def test_a_ruled_out_ask_names_the_rule_or_the_answer_that_rules_it_out(kind: str) -> None:
    out = [line for line in lines_of(kind) if line.state in ("ruled_out", "conditional")]
    assert [x.why for x in out if "its program asks it only if" not in x.why.lower() and not DATE.search(x.why)] == []


def test_a_reason_names_the_visit_that_the_answer_comes_from() -> None:
    alive = said("vital-status", "alive", on=100, context="v3")
    why = line_of("surv", at("car_registry_na", "M6", 180, last=100), alive).why
    assert why == (
        f"Last given on {text(100)} at the visit for the earlier reports; "
        "it may have changed and is kept with one key if not."
    )


def test_a_reason_names_what_happened_since() -> None:
    here = at("car_registry_na", "M6", 180, last=100)
    given = said("cause-of-death-primary", "unknown", on=100, context="v3")
    patient = PatientFacts(PATIENT, (given,), events=(EventFact("death", day(170)),))
    survival, cause = (
        sheet.build(visit(RELEASE, replace(here, asks=(ask_of(here.program, name),)), patient=patient)).lines[0]
        for name in ("surv", "cod")
    )
    assert f"death on {text(170)} since" in cause.why
    assert survival.why == f"Follows from the death recorded for {text(170)}."


def test_a_missing_reason_of_an_earlier_visit_is_told_and_asked_again() -> None:
    missing = said("sex-at-birth", missing="unknown", on=100, context="p1")
    why = line_of("sex", at("car_registry_na", "M6", 180, last=100), missing).why
    assert why.startswith(f"Said to be “unknown” on {text(100)}")
