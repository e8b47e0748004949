"""Charts as SVG on the server, with a kept library (Altair, vl-convert). No script, no inline style; see ADR 0009."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sites.burden.totals import Week

PALETTE = ("#0b5563", "#c56a00", "#5b7db1", "#7a8b3a", "#8d5a97", "#a33a3a", "#3a7d5c", "#6b6b6b")


def weekly(weeks: Sequence[Week], budget: int | None) -> str:
    """Expected minutes a week by program as stacked bars, with the budget as a line. '' where there is nothing."""
    rows = tuple((w.monday.isoformat(), program, minutes) for w in weeks for program, minutes in w.minutes.items())
    return _weekly(rows, budget) if rows else ""


@lru_cache(maxsize=64)
def _weekly(rows: tuple[tuple[str, str, float], ...], budget: int | None) -> str:
    import altair as alt
    import vl_convert

    data = alt.Data(values=[{"week": w, "program": p, "minutes": m} for w, p, m in rows])
    programs = sorted({p for _, p, _ in rows})
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("week:O", title="Week from Monday", axis=alt.Axis(labelAngle=-45)),
            y=alt.Y("sum(minutes):Q", title="Minutes"),
            color=alt.Color(
                "program:N", title="Program", scale=alt.Scale(domain=programs, range=list(PALETTE[: len(programs)]))
            ),
        )
    )
    chart = bars
    if budget is not None:
        line = alt.Chart(alt.Data(values=[{"budget": budget}])).mark_rule(strokeDash=[6, 4], color="#1d2a35")
        chart = bars + line.encode(y="budget:Q")
    sized = chart.properties(width=620, height=220, title="Expected minutes a week")
    return str(vl_convert.vegalite_to_svg(sized.to_json()))
