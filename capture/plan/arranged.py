"""Step 4: what a person arranged for a visit, honoured while the windows allow it. Pure; delta and pages call it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from capture.plan.windows import Window


@dataclass(frozen=True, slots=True)
class Arranged:
    """A visit as a person arranged it: its day ordinal, and the timepoints put into it by hand (none = the planner's).

    `alone`: it takes no others. `seen`: the day itself was chosen, so it never moves; else it may move inside the
    windows so that what belongs together stays together.
    """

    on: int
    keys: frozenset[str] = frozenset()
    alone: bool = False
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds of an arrangement now: the day, what stays in the visit, and in words why the others leave.

    `void`: its reports have no common day any more, so the visit serves nothing until it is released or they have one.
    """

    date: int
    keys: tuple[str, ...]
    let_go: Mapping[str, str] = field(default_factory=dict)
    void: bool = False


def settle(arranged: Arranged, windows: Sequence[Window]) -> Settled:
    """Apply an arrangement to the windows (all open, once a program) of what it holds or took on."""
    group = [w for w in windows if w.key in arranged.keys]
    if arranged.seen or not group:
        return _around(arranged.on, windows, arranged.keys)
    days = common_days(group)
    if days is None:
        why = "put together by hand, but their windows do not meet any more"
        return Settled(arranged.on, (), {w.key: why for w in group}, void=True)
    inside = all(w.holds(arranged.on) for w in group)
    return _around(arranged.on if inside else min(max(arranged.on, days[0]), days[1]), windows, arranged.keys)


def common_days(windows: Iterable[Window]) -> tuple[int, int] | None:
    """The first and last day on which one visit may serve all of these; None where there is none.

    Reports of programs that take the nearest contact set no limit, unless they are alone.
    """
    found = list(windows)
    strict = [w for w in found if not w.nearest] or found
    first, last = max(w.opens for w in strict), min(w.end for w in strict)
    return (first, last) if first <= last else None


def counts_for(day: int, windows: Iterable[Window], owed: Collection[str]) -> tuple[str, ...]:
    """The reports a contact on this day stands for: of each program the open window it falls into that ends first.

    `windows` are all of the patient, `owed` the keys of those still open. Outside every window of a program it stands
    for the nearest report, where the program takes that and it is still open; never otherwise.
    """
    by_program: dict[str, list[Window]] = defaultdict(list)
    for window in windows:
        by_program[window.program].append(window)
    found = (_of_program(day, mine, owed) for mine in by_program.values())
    return tuple(sorted(key for key in found if key))


def _of_program(day: int, windows: Sequence[Window], owed: Collection[str]) -> str | None:
    inside = sorted((w for w in windows if w.holds(day)), key=lambda w: (w.end, w.start, w.key))
    if inside:
        return next((w.key for w in inside if w.key in owed and w.opens <= day), None)
    nearest = min(windows, key=lambda w: (max(w.start - day, day - w.end), w.end, w.key))
    return nearest.key if nearest.nearest and nearest.key in owed else None


def _around(day: int, windows: Sequence[Window], chosen: frozenset[str]) -> Settled:
    """What a visit on this day may serve; a report that a person put there leaves in words only."""
    stays = {w.key for w in windows if w.holds(day) or (w.nearest and _meant(w, chosen))}
    why = f"the visit arranged for {date.fromordinal(day)} is outside its window"
    return Settled(day, tuple(sorted(stays)), {w.key: why for w in windows if w.key not in stays})


def _meant(window: Window, chosen: frozenset[str]) -> bool:
    """Outside its window a report goes only where a person put it: by name, or by moving the visit it was in."""
    return not chosen or window.key in chosen
