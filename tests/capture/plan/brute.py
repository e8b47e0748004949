"""The fewest new visits by trying every choice of days: slow, and built on nothing the planner uses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

from capture.plan.windows import Fixed, Window


def fewest(windows: Sequence[Window], fixed: Sequence[Fixed] = ()) -> int:
    """How many visits must be added to the fixed ones so that every window is served."""
    held = {key for stop in fixed for key in stop.timepoints}
    free = [w for w in windows if w.key not in held]
    days = range(min((w.start for w in free), default=0), max((w.end for w in free), default=0) + 1)
    counts = range(len(free) + 1)
    return next(
        n for n in counts if any(_serves(free, windows, fixed, d) for d in combinations_with_replacement(days, n))
    )


def _serves(free: Sequence[Window], windows: Sequence[Window], fixed: Sequence[Fixed], days: tuple[int, ...]) -> bool:
    program_of = {w.key: w.program for w in windows}
    for program in {w.program for w in free}:
        slots = [f.date for f in fixed if f.open and program not in {program_of[k] for k in f.timepoints}]
        if not _matches([w for w in free if w.program == program], [*days, *slots]):
            return False
    return True


def _matches(windows: Sequence[Window], days: Sequence[int]) -> bool:
    """Whether each window gets a day of its own (augmenting paths)."""
    owner: dict[int, int] = {}

    def assign(i: int, seen: set[int]) -> bool:
        for slot, day in enumerate(days):
            if windows[i].opens <= day <= windows[i].end and slot not in seen:
                seen.add(slot)
                if slot not in owner or assign(owner[slot], seen):
                    owner[slot] = i
                    return True
        return False

    return all(assign(i, set()) for i in range(len(windows)))
