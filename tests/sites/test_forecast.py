"""The pure forecast: what is planned, who dies, who joins, the range, capacity and absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import exp, log
from random import Random

import pytest

from sites.burden import forecast, rates, spreading
from sites.burden.forecast import Calibration, Facts, Load, Step
from sites.burden.rates import Chosen, Rates, Records

MONDAY = date(2026, 6, 1)
HOUR = 360_000
DELAY = 28 / log(10)  # days late on average, where nine tenths are done in four weeks
STILL = Rates(enrolment_month=0, death_year=0, loss_year=0, catch_up_weeks=0, enrolment_sd=0)


def weeks_of(*hours: float) -> list[Load]:
    return [Load(MONDAY + timedelta(weeks=n), 1, round(h * HOUR), float((h * HOUR) ** 2)) for n, h in enumerate(hours)]


def test_planned_work_is_as_planned_where_nobody_dies_or_joins() -> None:
    found = forecast.by_week(Facts(MONDAY, weeks_of(2, 0, 1), rates=STILL), 4)
    assert [p.mid for p in found] == [2 * HOUR, 0, HOUR, 0]
    assert [p.start for p in found] == [MONDAY + timedelta(weeks=n) for n in range(4)]


def test_death_and_loss_thin_planned_work_by_the_time_until_then() -> None:
    far = MONDAY + timedelta(weeks=52)
    dying = replace(STILL, death_year=0.2, loss_year=0.1)
    found = forecast.by_week(Facts(MONDAY, [Load(far, 1, HOUR, 1.0)], rates=dying))
    assert found[-1].mid == pytest.approx(HOUR * exp(-0.3 * (52.5 * 7) / 365.25))


def test_newcomers_bring_their_visits_so_many_days_after_they_join() -> None:
    joining = replace(STILL, enrolment_month=forecast.MONTH / 7)  # one a week
    found = forecast.by_week(Facts(MONDAY, newcomer=[Step(14, HOUR, HOUR**2)], rates=joining), 4)
    assert [p.joining / HOUR for p in found] == pytest.approx([0, 0, 1, 1])


def test_nine_tenths_of_overdue_work_are_done_in_the_stated_weeks() -> None:
    facts = Facts(MONDAY, overdue=Load(MONDAY, 4, 8 * HOUR, 1.0), rates=replace(STILL, catch_up_weeks=4))
    found = [p.overdue / HOUR for p in forecast.by_week(facts, 30)]
    assert sum(found[:4]) == pytest.approx(7.2)
    assert sum(found) == pytest.approx(8, abs=0.01)
    assert found == sorted(found, reverse=True)


def test_planned_work_slips_as_overdue_work_does_and_none_is_lost() -> None:
    facts = Facts(MONDAY, weeks_of(5), rates=replace(STILL, catch_up_weeks=4))
    found = [p.planned / HOUR for p in forecast.by_week(facts, 40)]
    assert sum(found) == pytest.approx(5, abs=0.01)
    assert found[0] == pytest.approx(5 * (1 - (1 - exp(-7 / DELAY)) * DELAY / 7))
    assert found[1] > found[2] > found[3]


def test_a_site_that_goes_on_as_it_is_has_the_same_work_every_week() -> None:
    """Overdue work of a steady site is what its delay makes of it: caught up as fast as planned work slips."""
    behind = round(DELAY / 7 * 3 * HOUR)
    facts = Facts(
        MONDAY, weeks_of(*[3] * 30), overdue=Load(MONDAY, 1, behind, 1.0), rates=replace(STILL, catch_up_weeks=4)
    )
    assert [p.mid / HOUR for p in forecast.by_week(facts, 20)] == pytest.approx([3] * 20, rel=0.001)


def test_the_sites_own_times_scale_planned_work() -> None:
    slow = Facts(MONDAY, weeks_of(2), rates=STILL, calibration=Calibration(0.5, 1.4, 0.1))
    assert forecast.by_week(slow, 1)[0].mid == pytest.approx(2 * HOUR * 0.8)


def test_timed_visits_narrow_the_range_and_more_visits_do_too() -> None:
    def width(timed: int, squares: float) -> float:
        facts = Facts(MONDAY, [Load(MONDAY, 1, HOUR, squares)], rates=STILL, calibration=Calibration(timed=timed))
        (week,) = forecast.by_week(facts, 1)
        assert week.low < week.mid < week.high
        return week.high - week.low

    assert width(0, HOUR**2) > width(200, HOUR**2) > width(200, HOUR**2 / 10)


def test_without_noise_or_doubt_there_is_no_range() -> None:
    assert spreading.limits(5, 0) == (5, 5)
    assert spreading.limits(0, 3) == (0, 0)


@pytest.mark.parametrize("shape", [1.5, 4, 20])
def test_eight_in_ten_draws_of_a_gamma_lie_inside_the_limits(shape: float) -> None:
    random = Random(4)
    low, high = spreading.limits(shape, shape)
    inside = sum(low <= random.gammavariate(shape, 1) <= high for _ in range(4000)) / 4000
    assert 0.77 < inside < 0.83


def test_a_budget_becomes_capacity_and_absence_takes_its_share() -> None:
    later = MONDAY + timedelta(weeks=1)
    facts = Facts(MONDAY, weeks_of(2, 2), rates=STILL, absences={later: 0.25}, budget=lambda _: 140)
    first, second = forecast.by_week(facts, 2)
    assert (first.capacity, second.capacity) == (140 * 6000, 105 * 6000)
    assert (first.state, second.state) == ("may", "over")
    assert second.over == pytest.approx(2 * HOUR - 105 * 6000)


def test_a_month_takes_the_budget_of_its_own_days() -> None:
    facts = Facts(MONDAY, rates=STILL, budget=lambda week: 700 if week >= date(2026, 7, 6) else 70)
    june, july = forecast.by_month(facts, 2)
    assert june.capacity == pytest.approx(30 * 10 * 6000)
    assert july.capacity == pytest.approx((5 * 10 + 26 * 100) * 6000)


def test_without_a_budget_there_is_no_verdict() -> None:
    (week,) = forecast.by_week(Facts(MONDAY, weeks_of(2), rates=STILL), 1)
    assert (week.capacity, week.over, week.state) == (None, None, "none")


def test_in_the_middle_of_a_week_the_first_period_is_its_rest() -> None:
    facts = Facts(date(2026, 6, 4), [Load(MONDAY, 1, HOUR, 1.0)], rates=STILL, budget=lambda _: 70)
    first, second = forecast.by_week(facts, 2)
    assert (first.start, first.end, second.start) == (date(2026, 6, 4), date(2026, 6, 8), date(2026, 6, 8))
    assert first.capacity == pytest.approx(40 * 6000)
    assert first.planned == HOUR


def test_years_add_months_up_and_their_range_is_relatively_narrower() -> None:
    months = [Load(forecast.month_after(MONDAY, n), 1, HOUR, HOUR**2) for n in range(24)]
    facts = Facts(MONDAY, months=months, rates=STILL, calibration=Calibration(timed=1000))
    found = forecast.by_month(facts, 24)
    years = forecast.by_year(facts, found)
    assert [y.mid / HOUR for y in years] == pytest.approx([12, 12])
    assert years[0].high / years[0].mid < found[0].high / found[0].mid
    assert years[0].fte == pytest.approx(12 / 1720, rel=0.01)


def test_peaks_are_the_weeks_that_pass_the_capacity_most() -> None:
    away = {MONDAY: 1.0}
    facts = Facts(MONDAY, weeks_of(1, 3, 5), rates=STILL, absences=away, budget=lambda _: 240)
    found = forecast.by_week(facts, 3)
    assert [p.start for p in forecast.peaks(found, 2)] == [MONDAY, MONDAY + timedelta(weeks=2)]
    assert forecast.busiest(found).mid == 5 * HOUR


def test_few_records_move_the_default_little_and_many_a_lot() -> None:
    assert rates.rates(Records()).enrolment_month == rates.ENROLMENT_MONTH
    assert rates.rates(Records(months=12, joined=24)).enrolment_month == pytest.approx(25.5 / 15)
    few, many = (rates.rates(Records(patient_years=y, deaths=round(y / 5))).death_year for y in (5, 2000))
    assert few < 0.09
    assert many == pytest.approx(0.2, abs=0.01)


def test_what_a_person_set_takes_over_and_is_named_as_the_source() -> None:
    records, chosen = Records(12, 24, 100, 3, 1), Chosen(enrolment_month=3.0)
    used = rates.rates(records, chosen)
    assert used.enrolment_month == 3
    assert used.death_year == pytest.approx(4 / 120)
    sources = [s.source for s in rates.shown(records, chosen, "set by bob")]
    assert sources[0] == "set by bob"
    assert sources[1] == "3 in 100 patient-years here; the default of 5% counts as 20 patient-years"
    assert sources[3] == "default, an assumption"
