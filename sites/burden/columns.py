"""Column charts with a range and a limit, as shapes for the template sites/chart.html. Pure; the sister of charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from sites.burden.charts import Bar, Chart, Segment, Word

WIDTH, HEIGHT = 440, 210
LEFT, TOP, BOTTOM = 34, 10, 22
BASE = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its parts from the bottom, its range, and its limit (None where there is none).

    `label` stands below it ('' for none); `title` says the range in words.
    """

    label: str
    segments: tuple[Segment, ...]
    low: float
    high: float
    limit: float | None
    title: str


def columns_chart(
    columns: Sequence[Column], *, id: str, title: str, description: str, legend: Sequence[tuple[str, str]]
) -> Chart | None:
    """The drawing; None where every column is empty. Values in hours; the scale ends at a round number of them."""
    if not any(s.value for c in columns for s in c.segments):
        return None
    top = round_up(max(max(c.high, c.limit or 0, sum(s.value for s in c.segments)) for c in columns))
    scale, step = (BASE - TOP) / top, (WIDTH - LEFT) / len(columns)
    bars = [Bar(LEFT, round(BASE - part * top * scale, 1), WIDTH - LEFT, 0.5, "ahead-grid", "") for part in (0.5, 1)]
    words = [
        Word(0, round(BASE - part * top * scale + 4, 1), f"{part * top:g} h", "chart-figure") for part in (0, 0.5, 1)
    ]
    for number, column in enumerate(columns):
        left = LEFT + number * step
        bars += _column(column, left, step, scale)
        if column.label:
            words.append(Word(round(left, 1), HEIGHT - 6, column.label, "chart-figure"))
    return Chart(id, title, description, WIDTH, HEIGHT, tuple(bars), tuple(words), None, tuple(legend))


def round_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 10 times a power of ten."""
    power = 10.0 ** (ceil(log10(value)) - 1)
    return next(n * power for n in (1, 2, 4, 5, 10) if n * power >= value * 0.9999)


def _column(column: Column, left: float, step: float, scale: float) -> list[Bar]:
    bars, y = [], float(BASE)
    wide = round(step * 0.86, 2)
    for segment in column.segments:
        tall = segment.value * scale
        y -= tall
        if tall > 0.05:
            bars.append(Bar(round(left, 2), round(y, 2), wide, round(tall, 2), segment.css, segment.title))
    if column.high > column.low:
        middle, thin = left + wide / 2, max(0.7, step * 0.14)
        tall = (column.high - column.low) * scale
        shape = (round(middle - thin / 2, 2), round(BASE - column.high * scale, 2), round(thin, 2), round(tall, 2))
        bars.append(Bar(*shape, "ahead-range", column.title))
    if column.limit is not None:
        y = round(BASE - column.limit * scale - 0.8, 2)
        bars.append(Bar(round(left, 2), y, round(step, 2), 1.6, "ahead-capacity", f"{column.limit:.1f} h of budget"))
    return bars
