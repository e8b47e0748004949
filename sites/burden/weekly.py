"""What a site spent by week, from the ledger: the forecast's judge."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.db.models import Sum

from sites.burden.figures import monday
from sites.models import BurdenEntry

KINDS = ("predicted", "measured", "transcription")


def spent(site: str, start: date, end: date) -> tuple[dict[date, float], int, int]:
    """Monday → centiseconds spent (both days included), how many visits, and how many of them were timed. 1 query.

    A timed visit counts as measured; another as predicted, at the pace of those timed in these days. Copying is added.
    """
    rows = BurdenEntry.objects.filter(site=site, local_date__gte=start, local_date__lte=end, kind__in=KINDS)
    visits: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    days: dict[UUID, date] = {}
    for uuid, day, kind, share in rows.values_list("source_uuid", "local_date", "kind").annotate(total=Sum("share")):
        visits[uuid][kind] += share
        days[uuid] = day
    timed = [v for v in visits.values() if v["measured"]]
    predicted = sum(v["predicted"] for v in timed)
    pace = sum(v["measured"] for v in timed) / predicted if predicted else 1.0
    found: dict[date, float] = defaultdict(float)
    for uuid, v in visits.items():
        found[monday(days[uuid])] += (v["measured"] or pace * v["predicted"]) + v["transcription"]
    return dict(found), sum(1 for v in visits.values() if v["predicted"]), len(timed)
