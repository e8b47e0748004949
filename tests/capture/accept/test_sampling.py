"""A sample stands for everybody: evenly by stratum, weights that add up, and a small network planned whole."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from capture.accept import courses, sampling, what_if
from capture.accept.sampling import Member
from capture.accept.what_if import Population
from capture.plan.delta import PatientPlan
from tests import world as cast
from tests.capture.accept import made
from tests.releases import CAR, release_of
from tests.sizes import size

PROGRAM = "car_pass_sponsor"
OTHERS = tuple(code for code in CAR if code != PROGRAM)
AFTER = release_of(*CAR)
DAY = cast.TODAY.toordinal()


def network(random: Random, patients: int, sites: int = 20) -> list[Member]:
    return [
        Member(pk, random.randrange(sites), (min(15, int(random.expovariate(0.3))), random.randrange(1, 4)))
        for pk in range(patients)
    ]


def test_a_small_network_is_planned_whole() -> None:
    assert sampling.choose(network(Random(1), sampling.LIMIT)) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_weights_add_up_to_the_patients_of_each_site(seed: int) -> None:
    members = network(Random(seed), 7000)
    sample = sampling.choose(members)
    assert sample is not None
    assert 0.9 * sampling.LIMIT < len(sample.chosen) < 1.3 * sampling.LIMIT
    for site, patients in Counter(m.site for m in members).items():
        assert sum(sample.weights(site)) == pytest.approx(patients)


def test_every_stratum_is_in_it_and_the_same_patients_come_again() -> None:
    members = network(Random(3), 7000)
    sample = sampling.choose(members)
    assert sample is not None
    assert set(sample.chosen.values()) == {m.stratum for m in members}
    assert sampling.choose(list(reversed(members))) == sample


def people(count: int) -> list[PatientPlan]:
    return [made.patient(Random(seed), AFTER, PROGRAM, DAY) for seed in range(count)]


def sampled(plans: list[PatientPlan], limit: int) -> tuple[sampling.Sample, tuple[PatientPlan, ...]]:
    """A sample of these patients, every second of whom is at site 1, the others at site 0."""
    strata = [((DAY - p.enrolments[0].fact.anchor) // 365, len(p.enrolments)) for p in plans]
    sample = sampling.choose([Member(n, n % 2, stratum) for n, stratum in enumerate(strata)], limit)
    assert sample is not None
    return sample, tuple(plans[n] for n in sample.chosen)


@pytest.mark.thorough
def test_what_a_sample_of_a_third_adds_is_near_what_all_add() -> None:
    plans, price = people(size(60, 1500)), courses.Prices(AFTER)
    sample, some = sampled(plans, len(plans) // 3)

    def added(plan: PatientPlan) -> int:
        return sum(what_if.effect(plan, PROGRAM, price, price, today=DAY).per_year)

    both = [a + b for a, b in zip(sample.weights(0), sample.weights(1), strict=True)]
    guess = sum(added(plan) * n for plan, n in zip(some, both, strict=True))
    assert guess == pytest.approx(sum(map(added, plans)), rel=size(25, 6) / 100)


def test_the_result_counts_everybody_and_says_that_it_is_a_sample() -> None:
    plans = people(12)
    sample, some = sampled(plans, 6)
    populations = [Population(f"s{n}", some, False, sample.weights(n)) for n in (0, 1)]
    found = what_if.difference(release_of(*OTHERS), AFTER, PROGRAM, populations, today=cast.TODAY)
    assert found.patients == {"s0": 6, "s1": 6}
    assert f"Planned were {len(some)} of 12 patients" in " ".join(found.assumptions)
