"""Bar charts as shapes for the template sites/chart.html: rows of stacked bars, an optional mark. Pure; ADR 0009."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 440
ROOM = 64  # for the figure at the end of a bar
LANE = 15
LABEL = 17
GAP = 9
TOP = 20


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar. `css` is a class of sites/burden.css; `title` says what it is, in words with its figure."""

    value: float
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One bar: its parts from left to right, and the figure written at its end."""

    segments: tuple[Segment, ...]
    figure: str


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled row with one or more bars."""

    label: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across all rows, as a budget is."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle to draw, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text to draw; `css` says how it is aligned."""

    x: float
    y: float
    text: str
    css: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A whole drawing. `legend` is (class, words); the same numbers stand in a table beside it."""

    id: str
    title: str
    description: str
    width: int
    height: int
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    mark: float | None
    legend: tuple[tuple[str, str], ...]


def rows_chart(
    rows: Sequence[Row],
    *,
    id: str,
    title: str,
    description: str,
    legend: Sequence[tuple[str, str]],
    mark: Mark | None = None,
    beside: int = 0,
) -> Chart | None:
    """The drawing of `rows`; None where every bar is empty. `beside` > 0 puts labels left of the bars, that wide."""
    totals = [sum(s.value for s in lane.segments) for row in rows for lane in row.lanes]
    top = max([*totals, mark.value if mark else 0], default=0)
    if not any(totals):
        return None
    scale = (WIDTH - beside - ROOM) / top
    bars: list[Bar] = []
    words: list[Word] = [] if mark is None else [_mark_word(mark, beside + mark.value * scale)]
    y = TOP if mark else 4
    for row in rows:
        words.append(Word(0, y + (12 if beside else 11), row.label, "chart-label"))
        y += 0 if beside else LABEL
        for lane in row.lanes:
            bars += _lane(lane, beside, y, scale)
            end = beside + sum(s.value for s in lane.segments) * scale
            words.append(Word(round(end + 5, 1), y + 11, lane.figure, "chart-figure"))
            y += LANE
        y += GAP
    line = round(beside + mark.value * scale, 1) if mark else None
    return Chart(id, title, description, WIDTH, y, tuple(bars), tuple(words), line, tuple(legend))


def _mark_word(mark: Mark, x: float) -> Word:
    """The mark's label, to its left where it stands in the right half."""
    right = x > WIDTH / 2
    return Word(round(x - 4 if right else x + 4, 1), 12, mark.label, "chart-mark-end" if right else "chart-mark-start")


def _lane(lane: Lane, x: float, y: float, scale: float) -> list[Bar]:
    bars = []
    for segment in lane.segments:
        width = segment.value * scale
        if segment.value > 0:
            shape = (round(x, 1), y, round(max(width, 0.5), 1), LANE - 3)
            bars.append(Bar(*shape, segment.css, segment.title))
        x += width
    return bars
