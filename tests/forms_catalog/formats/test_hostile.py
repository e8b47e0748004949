"""Files made to harm are refused, or read with problems, within a second and 100 MB, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.forms_catalog.formats import hostile
from tests.forms_catalog.formats.hostile import Cost


@pytest.fixture(scope="module")
def costs() -> dict[str, Cost]:
    """Measured from a fresh process: this one holds Django, which no reader needs."""
    command = [sys.executable, "-m", "tests.forms_catalog.formats.hostile"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return {name: Cost(*cost) for name, cost in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", hostile.CORPUS)
def test_the_file_is_met_as_it_should_be(costs: dict[str, Cost], name: str) -> None:
    assert costs[name].outcome == hostile.CORPUS[name][1]


def test_none_costs_a_second_or_a_hundred_megabytes(costs: dict[str, Cost]) -> None:
    # each takes less than a second on an idle core; what blows up takes minutes
    dear = {name: cost for name, cost in costs.items() if cost.seconds >= 4 or cost.megabytes >= 100}

    assert dear == {}
