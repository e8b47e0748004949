"""The fewest new visits by another road: a longest path over days, by duality; nothing of the planner is used.

Visits are points in time. A program's windows get a point each exactly when every stretch of days a..b holds as many
points that are free for it as it has windows inside (Hall's condition; windows are intervals). So over all programs a
stretch needs `max(windows inside - fixed visits free for the program)` new points. The fewest points that give every
stretch what it needs are as many as the dearest row of stretches that do not overlap: a longest path.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from capture.plan.windows import Fixed, Window


def fewest(windows: Sequence[Window], fixed: Sequence[Fixed] = ()) -> int:
    """How many visits must be added to the fixed ones so that every window is served."""
    held = {key for stop in fixed for key in stop.timepoints}
    program_of = {w.key: w.program for w in windows}
    free = [w for w in windows if w.key not in held]
    starts, ends = sorted({w.opens for w in free}), sorted({w.end for w in free})
    if not free:
        return 0
    needs = [[0] * len(ends) for _ in starts]
    for program in {w.program for w in free}:
        mine = sorted((w for w in free if w.program == program), key=lambda w: w.end)
        spare = sorted(f.date for f in fixed if f.open and program not in {program_of[k] for k in f.timepoints})
        for i, first in enumerate(starts):
            inside = [w.end for w in mine if w.opens >= first]
            taken, before = 0, bisect_left(spare, first)
            for j, last in enumerate(ends):
                while taken < len(inside) and inside[taken] <= last:
                    taken += 1
                if last >= first:
                    usable = bisect_left(spare, last + 1) - before
                    needs[i][j] = max(needs[i][j], taken - usable)
    return _dearest(starts, ends, needs)


def _dearest(starts: Sequence[int], ends: Sequence[int], needs: Sequence[Sequence[int]]) -> int:
    """The most points that stretches one after another need together."""
    best: list[int] = []  # up to each end
    for j, last in enumerate(ends):
        found = best[-1] if best else 0
        for i, first in enumerate(starts):
            if first <= last and needs[i][j]:
                before = bisect_left(ends, first) - 1
                found = max(found, needs[i][j] + (best[before] if before >= 0 else 0))
        best.append(found)
    return best[-1]
