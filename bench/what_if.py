"""The what-if of a request for 2,000 random patients: prices remembered against priced anew, side by side (ADR 0012).

.venv/bin/python -m bench.what_if [--patients 2000] [--anew 200] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import date, timedelta
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from capture.accept import what_if  # noqa: E402  (Django first)
from capture.accept.courses import Price, Prices  # noqa: E402
from capture.accept.what_if import Population  # noqa: E402
from capture.ask import expected  # noqa: E402
from forms_catalog.specs import ReleaseSpec  # noqa: E402
from tests.capture.accept import made  # noqa: E402
from tests.releases import CAR, release_of  # noqa: E402

TODAY, PROGRAM = date(2026, 6, 1), "car_pass_sponsor"
OTHERS = tuple(code for code in CAR if code != PROGRAM)


def anew(release: ReleaseSpec, tally: list[int]) -> Price:
    """Every visit priced from an ask sheet of its own day, nothing remembered."""

    def price(keys: tuple[str, ...], day: int) -> int:
        tally[0] += 1
        return expected.centiseconds_of(release, keys, expected.ANCHOR + timedelta(days=day))

    return price


def main() -> None:
    """Print seconds of both, and how many patients and visits differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--anew", type=int, default=200, help="how many of them are priced anew as well")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    before, after, day = release_of(*OTHERS), release_of(*CAR), TODAY.toordinal()
    random = Random(chosen.seed)
    people = [made.patient(random, after, PROGRAM, day) for _ in range(chosen.patients)]

    began = time.process_time()
    what_if.difference(before, after, PROGRAM, [Population("one", tuple(people))], today=TODAY)
    whole = time.process_time() - began

    old, new, tally, wrong = Prices(before), Prices(after), [0], 0
    plain = anew(before, tally), anew(after, tally)
    spent = {"remembered": 0.0, "anew": 0.0}
    for plan in people[: chosen.anew]:
        began = time.process_time()
        quick = what_if.effect(plan, PROGRAM, old, new, today=day)
        middle = time.process_time()
        full = what_if.effect(plan, PROGRAM, *plain, today=day)
        spent["remembered"] += middle - began
        spent["anew"] += time.process_time() - middle
        wrong += quick != full
    print(f"{'patients':44} {chosen.patients:10,}")
    print(f"{'CPU seconds of the whole what-if':44} {whole:10.1f}")
    print(f"{'patients priced both ways':44} {min(chosen.anew, chosen.patients):10,}")
    print(f"{'visits priced anew':44} {tally[0]:10,}")
    print(f"{'sets of entries remembered':44} {len(old.known) + len(new.known):10,}")
    for name, seconds in spent.items():
        print(f"{'CPU seconds, ' + name:44} {seconds:10.1f}")
    print(f"{'ratio':44} {spent['anew'] / (spent['remembered'] or 1):10.1f}")
    print(f"{'patients that differ':44} {wrong:10}")


if __name__ == "__main__":
    main()
