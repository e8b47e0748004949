"""The next 12 weeks of many sites against their budgets: a table of cells, the fullest site first. 3 queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from sites.burden import totals
from sites.models import Budget, LoadPeriod, Site

WEEKS = 12
STEPS = (0.5, 0.8, 1.0, 1.5)  # shares of the budget at which a cell's colour changes
LEGEND = ("up to half", "up to 80 %", "up to all of it", "over, up to 150 %", "more")
NO_BUDGET = "none"


@dataclass(frozen=True, slots=True)
class Cell:
    """One week of one site: expected centiseconds of open work and the budget in minutes, None where none is set."""

    centiseconds: int
    budget: int | None

    @property
    def share(self) -> float | None:
        """Of the budget; None without one. A budget of no minutes is passed by any work."""
        if self.budget is None:
            return None
        return self.centiseconds / 6000 / self.budget if self.budget else float(self.centiseconds > 0) * 9.99

    @property
    def css(self) -> str:
        """The cell's class: heat-0 (least) to heat-4, heat-none without a budget."""
        share = self.share
        return f"heat-{NO_BUDGET if share is None else sum(share > step for step in STEPS)}"

    @property
    def text(self) -> str:
        """Percent of the budget, or hours where none is set."""
        share = self.share
        return f"{self.centiseconds / 360_000:.1f} h" if share is None else f"{100 * share:.0f} %"


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One site's weeks, and the program that causes most of them with its part of the hours in percent.

    `program` is its title, `code` its code ('' where nothing is open).
    """

    site: Site
    cells: tuple[Cell, ...]
    program: str
    percent: int
    code: str = ""

    @property
    def over(self) -> int:
        """Centiseconds over the budget, all weeks that are over together."""
        return sum(max(0, c.centiseconds - 6000 * c.budget) for c in self.cells if c.budget is not None)

    @property
    def weeks_over(self) -> int:
        return sum(c.budget is not None and c.centiseconds > 6000 * c.budget for c in self.cells)


@dataclass(frozen=True, slots=True)
class Heat:
    """`rows` are ordered: most centiseconds over the budget first, then the fullest."""

    mondays: tuple[date, ...]
    rows: tuple[HeatRow, ...]

    @property
    def over(self) -> list[HeatRow]:
        """The sites that pass their budget in some week, most first."""
        return [row for row in self.rows if row.weeks_over]

    @property
    def legend(self) -> list[tuple[str, str]]:
        return [(f"heat-{i}", words) for i, words in enumerate(LEGEND)]


def read(
    sites: Collection[Site], first: date, budgets: Mapping[int, Sequence[Budget]], titles: Mapping[str, str]
) -> Heat:
    """The sites' open work from a Monday on; work of earlier weeks waits in the first. 2 queries."""
    mondays = tuple(first + timedelta(weeks=i) for i in range(WEEKS))
    rows = LoadPeriod.objects.filter(period__lt=first + timedelta(weeks=WEEKS), site__in=[s.code for s in sites])
    load: dict[str, dict[date, int]] = {}
    for code, period, predicted in rows.values_list("site", "period").annotate(n=Sum("predicted")):
        weeks = load.setdefault(code, {})
        weeks[max(period, first)] = weeks.get(max(period, first), 0) + int(predicted)
    most: dict[str, tuple[int, str]] = {}
    for code, program, predicted in rows.values_list("site", "program").annotate(n=Sum("predicted")):
        most[code] = max(most.get(code, (0, "")), (int(predicted), program))
    made = []
    for site in sites:
        mine, held = load.get(site.code, {}), budgets.get(site.pk, ())
        cells = tuple(Cell(mine.get(m, 0), totals.budget_on(held, m)) for m in mondays)
        part, program = most.get(site.code, (0, ""))
        whole = sum(mine.values())
        percent = round(100 * part / whole) if whole else 0
        made.append(HeatRow(site, cells, titles.get(program, program), percent, program))
    made.sort(key=lambda r: (-r.over, -sum(c.centiseconds for c in r.cells), r.site.name))
    return Heat(mondays, tuple(made))
