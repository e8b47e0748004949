"""The 12-week forecast of simulated sites against two naive ones: error a week, coverage of the range.

.venv/bin/python -m bench.forecast [--sites 200] [--dates 12] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench import forecast_sites  # noqa: E402  (Django first)
from sites.burden.backtesting import WAYS, Score  # noqa: E402
from tests.releases import CAR, release_of  # noqa: E402


def main() -> None:
    """Print the mean absolute error of each way, how many sites each wins, and the coverage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--dates", type=int, default=12, help="back-tests a site")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    began = time.process_time()
    found = forecast_sites.run(release_of(*CAR), sites=chosen.sites, dates=chosen.dates, seed=chosen.seed)
    total = Score(tuple(w for score in found for w in score.weeks))
    spent = sum(w.spent for w in total.weeks) / len(total.weeks)
    print(f"{'sites, back-tests a site, weeks in all':44} {chosen.sites}, {chosen.dates}, {len(total.weeks):,}")
    print(f"{'hours spent a week, mean':44} {spent / 360_000:10.2f}")
    for way in WAYS:
        print(f"{'mean absolute error a week, ' + way:44} {total.error(way) / 360_000:10.2f} h")
    for way in WAYS:
        best = sum(min(WAYS, key=score.error) == way for score in found)
        print(f"{'sites where it is nearest, ' + way:44} {best:10}")
    print(f"{'weeks inside the 80 % range':44} {total.coverage:10.1%}")
    print(f"{'CPU seconds':44} {time.process_time() - began:10.1f}")


if __name__ == "__main__":
    main()
