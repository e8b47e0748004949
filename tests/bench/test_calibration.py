"""On a simulated network with known true costs, measured times beat the defaults and the ranges hold."""

from __future__ import annotations

from statistics import fmean

import pytest

from bench import calibration
from tests.sizes import size


@pytest.mark.thorough
def test_calibrated_times_beat_the_defaults_and_four_of_five_fall_into_the_range() -> None:
    found = [calibration.validate(50, 5, seed) for seed in range(1, size(1, 20) + 1)]
    for one in found:
        assert one.form_minutes.calibrated < one.form_minutes.default / 2
        assert one.site_year_hours.calibrated < one.site_year_hours.default / 2
    assert 0.75 <= fmean(f.visits_in_range.calibrated for f in found) <= 0.85
    assert 0.75 <= fmean(f.site_years_in_range.calibrated for f in found) <= 0.85


@pytest.mark.thorough
@pytest.mark.parametrize("sites", [1, 3, 12])
def test_a_small_network_gains_too(sites: int) -> None:
    found = [calibration.validate(sites, 3, seed) for seed in range(1, size(8, 30) + 1)]
    assert sum(f.form_minutes.calibrated for f in found) < sum(f.form_minutes.default for f in found)
    assert sum(f.site_year_hours.calibrated for f in found) < sum(f.site_year_hours.default for f in found)
