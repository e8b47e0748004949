"""Step 4: the fewest visits that serve every follow-up window; scheduling and plan_visits call it, it returns the plan.

One sweep over deadlines. A program needs, for any days a..b, at least as many visits in a..b as it has windows inside;
serving each program's earliest deadline first wastes no visit, and a visit made on the day a deadline would be missed
is one that no plan can do without and that reaches as many later windows as any could. So the plan has fewest visits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from capture.plan.workdays import EVERY_DAY, Calendar, nearest
from forms_catalog.specs import ProgramSchedule

Queued = tuple[int, int, str, "Window"]  # deadline, opening day, key: the order in which one program is served


class PlanError(ValueError):
    """The windows or fixed visits contradict themselves. The message names the one at fault."""

    code = "bad_plan_input"


@dataclass(frozen=True, slots=True)
class Window:
    """One timepoint to serve: `start..end` and `target` are day ordinals, both ends included.

    `not_before` is the last day of a recall period the report must answer (None where there is none). `nearest`: the
    program takes a contact outside the window too, where a person says so; the planner itself never leaves a window.
    """

    key: str
    program: str
    start: int
    end: int
    target: int
    not_before: int | None = None
    nearest: bool = False

    def holds(self, day: int) -> bool:
        """Whether the day is inside, both ends included."""
        return self.start <= day <= self.end

    @property
    def opens(self) -> int:
        """The first day that serves; a recall period that outlasts the window leaves its last day."""
        return self.start if self.not_before is None else min(max(self.start, self.not_before), self.end)

    @property
    def aim(self) -> int:
        """The target, moved to the nearest day inside the window."""
        return min(max(self.target, self.start), self.end)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A visit whose identity stays. `open`: it may take more timepoints; a submitted or split one never does."""

    date: int
    visit: str
    timepoints: tuple[str, ...] = ()
    open: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """One visit of the plan: its day ordinal, its timepoints sorted, and the fixed visit it is (None = a new one)."""

    date: int
    keys: tuple[str, ...]
    visit: str | None = None


def of_schedule(
    schedule: ProgramSchedule,
    anchor: int,
    codes: Collection[str] | None = None,
    recall_ends: Mapping[str, int] | None = None,
) -> list[Window]:
    """A program's follow-up windows from the anchor's day ordinal, with keys 'program:CODE'; no baseline entries.

    `codes` keeps a track's entries only. `recall_ends` gives, by entry code, the last day (from the anchor) of a recall
    period that the entry's report must answer.
    """
    days = {code: anchor + day for code, day in (recall_ends or {}).items()}
    return [
        Window(
            key=f"{schedule.program}:{e.code}",
            program=schedule.program,
            start=anchor + e.window_start_day,
            end=anchor + e.window_end_day,
            target=anchor + (e.window_start_day if e.target_day is None else e.target_day),
            not_before=days.get(e.code),
        )
        for e in schedule.entries
        if e.kind == "followup" and e.window_start_day is not None and e.window_end_day is not None
        if codes is None or e.code in codes
    ]


def plan(windows: Iterable[Window], fixed: Iterable[Fixed] = (), calendar: Calendar = EVERY_DAY) -> tuple[Planned, ...]:
    """Serve every window once with the fewest new visits, never two of one program in a visit; sorted by date.

    A new visit is on the day nearest to its targets on which the site works; it leaves no window for that.

    Fixed visits come back with what they hold and, where open, what they take on. The windows of an open fixed visit's
    own timepoints must be among `windows`, or nobody could tell which programs it already serves. Raises PlanError.
    """
    windows, stops = tuple(windows), sorted(fixed, key=lambda f: (f.date, f.visit))
    known = _checked(windows, stops)
    held = {key for stop in stops for key in stop.timepoints}
    sweep = _Sweep([w for w in windows if w.key not in held], calendar)
    planned: list[Planned] = []
    for stop in stops:
        planned += sweep.until(stop.date)
        planned.append(sweep.join(stop, {known[k].program for k in stop.timepoints if k in known}))
    planned += sweep.until(None)
    return tuple(sorted(planned, key=lambda p: (p.date, p.keys)))


def _checked(windows: Sequence[Window], stops: Sequence[Fixed]) -> dict[str, Window]:
    """The windows by key, once nothing contradicts itself."""
    known = {w.key: w for w in windows}
    if len(known) < len(windows):
        raise PlanError(f"Two windows share the key {_repeated(w.key for w in windows)}. Give each timepoint its own.")
    for w in windows:
        if w.start > w.end:
            raise PlanError(f"The window {w.key} ends before it starts. Correct its days.")
    if twice := _repeated(key for stop in stops for key in stop.timepoints):
        raise PlanError(f"The timepoint {twice} is held by two fixed visits. Keep it in one of them.")
    for stop in stops:
        if missing := [key for key in stop.timepoints if stop.open and key not in known]:
            raise PlanError(f"The fixed visit {stop.visit} holds {missing[0]}, which has no window. Pass it too.")
    return known


def _repeated(keys: Iterable[str]) -> str:
    """The first key that comes more than once, or ''."""
    return next((key for key, times in Counter(keys).items() if times > 1), "")


class _Sweep:
    """What is still to serve as the sweep moves forward in time; lives for one call of `plan`."""

    def __init__(self, windows: Sequence[Window], calendar: Calendar) -> None:
        self.calendar = calendar
        self.upcoming = sorted(windows, key=lambda w: (w.opens, w.key), reverse=True)  # the next to open is last
        self.deadlines = sorted(windows, key=lambda w: (w.end, w.key), reverse=True)  # the next deadline is last
        self.queues: dict[str, list[Queued]] = {}
        self.served: set[str] = set()
        self.last: dict[str, int] = {}  # program → day of its latest visit

    def until(self, date: int | None) -> list[Planned]:
        """New visits for every deadline before `date` (None = all that are left)."""
        made: list[Planned] = []
        while (deadline := self._deadline()) is not None and (date is None or deadline < date):
            served = self._take(deadline, frozenset())
            floor = max(self.last.get(w.program, w.opens - 1) for w in served) + 1
            day = _day(served, floor, self.calendar)
            made.append(self._seal(day, served, (), None))
        return made

    def join(self, stop: Fixed, programs: set[str]) -> Planned:
        """The fixed visit, with one more window of each program it does not serve yet where it is open."""
        served = self._take(stop.date, frozenset(programs)) if stop.open else []
        self.last.update((p, max(stop.date, self.last.get(p, stop.date))) for p in programs)
        return self._seal(stop.date, served, stop.timepoints, stop.visit)

    def _deadline(self) -> int | None:
        while self.deadlines and self.deadlines[-1].key in self.served:
            self.deadlines.pop()
        return self.deadlines[-1].end if self.deadlines else None

    def _take(self, date: int, excluded: frozenset[str]) -> list[Window]:
        """The earliest-deadline window open on `date` of each program that is not excluded."""
        while self.upcoming and self.upcoming[-1].opens <= date:
            w = self.upcoming.pop()
            heappush(self.queues.setdefault(w.program, []), (w.end, w.opens, w.key, w))
        taken = [heappop(queue)[3] for p, queue in self.queues.items() if queue and p not in excluded]
        self.served.update(w.key for w in taken)
        return taken

    def _seal(self, date: int, served: list[Window], held: tuple[str, ...], visit: str | None) -> Planned:
        self.last.update((w.program, date) for w in served)
        return Planned(date, tuple(sorted((*held, *(w.key for w in served)))), visit)


def _day(served: Sequence[Window], floor: int, calendar: Calendar) -> int:
    """The working day inside all windows with the least sum of distances to their targets, then the earliest.

    The lower median of the targets is that day where every day will do. `floor` is the day after the latest visit of
    these programs: windows of one program that overlap must not swap or share a day where there is another.
    """
    last = min(w.end for w in served)
    first = min(max(floor, *(w.opens for w in served)), last)
    aims = sorted(w.aim for w in served)
    best = min(max(aims[(len(aims) - 1) // 2], first), last)
    return nearest(best, first, last, calendar, lambda day: sum(abs(day - aim) for aim in aims))
