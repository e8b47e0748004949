"""The back-test on simulated sites: our forecast is nearer than both naive ones, and its range holds what it says."""

from __future__ import annotations

import pytest

from bench import forecast_sites
from sites.burden.backtesting import Score
from tests.releases import CAR, release_of
from tests.sizes import size

SITES, DATES = size(30, 300), size(6, 12)


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    return forecast_sites.run(release_of(*CAR), sites=SITES, dates=DATES, seed=7)


@pytest.mark.thorough
def test_the_forecast_beats_both_naive_ones_over_many_sites_and_dates(scores: list[Score]) -> None:
    total = Score(tuple(w for score in scores for w in score.weeks))
    assert len(total.weeks) == SITES * DATES * 12
    assert total.error("ours") < 0.9 * min(total.error("last_week"), total.error("defaults"))
    assert sum(score.best for score in scores) > 0.6 * SITES


@pytest.mark.thorough
def test_eight_in_ten_weeks_lie_inside_the_range(scores: list[Score]) -> None:
    total = Score(tuple(w for score in scores for w in score.weeks))
    assert 0.75 <= total.coverage <= 0.87


def test_the_same_seed_gives_the_same_sites() -> None:
    release = release_of(*CAR)
    one, two = (forecast_sites.run(release, sites=2, dates=2, seed=3) for _ in range(2))
    assert one == two
    assert one != forecast_sites.run(release, sites=2, dates=2, seed=4)
