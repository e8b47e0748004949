"""What the burden pages draw: load by week, asks by state, minutes by kind. Pure; the same figures stand in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sites.burden import charts
from sites.burden.charts import Chart, Lane, Mark, Row, Segment
from sites.burden.entries import COUNTS
from sites.burden.figures import Totals, Week
from sites.burden.words import STATES, hours, hours_of, minutes

KINDS = (
    ("predicted", "kind-predicted", "Predicted"),
    ("measured", "kind-measured", "Measured in the form"),
    ("avoided", "kind-avoided", "Avoided"),
    ("transcription", "kind-transcription", "Copying by hand"),
)
COLOURS = 8  # program-0 .. program-7 in burden.css


def load(weeks: Sequence[Week], titles: Mapping[str, str]) -> Chart | None:
    """Expected hours by week, stacked by program, with this week's budget as a line."""
    codes = sorted({code for week in weeks for code in week.programs})
    css = {code: f"program-{i % COLOURS}" for i, code in enumerate(codes)}
    budget = weeks[0].budget if weeks else None
    rows = [Row(f"{w.monday:%d %b}", (Lane(_parts(w, css, titles), hours(w.total)),)) for w in weeks]
    return charts.rows_chart(
        rows,
        id="load",
        title="Expected hours of data entry, by week",
        description=f"One bar a week, from this Monday on, stacked by program. {_budget_words(budget)}".strip(),
        legend=[(css[code], titles.get(code, code)) for code in codes],
        mark=Mark(budget / 60, f"budget {hours_of(budget)}") if budget else None,
        beside=56,
    )


def states(rows: Mapping[str, Totals], titles: Mapping[str, str]) -> Chart | None:
    """Asks by their seven states, one bar a program."""
    made = [Row(titles.get(code, code), (Lane(_asks(totals), str(totals.received)),)) for code, totals in rows.items()]
    return charts.rows_chart(
        made,
        id="states",
        title="Asks by how they ended",
        description="One bar a program: shown, shared, kept with one key, known, derived, ruled out, held.",
        legend=[(f"ask-{state}", STATES[state].capitalize()) for state in COUNTS],
    )


def times(rows: Mapping[str, Totals], titles: Mapping[str, str]) -> Chart | None:
    """Minutes predicted, measured, avoided and copied, four bars a program."""
    made = [Row(titles.get(code, code), tuple(_lane(t, *kind) for kind in KINDS)) for code, t in rows.items()]
    return charts.rows_chart(
        made,
        id="times",
        title="Minutes by program",
        description="Four bars a program: predicted, measured in the form, avoided, and copying by hand.",
        legend=[(css, words) for _, css, words in KINDS],
    )


def _parts(week: Week, css: Mapping[str, str], titles: Mapping[str, str]) -> tuple[Segment, ...]:
    return tuple(
        Segment(cs / 360_000, css[code], f"{titles.get(code, code)}: {hours(cs)}") for code, cs in week.programs.items()
    )


def _asks(totals: Totals) -> tuple[Segment, ...]:
    return tuple(Segment(totals.counts[s], f"ask-{s}", f"{STATES[s]}: {totals.counts[s]}") for s in COUNTS)


def _lane(totals: Totals, kind: str, css: str, words: str) -> Lane:
    share = totals.of(kind).share
    return Lane((Segment(share / 6000, css, f"{words}: {minutes(share)}"),), minutes(share))


def _budget_words(budget: int | None) -> str:
    return f"The dashed line is the budget of {hours_of(budget)} a week." if budget else ""
