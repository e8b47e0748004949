"""Damaged files of every format become a sound dictionary or one clear refusal, never anything else."""

from __future__ import annotations

import random

import pytest

from forms_catalog import formats
from tests.forms_catalog.formats import mutating

SAMPLES = mutating.samples()
ROUNDS = 150  # bench/fuzz_readers.py does a hundred thousand


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_whole(name: str) -> None:
    found = formats.read(SAMPLES[name])

    assert len(found.fields) >= 2
    assert mutating.outcome(SAMPLES[name]) == (found.format, "")


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_met_with_words(name: str) -> None:
    rng = random.Random(name)
    damaged = [mutating.mutated(SAMPLES[name], rng) for _ in range(ROUNDS)]

    faults = {data: fault for data in damaged if (fault := mutating.outcome(data)[1])}

    assert faults == {}
