"""The figures that decide what the machine may claim, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from forms_catalog.learning import measuring
from forms_catalog.learning.cross_validation import folds


def test_a_request_counts_by_the_place_of_its_first_right_candidate() -> None:
    query, right = np.array([0, 0, 1, 1, 2]), np.array([False, True, True, False, False])
    place = measuring.places(query, np.array([2.0, 1.0, 3.0, 1.0, 1.0]), right, 4)
    assert place.tolist() == [2, 1, measuring.NOT_FOUND, measuring.NOT_FOUND]
    assert measuring.ranked(place) == measuring.Ranked(4, 0.25, 0.5, 0.375)


def test_auc_counts_ties_half() -> None:
    assert measuring.auc([0.9, 0.5], [0.5, 0.1]) == pytest.approx(0.875)


def test_wilson_does_not_call_forty_five_of_forty_five_certain() -> None:
    low, high = measuring.wilson(45, 45)
    assert (round(low, 3), high) == (0.921, 1.0)


def test_a_band_ends_where_precision_falls_below_what_is_asked() -> None:
    sure = np.linspace(1, 0, 100)
    cut, hits, taken = measuring.band(sure, np.arange(100) < 40, 0.95, least=10)
    assert (hits, taken) == (40, 42)
    assert cut == pytest.approx(sure[41])


def test_confidence_that_says_what_comes_true_has_no_calibration_error() -> None:
    table = measuring.reliability(np.array([0.25, 0.25, 0.25, 0.25]), np.array([True, False, False, False]))
    assert measuring.expected_calibration_error(table) == pytest.approx(0.0)


def test_requests_of_one_element_are_held_out_together() -> None:
    part = folds(["a", "b", "a", "c", "b"])
    assert part[0] == part[2]
    assert part[1] == part[4]
