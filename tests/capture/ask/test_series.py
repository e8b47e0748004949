"""Which measurement a request takes, by its own rule: one choice for what is known, delivered and said (rule 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.ask import series, sheet, terms
from capture.ask.asksheet import Line
from capture.ask.facts import Answer, Entry, Occasion, PatientFacts, Record, gate_key
from capture.deliver.slicing import cut
from forms_catalog.specs import Step
from forms_catalog.transforms import PLAIN, Selection
from tests.capture.deliver import made
from tests.occasions import PATIENT, day, entered, gate, new_record, occasion, record, visit
from tests.sizes import size


def lab(number: int, on: int, value: str) -> Record:
    """A draw between visits."""
    return record(number, "lab-draw", lab_draw_date=day(on).isoformat(), alt=value)


def at_visit(on: int, value: str, visit_id: int = 3) -> Answer:
    return Answer("alt", "", f"v{visit_id}", value, observed_on=day(on), visit_id=visit_id, id=f"alt-{on}")


def selecting(**args: object) -> Step:
    return Step("select", args)


class Asking:
    """A study that asks for ALT at month 6 (day 180, window 165 to 195, last report of day 100) by one rule."""

    def __init__(self, *steps: Step) -> None:
        spec = replace(made.fields("alt")[0], kind="decimal")
        self.release = made.small(made.ask(spec, "alt", *steps))
        self.here = occasion(self.release, "study", "M6", 180, last=100)

    def patient(self, answers: Sequence[Answer] = (), draws: Sequence[Record] = ()) -> PatientFacts:
        return made.facts(self.here, *answers, records=draws)

    def line(self, answers: Sequence[Answer] = (), draws: Sequence[Record] = ()) -> Line:
        return sheet.build(visit(self.release, self.here, patient=self.patient(answers, draws))).lines[0]

    def told(self, answers: Sequence[Answer] = (), draws: Sequence[Record] = ()) -> str:
        who = self.patient(answers, draws)
        value = terms.cell(self.here.asks[0], self.here, who, self.release).outcome.value
        assert cut(self.here, who, self.release).cells[0].value == value, "a slice holds what the form shows"
        return value


ASKED = gate("lab-draw", 100, 180)
SERIES = [lab(1, 95, "20"), lab(2, 110, "90"), lab(3, 150, "30"), lab(4, 170, "40"), lab(5, 183, "50")]


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        ((), "40"),
        ((selecting(rule="nearest"),), "50"),
        ((selecting(rule="last_before"),), "40"),
        ((selecting(rule="last_before", days=5),), ""),
        ((selecting(rule="last_before", days=10),), "40"),
        ((selecting(rule="minimum"),), "30"),
        ((selecting(rule="maximum"),), "90"),
        ((selecting(rule="maximum", days=30),), "40"),
        ((selecting(rule="first_of_three", at_least=25),), "90"),
        ((selecting(rule="first_of_three", at_least=25, give="date"),), day(110).isoformat()),
        ((selecting(rule="first_of_three", at_least=15, scope="ever"),), "20"),
        ((selecting(rule="first_of_three", at_least=35),), ""),
    ],
)
def test_a_request_gets_the_measurement_its_rule_names(steps: tuple[Step, ...], value: str) -> None:
    asked = [gate("lab-draw", -1, 180)]
    assert Asking(*steps).told(asked, SERIES) == value


@pytest.mark.parametrize("rule", ["nearest", "last_before"])
def test_a_request_for_one_day_is_known_once_a_draw_serves_it(rule: str) -> None:
    asking = Asking(selecting(rule=rule))
    assert asking.line(draws=[lab(1, 150, "30")]).state == "offered"
    line = asking.line(draws=[lab(1, 150, "30"), lab(2, 170, "40")])
    assert line.state == "known"
    assert day(170).isoformat() in line.why
    assert "as-of date" in line.why


def test_a_request_may_let_a_measurement_serve_so_many_days() -> None:
    strict, wide = Asking(selecting(rule="last_before", days=29)), Asking(selecting(rule="last_before", days=30))
    assert (strict.line(draws=[lab(1, 150, "30")]).state, wide.line(draws=[lab(1, 150, "30")]).state) == (
        "offered",
        "known",
    )
    assert "may serve 30 days" in wide.line(draws=[lab(1, 150, "30")]).why


@pytest.mark.parametrize("rule", ["minimum", "maximum"])
def test_a_lowest_or_highest_value_needs_every_draw_of_the_period(rule: str) -> None:
    asking = Asking(selecting(rule=rule))
    open_line = asking.line(draws=SERIES)
    assert (open_line.state, asking.told(draws=SERIES)) == ("offered", "")
    assert [q.partition("~")[0] for q in open_line.questions] == ["any-new", "lab-draw-date", "alt"]
    assert asking.line([ASKED], SERIES).state == "derived"
    assert asking.told([ASKED], SERIES) == {"minimum": "30", "maximum": "90"}[rule]


def test_draws_typed_at_the_visit_are_part_of_the_series() -> None:
    asking = Asking(selecting(rule="maximum"))
    facts = visit(asking.release, asking.here, patient=asking.patient())
    typed = entered(
        {}, new_record(1, "lab-draw", lab_draw_date=day(140).isoformat(), alt="77"), gates={"lab-draw": "yes"}
    )
    final = sheet.build(facts, typed, final=True)
    assert {q.element for q in final.visible} == {"any-new", "lab-draw-date", "alt"}
    assert typed.answers[gate_key("lab-draw", 7)] == Entry("yes")


def test_a_value_below_a_limit_is_no_lowest_number() -> None:
    asked = Asking(selecting(rule="minimum"))
    assert asked.told([ASKED], [lab(1, 120, "<5"), lab(2, 130, "30")]) == "30"


def test_three_in_a_row_are_of_three_days_and_one_below_starts_again() -> None:
    asking = Asking(selecting(rule="first_of_three", at_least=25))
    same_day = [lab(1, 110, "30"), lab(2, 110, "31"), lab(3, 120, "32")]
    again = [lab(1, 110, "30"), lab(2, 120, "20"), lab(3, 130, "31"), lab(4, 140, "32"), lab(5, 150, "33")]
    assert asking.told([ASKED], same_day) == ""
    assert asking.told([ASKED], again) == "31"


def test_without_a_rule_the_visits_own_measurement_comes_first() -> None:
    asking = Asking()
    own = at_visit(182, "60", 7)
    assert asking.told([own], SERIES) == "60"
    assert Asking(selecting(rule="last_before")).told([own], SERIES) == "40"


DRAWS = st.lists(st.tuples(st.integers(0, 220), st.integers(1, 99)), max_size=9)
RULES = st.builds(
    Selection,
    rule=st.sampled_from(["nearest", "last_before", "minimum", "maximum"]),
    days=st.one_of(st.none(), st.integers(0, 200)),
)


@settings(max_examples=size(60, 20_000), deadline=None)
@given(DRAWS, RULES)
def test_the_choice_agrees_with_looking_at_every_day(draws: list[tuple[int, int]], rule: Selection) -> None:
    asking = Asking()
    found = series.of(
        asking.release.elements["alt"],
        PatientFacts(PATIENT, records=tuple(lab(n, on, str(v)) for n, (on, v) in enumerate(draws))),
        asking.release,
    )
    chosen = series.pick(found, asking.here, rule)
    allowed = [(on, v) for on, v in draws if _serves(on, rule)]
    if chosen is None:
        assert allowed == []
        return
    on, value = (chosen.on - day(0)).days, int(chosen.answer.value)
    assert (on, value) in allowed
    assert _distance(on, value, rule) == min(_distance(o, v, rule) for o, v in allowed)


def _distance(on: int, value: int, rule: Selection) -> int:
    """What the rule makes as small as it can."""
    return {"minimum": value, "maximum": -value, "nearest": abs(on - 180), "last_before": 180 - on}[rule.rule]


def _serves(on: int, rule: Selection) -> bool:
    """Day by day: the report speaks for day 180, its window is 165 to 195, the last one spoke for day 100."""
    end = 195 if rule.rule == "nearest" else 180
    if rule.days is not None:
        return 180 - rule.days <= on <= end
    return (on > 100 if rule.over_period else on >= 165) and on <= end


def test_a_rule_is_read_once_for_form_slice_and_reason() -> None:
    assert Selection() == PLAIN
    assert Selection("first_of_three", at_least=Decimal("0.5")).over_period


def test_no_report_takes_a_measurement_of_the_report_before_it() -> None:
    asking = Asking()
    just_reported = replace(asking.here, after=day(172))
    assert isinstance(just_reported, Occasion)
    assert (
        series.pick(
            series.of(asking.release.elements["alt"], asking.patient(draws=SERIES), asking.release), just_reported
        )
        is None
    )
