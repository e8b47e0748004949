"""The time line of a patient as shapes: programs as lanes, windows as bars, visits as marks joined over lanes. Pure.

timeline fills the facts, the template capture/patients/drawing.html draws the shapes. The same facts stand in a table.
An own drawing, as charts are (ADR 0009): marks are links with a name, classes carry every colour, so that the content
security policy needs no exception, and the same facts are drawn once for wide and once for narrow screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

YEAR = 365
STRETCH = 5  # the year after an infusion holds a third of all visits: it is drawn so many times wider
TOP, LANE, BAR, AXIS = 30, 58, 12, 40
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Span:
    """One report: its window, its state (planned, due, overdue, submitted, closed, not_owed), and all in words."""

    code: str
    opens: date
    closes: date
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One enrolment: a program's reports on one treatment."""

    id: int
    title: str
    note: str  # which treatment, where there are several
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit: where its link leads, its day, its state today, and the lanes it serves."""

    url: str
    on: date
    state: str
    drafted: bool
    lanes: tuple[int, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One event; `lanes` are those it concerns (all of them for most)."""

    letter: str
    on: date
    words: str
    lanes: tuple[int, ...]
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything on the time line; `infusions` are the days from which a year is drawn wider."""

    today: date
    lanes: tuple[Lane, ...]
    stops: tuple[Stop, ...]
    flags: tuple[Flag, ...]
    infusions: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Rect:
    """A window to draw."""

    x: float
    y: float
    width: float
    css: str
    words: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text to draw; `css` says its size and how it is aligned, `full` is what was shortened."""

    x: float
    y: float
    text: str
    css: str
    full: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A visit: its dots from the first lane it serves to the last, all at `x`."""

    url: str
    x: float
    first: float
    last: float
    css: str
    shapes: tuple[tuple[str, str], ...]  # (class, path)
    words: str


@dataclass(frozen=True, slots=True)
class Pole:
    """An event: a letter on top and lines through the lanes it concerns."""

    x: float
    flag_x: float
    lines: tuple[tuple[float, float], ...]
    letter: str
    css: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing in its own units; `today` is None where today lies outside."""

    name: str
    width: int
    height: int
    rects: tuple[Rect, ...]
    words: tuple[Word, ...]
    marks: tuple[Mark, ...]
    poles: tuple[Pole, ...]
    ticks: tuple[float, ...]
    today: float | None
    floor: float


class Scale:
    """Days to the drawing's x. The year after each infusion is `STRETCH` times as wide as the others, unless zoomed."""

    def __init__(self, first: date, last: date, infusions: Iterable[date], left: float, right: float) -> None:
        self.first, self.last, self.left, self.right = first, last, left, right
        self.wide = tuple(sorted({d.toordinal() for d in infusions if first <= d < last}))
        self.whole = self._weight(last.toordinal()) or 1

    def x(self, day: date) -> float:
        """Where a day is; days outside are moved to the edge."""
        inside = min(max(day, self.first), self.last).toordinal()
        return round(self.left + (self.right - self.left) * self._weight(inside) / self.whole, 1)

    def shows(self, day: date) -> bool:
        """Whether a day is inside."""
        return self.first <= day <= self.last

    def _weight(self, day: int) -> int:
        """Days from the beginning, those of a wide year counted more often, of overlapping ones once."""
        start, reached, extra = self.first.toordinal(), 0, 0
        for begin in self.wide:
            begin, end = max(begin, reached), min(begin + YEAR, day)
            extra += max(0, end - begin)
            reached = max(reached, end)
        return day - start + extra * (STRETCH - 1)


def draw(facts: Facts, name: str, width: int, *, zoomed: bool = False) -> Drawing:
    """The shapes for one width; zoomed: from two months ago to a year from now, every month as wide as the others."""
    small = width < 600
    scale = _scale(facts, width, zoomed)
    rows = {lane.id: TOP + LANE * n for n, lane in enumerate(facts.lanes)}
    floor = TOP + LANE * len(facts.lanes)
    ticks, axis = _axis(scale, floor, _firsts(scale, zoomed=zoomed, every=2 if small else 1))
    words = [w for lane in facts.lanes for w in _lane_words(lane, scale, rows[lane.id], int(width / 7.4))]
    today = scale.x(facts.today) if scale.shows(facts.today) else None
    if today is not None:
        words.append(Word(min(max(today, 18), width - 18), floor + 32, "today", "word today-word"))
    return Drawing(
        name=name,
        width=width,
        height=floor + AXIS,
        rects=tuple(r for lane in facts.lanes for r in _rects(lane, scale, rows[lane.id])),
        words=(*words, *axis),
        marks=tuple(_mark(s, scale, rows, 5 if small else 6) for s in facts.stops if scale.shows(s.on) and s.lanes),
        poles=tuple(_poles(facts, scale, rows, floor)),
        ticks=tuple(ticks),
        today=today,
        floor=floor,
    )


def next_year(today: date) -> tuple[date, date]:
    """The days of the zoom: from two months ago, for what is late, to a year from now."""
    return today - timedelta(days=62), today + timedelta(days=YEAR + 1)


def _scale(facts: Facts, width: int, zoomed: bool) -> Scale:
    pad = 12
    if zoomed:
        return Scale(*next_year(facts.today), (), pad, width - pad)
    days = [d for lane in facts.lanes for s in lane.spans for d in (s.opens, s.closes)]
    days += [*facts.infusions, *(s.on for s in facts.stops), *(f.on for f in facts.flags), facts.today]
    return Scale(min(days), max(days), facts.infusions, pad, width - pad)


def _bar_y(row: float) -> float:
    return row + 22


def _lane_words(lane: Lane, scale: Scale, row: float, letters: int) -> Iterator[Word]:
    """The lane's name above its bars, and under them the codes that have room."""
    room = letters - len(lane.note)
    short = lane.title if len(lane.title) <= room else lane.title[: room - 1].rstrip() + "…"
    yield Word(scale.left, row + 14, short + lane.note, "word lane-name", lane.title if short != lane.title else "")
    reached = 0.0
    for span in sorted(lane.spans, key=lambda s: (s.opens, s.closes)):
        if span.closes < scale.first or span.opens > scale.last:
            continue
        middle, half = (scale.x(span.opens) + scale.x(span.closes)) / 2, 3.4 * len(span.code)
        middle = min(max(middle, scale.left + half), scale.right - half)
        if middle - half > reached + 4:
            yield Word(round(middle, 1), _bar_y(row) + BAR + 14, span.code, "word code")
            reached = middle + half


def _rects(lane: Lane, scale: Scale, row: float) -> Iterator[Rect]:
    for span in lane.spans:
        if span.closes >= scale.first and span.opens <= scale.last:
            x = scale.x(span.opens)
            width = max(round(scale.x(span.closes) - x, 1), 2)
            yield Rect(x, _bar_y(row), width, f"span span-{span.state}", span.words)


def _mark(stop: Stop, scale: Scale, rows: dict[int, int], radius: int) -> Mark:
    ys = sorted(_bar_y(rows[lane]) + BAR / 2 for lane in stop.lanes)
    x = scale.x(stop.on)
    shapes = tuple(part for y in ys for part in _dot(stop.state, stop.drafted, x, y, radius))
    return Mark(stop.url, x, ys[0], ys[-1], stop.state, shapes, stop.words)


def _dot(state: str, drafted: bool, x: float, y: float, r: int) -> Iterator[tuple[str, str]]:
    """A circle; a diamond where overdue, with a tick where submitted, a cross where closed, a point where drafted."""
    if state == "overdue":
        yield "dot", f"M{x} {y - r - 1}l{r + 1} {r + 1}l-{r + 1} {r + 1}l-{r + 1} -{r + 1}z"
    else:
        yield "dot", f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 -{2 * r} 0z"
    if state == "submitted":
        yield "inner", f"M{x - 2.6} {y + 0.2}l1.9 2l3.4 -4.2"
    if state == "closed":
        yield "inner", f"M{x - 2} {y - 2}l4 4m0 -4l-4 4"
    if drafted:
        yield "point", f"M{x - 2} {y}a2 2 0 1 0 4 0a2 2 0 1 0 -4 0z"


def _poles(facts: Facts, scale: Scale, rows: dict[int, int], floor: float) -> Iterator[Pole]:
    """Letters keep 16 apart so that events of one day can be read; each line stands on its own day."""
    reached = scale.left - 16
    for flag in sorted(facts.flags, key=lambda f: (f.on, f.letter)):
        if not scale.shows(flag.on):
            continue
        x = scale.x(flag.on)
        reached = max(x, reached + 17)
        whole = len(flag.lanes) == len(rows)
        lines = ((20.0, floor),) if whole else tuple((rows[lane] + 18.0, rows[lane] + 38.0) for lane in flag.lanes)
        css = "pole is-undone" if flag.undone else "pole"
        yield Pole(x, min(reached, scale.right), lines, flag.letter, css, flag.words)


def _axis(scale: Scale, floor: float, days: Iterable[tuple[date, str]]) -> tuple[list[float], list[Word]]:
    """A tick at each of these days, labelled where there is room."""
    ticks, words, reached = [], [], 0.0
    for day, text in days:
        x = scale.x(day)
        ticks.append(x)
        half = 3.6 * len(text)
        if x - half > reached + 4 and x + half < scale.right + 10:
            words.append(Word(x, floor + 16, text, "word tick"))
            reached = x + half
    return ticks, words


def _firsts(scale: Scale, *, zoomed: bool, every: int) -> Iterable[tuple[date, str]]:
    """The first of each year; where zoomed of each month, or of every second one."""
    first, last = scale.first, scale.last
    if not zoomed:
        return [(date(year, 1, 1), str(year)) for year in range(first.year + 1, last.year + 1)]
    months = [date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13, every)]
    return [(d, str(d.year) if d.month == 1 else MONTHS[d.month - 1]) for d in months if first <= d <= last]


def letters() -> Iterator[str]:
    """A, B … Z, A2, B2 …: names of events."""
    for turn in range(1, 100):
        yield from (f"{chr(65 + n)}{turn if turn > 1 else ''}" for n in range(26))
