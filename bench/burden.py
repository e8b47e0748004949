"""What do the burden pages cost as the ledger grows: rebuilt rows a second, p95 and queries of the pages?

A network of `--sites` sites and 8 programs; N ledger rows, then 10 times as many, 2.3 million a
year: what 200,000 patients make in 15 years (ADR 0010). The pages are asked for
through HTTP by an admin. On a database of its own, written in bulk with the ledger's guards up: rows are only added.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from bench import planning_population as population

PROGRAMS = 8
KINDS = ("predicted", "avoided", "measured", "transcription")
TIMES = 20
VISITS_A_DAY = 525  # of 12 rows each
FILL = """
INSERT INTO sites_burdenentry (uuid, source, source_uuid, program, kind, revision, site, visit_kind, local_date,
  share, marginal, alone, shown, shared, confirmed, known, derived, ruled_out, held, simulated, written_at)
SELECT gen_random_uuid(), 'submission', md5((n / 12)::text || %(seed)s)::uuid, 'program-' || (n / 4 %% 3 + n / 12 %% 6),
  (ARRAY['predicted', 'avoided', 'measured', 'transcription'])[n %% 4 + 1], 1, 'site-' || (n / 12 %% %(sites)s),
  'followup', CURRENT_DATE - (n / 12 / %(day)s)::int, 20000 + n %% 9000, 9000, 40000 + n %% 9000,
  CASE WHEN n %% 4 = 0 THEN 20 ELSE 0 END, 5, 2, 9, 3, 4, 0, false, now()
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""


def fill(first: int, last: int, sites: int) -> float:
    """Ledger rows numbered first to last: visits of three programs with four kinds each. Gives the seconds."""
    from django.db import connection

    from sites.models import BurdenEntry
    from sites.statistics import refresh

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"first": first, "last": last - 1, "sites": sites, "seed": "bench", "day": VISITS_A_DAY})
    refresh(BurdenEntry)
    return time.perf_counter() - began


def places(sites: int) -> None:
    """Sites with budgets and 12 weeks of open work, programs, and an admin."""
    from datetime import date, timedelta

    from django.utils import timezone

    from sites.burden.figures import monday
    from sites.models import Budget, LoadPeriod, Membership, Program, Role, Site, Sponsor, User

    owner = Sponsor.objects.create(code="owner", name="Owner")
    for n in range(PROGRAMS):
        Program.objects.create(code=f"program-{n}", title=f"Program {n}", sponsor=owner, kind="registry")
    made = Site.objects.bulk_create(
        [Site(code=f"site-{n}", name=f"Site {n:03}", time_zone="Europe/Berlin") for n in range(sites)]
    )
    Budget.objects.bulk_create([Budget(site=s, minutes_week=600, valid_from=date(2020, 1, 1)) for s in made])
    first = monday(timezone.now().date())
    LoadPeriod.objects.bulk_create(
        LoadPeriod(
            site=s.code,
            program=f"program-{p}",
            period=first + timedelta(weeks=w),
            visits=3,
            predicted=300_000 + 1000 * ((s.pk * 7 + w * 13) % 500),
        )
        for s in made
        for p in range(PROGRAMS)
        for w in range(12)
    )
    admin = User.objects.create_user("admin", password="x")
    Membership.objects.create(user=admin, role=Role.ADMIN, valid_from=date(2020, 1, 1))


def page(url: str) -> dict[str, Any]:
    """Median and p95 of the page's milliseconds over TIMES requests, and its queries."""
    from django.db import connection
    from django.test import Client

    from bench.planning import Counter
    from sites.models import User

    client = Client()
    client.force_login(User.objects.get(username="admin"), "django.contrib.auth.backends.ModelBackend")
    asked = Counter()
    with connection.execute_wrapper(asked):
        assert client.get(url).status_code == 200
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(url)
        took.append(1000 * (time.perf_counter() - began))
    return {"median ms": round(statistics.median(took)), "p95 ms": round(sorted(took)[18]), "queries": asked.queries}


def measure(rows: int, filled: float) -> dict[str, Any]:
    """Rebuild, pages, and the pages again with a day's rows beyond the rollups."""
    from sites.burden import rollups
    from sites.models import BurdenRollup
    from sites.statistics import refresh

    began, cpu = time.perf_counter(), time.process_time()
    rollups.rebuild()
    took = time.perf_counter() - began
    refresh(BurdenRollup)
    return {
        "ledger rows": rows,
        "seconds to fill": round(filled, 1),
        "rebuild seconds": round(took, 2),
        "client CPU seconds": round(time.process_time() - cpu, 2),
        "rebuilt rows a second": round(rows / took),
        "rollup rows": BurdenRollup.objects.count(),
        "network": page("/burden/"),
        "site": page("/burden/sites/site-7/"),
        "program": page("/burden/programs/program-3/"),
    }


def main() -> None:
    """Print one block of figures for N rows and one for 10 N."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="postgres://… of a database to make and drop, named …_bench")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10], help="sizes as multiples of --rows")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with population.database(chosen.database):
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        places(chosen.sites)
        before = 0
        for times in chosen.times:
            rows = chosen.rows * times
            found = measure(rows, fill(before, rows, chosen.sites))
            before = rows
            print(json.dumps(found) if chosen.json else "\n".join(f"{k}: {v}" for k, v in found.items()), flush=True)


if __name__ == "__main__":
    main()
