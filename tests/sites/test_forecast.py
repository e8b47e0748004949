"""The pure forecast: what is planned, who dies, who joins, the range, capacity and absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import exp
from random import Random

import pytest

from sites.burden import forecast, rates
from sites.burden.forecast import Calibration, Facts, Load, Step
from sites.burden.rates import Chosen, Rates, Records

MONDAY = date(2026, 6, 1)
HOUR = 360_000
STILL = Rates(enrolment_month=0, death_year=0, loss_year=0, enrolment_sd=0)


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


def test_overdue_work_is_caught_up_evenly_over_the_stated_weeks() -> None:
    facts = Facts(MONDAY, overdue=Load(MONDAY, 4, 8 * HOUR, 1.0), rates=replace(STILL, catch_up_weeks=4))
    assert [p.overdue / HOUR for p in forecast.by_week(facts, 6)] == pytest.approx([2, 2, 2, 2, 0, 0])
    assert sum(p.overdue for p in forecast.by_month(facts, 3)) == pytest.approx(8 * HOUR)


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
    assert forecast.limits(5, 0) == (5, 5)
    assert forecast.limits(0, 3) == (0, 0)


@pytest.mark.parametrize("shape", [1.5, 4, 20])
def test_eight_in_ten_draws_of_a_gamma_lie_inside_the_limits(shape: float) -> None:
    random = Random(4)
    low, high = forecast.limits(shape, shape)
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
    assert sources[3] == "default, an assumption: no records here yet"
