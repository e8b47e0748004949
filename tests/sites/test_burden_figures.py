"""Pure parts of the burden pages: words, pace, period, chart shapes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sites.burden import calibrate, charts, cost, words
from sites.burden.charts import Lane, Mark, Row, Segment
from sites.burden.figures import Times, Totals
from sites.pages import period

TODAY = date(2026, 6, 3)


def test_over_and_under_the_budget_are_said_in_words() -> None:
    assert words.verdict(360_000, 30).text == "0.5 h over the budget of 0.5 h."
    assert words.verdict(360_000, 90).text == "0.5 h under the budget of 1.5 h."
    assert words.verdict(360_000, 60).tone == "done"
    assert words.verdict(1, None).text == "No budget is set."


def test_the_range_is_the_stated_assumption() -> None:
    assert words.hours_range(360_000) == "0.6 to 1.6 h"
    assert cost.spread(100).low == 60


def test_few_measurements_move_the_default_little_and_many_a_lot() -> None:
    assert calibrate.shrink(10, 5, 0) == 10
    assert calibrate.shrink(10, 5, 20) == 7.5
    assert calibrate.shrink(10, 5, 100_000) == pytest.approx(5, abs=0.01)
    assert calibrate.pace(0, 0, 0) is None


def test_totals_add_up_state_by_state_and_kind_by_kind() -> None:
    one = Totals({**Totals().counts, "shown": 3}, {"avoided": Times(10, 1, 2), "transcription": Times(30)})
    both = one + one
    assert (both.received, both.net_avoided, both.avoided) == (6, -40, Times(20, 2, 4))


def test_the_period_is_this_month_and_the_11_before_unless_the_link_says_otherwise() -> None:
    assert period.read({}, TODAY) == period.Period(date(2025, 7, 1), date(2026, 6, 30))
    asked = period.read({"from": "2026-01-01", "to": "2026-01-31"}, TODAY)
    assert asked.query == "from=2026-01-01&to=2026-01-31"
    assert period.read({"to": "2020-01-10"}, TODAY).start == date(2019, 1, 11)
    assert period.read({"to": "0001-01-10"}, TODAY).start == date.min


def chart(*values: float, mark: float | None = None, beside: int = 0) -> charts.Chart | None:
    made = [
        Row(f"row {i}", (Lane((Segment(v, "a", ""), Segment(v / 2, "b", "")), f"{v}"),)) for i, v in enumerate(values)
    ]
    line = Mark(mark, "budget") if mark else None
    return charts.rows_chart(made, id="x", title="", description="", legend=(), mark=line, beside=beside)


def test_a_chart_of_nothing_is_no_chart() -> None:
    assert chart(0, 0) is None
    assert chart() is None


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12),
    st.one_of(st.none(), st.floats(0.01, 1e6)),
    st.sampled_from([0, 56]),
)
def test_every_bar_and_the_mark_lie_inside_the_drawing(values: list[float], mark: float | None, beside: int) -> None:
    made = chart(*values, mark=mark, beside=beside)
    assert made
    room = charts.WIDTH - charts.ROOM + 1.5  # parts too small to see are drawn half a unit wide
    assert all(b.x >= beside and b.x + b.width <= room and b.y + b.height <= made.height for b in made.bars)
    assert made.mark is None or beside <= made.mark <= room


def test_bars_are_in_proportion_to_their_values() -> None:
    made = chart(10, 20)
    assert made
    wide = [b.width for b in made.bars]
    assert wide[2] == pytest.approx(2 * wide[0], abs=0.2)
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.2)
