"""What holds at a site now: its latest cost profile beside the defaults, by kind of answer. Reads only.

Called by the page "How minutes are estimated" and by the load; capture.enter.calibrating writes the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from sites.burden import cost, prices
from sites.burden.assumptions import ASSUMPTIONS, Assumption
from sites.burden.cost import Range
from sites.burden.prices import KINDS, Prices
from sites.models import CostProfile, Site

ONE_VISIT, MANY_VISITS = "one_visit", "many_visits"


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of answer: the assumption, what the site's visits say alone (None: too few), and what is in force."""

    assumed: Assumption
    n: int
    measured: int | None
    now: Range

    @property
    def asks(self) -> str:
        """How many asks are behind it, in words; for `effort` the seconds that the catalog says."""
        units = {prices.EFFORT: "s of the catalog", prices.VISIT: "visits"}
        return f"{self.n:,} {units.get(self.assumed.kind, 'asks')}"

    @property
    def sixty(self) -> int:
        """What 60 of it take, in centiseconds: of `effort`, a question of 60 seconds."""
        return 60 * self.now.mid


@dataclass(frozen=True, slots=True)
class Profile:
    """A site's prices as they hold; `measured_at` is None before the first calibration. Centiseconds."""

    lines: Sequence[Line]
    measured_at: datetime | None
    visits: int
    visit: Range | None
    many: Range | None

    @property
    def prices(self) -> Prices:
        """What the site's questions cost, to apply."""
        by_kind = {line.assumed.kind: line.now.mid for line in self.lines}
        return Prices(tuple(by_kind[kind] for kind in KINDS))


def of_site(site: Site) -> Profile:
    """The latest profile of a site; the defaults where it has none. 1 query."""
    latest = CostProfile.objects.filter(site=site).order_by("-measured_at").values("measured_at")[:1]
    rows = CostProfile.objects.filter(site=site, measured_at=Subquery(latest)).order_by("pk")
    found = {row.answer_kind: row for row in rows}
    last = next((row.measured_at for row in found.values()), None)
    lines = [_line(assumed, found.get(assumed.kind)) for assumed in ASSUMPTIONS if assumed.kind]
    one, many = found.get(ONE_VISIT), found.get(MANY_VISITS)
    return Profile(lines, last, one.n if one else 0, _range(one) if one else None, _range(many) if many else None)


def unmeasured() -> list[Assumption]:
    """Assumptions that active time in the form cannot measure."""
    return [assumed for assumed in ASSUMPTIONS if not assumed.kind]


def _line(assumed: Assumption, row: CostProfile | None) -> Line:
    if row is None:
        low, value, high = (round(100 * x) for x in (assumed.low, assumed.value, assumed.high))
        return Line(assumed, 0, None, Range(low, value, high))
    return Line(assumed, row.n, row.measured_centiseconds, _range(row))


def _range(row: CostProfile) -> Range:
    mid = row.mean_centiseconds
    around = cost.spread(mid)
    low, high = row.low_centiseconds, row.high_centiseconds
    return Range(around.low if low is None else low, mid, around.high if high is None else high)
