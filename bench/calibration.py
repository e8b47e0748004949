"""How much nearer do measured times bring the cost model to the truth, and do its ranges hold?

A simulated network with known true costs (bench/calibration_network.py): each year is predicted from the years before
it, with the defaults and with what was measured until then.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

import numpy as np

from bench.calibration_network import FORMS, SimulatedSite, simulate
from sites.burden import cost, estimating, ranges
from sites.burden.estimating import DEFAULT_ROW, Array

MINUTE, HOUR = 6000, 360_000


@dataclass(frozen=True, slots=True)
class Sides:
    """One figure with the defaults and calibrated."""

    default: float
    calibrated: float


@dataclass(frozen=True, slots=True)
class Found:
    """Mean absolute errors, and the shares of visits and site-years that fell into the stated 80 % range."""

    sites: int
    years: int
    form_minutes: Sides
    site_year_hours: Sides
    visits: int
    visits_in_range: Sides
    site_years: int
    site_years_in_range: Sides


def validate(sites: int, years: int, seed: int = 1) -> Found:
    """Predict each year after the first, of each site, from the years before."""
    network = simulate(sites, years, seed)
    rows = [row for year in range(1, years) for row in _predict(network, year)]
    forms, totals, visits, sums = (np.concatenate([r[i] for r in rows]) for i in range(4))
    means = [Sides(*map(float, x.mean(axis=0))) for x in (forms, totals, visits, sums)]
    return Found(sites, years, means[0], means[1], len(visits), means[2], len(sums), means[3])


def _predict(network: dict[str, SimulatedSite], year: int) -> list[tuple[Array, Array, Array, Array]]:
    """For each site: errors of forms, error of the year, hits of visits and of the year; defaults beside calibrated."""
    fitted = estimating.fit({code: site.timed(year) for code, site in network.items()})
    shapes = np.array(list(FORMS.values()))
    found = []
    for code, site in network.items():
        fit, now = fitted.sites[code], site.years[year]
        forms = np.abs(np.stack([shapes @ p - shapes @ site.prices for p in (DEFAULT_ROW, fit.prices)], axis=1))
        true = float(now.true.sum())
        both = [float((now.asks @ p).sum()) for p in (DEFAULT_ROW, fit.prices)]
        hits = [
            _hits(t, ranges.of_visit(fit, a), float(a @ DEFAULT_ROW)) for a, t in zip(now.asks, now.true, strict=True)
        ]
        year_hits = _hits(true, ranges.of_sum(fit, now.asks), both[0])
        errors = np.array([[abs(b - true) for b in both]])
        found.append((forms / MINUTE, errors / HOUR, np.array(hits, float), np.array([year_hits], float)))
    return found


def _hits(true: float, stated: cost.Range, default: float) -> tuple[bool, bool]:
    assumed = cost.spread(round(default))
    return assumed.low <= true <= assumed.high, stated.low <= true <= stated.high


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = validate(options.sites, options.years, options.seed)
    if options.json:
        print(json.dumps(asdict(found), indent=1))
        return
    print(f"{found.sites} sites, {found.years} years, seed {options.seed}: each year predicted from those before it\n")
    print(f"{'':38}{'defaults':>10}{'calibrated':>12}")
    for name, sides in (
        ("error of a form, minutes", found.form_minutes),
        ("of a site-year, hours", found.site_year_hours),
    ):
        print(f"{name:38}{sides.default:10.2f}{sides.calibrated:12.2f}")
    for name, sides in (
        (f"in the 80 % range, of {found.visits:,} visits", found.visits_in_range),
        (f"in the 80 % range, of {found.site_years} site-years", found.site_years_in_range),
    ):
        print(f"{name:38}{sides.default:10.1%}{sides.calibrated:12.1%}")


if __name__ == "__main__":
    main()
