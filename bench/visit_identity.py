"""Visit identity under re-planning: the state machine of the tests over many histories (ADR 0008).

.venv/bin/python -m bench.visit_identity [--histories 1500] [--steps 25] [--seed 0]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.capture.plan.test_delta import Planning

MARK = "hypothesis_stateful_invariant"  # how Hypothesis marks an invariant


def counting(tally: Counter[str]) -> type[Planning]:
    """The machine of the tests, which also counts its histories, its plans and the invariants it looked at."""

    class Counted(Planning):
        def __init__(self) -> None:
            super().__init__()
            tally["histories"] += 1

        def plan(self) -> None:
            super().plan()
            tally["plans"] += 1
            tally["visits planned"] += len(self.delta.visits if self.delta else ())
            tally["touched visits met"] += sum(v.hold != "free" for v in self.stored.visits.values())

    return Counted


def main() -> None:
    """Run the machine and print what was run; a violation ends it with the shortest history that shows it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=1500)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    tally: Counter[str] = Counter()
    machine = seed(chosen.seed)(counting(tally))
    began = time.perf_counter()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=chosen.histories,
            stateful_step_count=chosen.steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    for name, number in tally.items():
        print(f"{name:28} {number:9,}")
    print(f"{'violations':28} {0:9}")
    print(f"{'seconds':28} {time.perf_counter() - began:9.1f}")
    print("looked at after every step: " + ", ".join(n for n in dir(Planning) if hasattr(getattr(Planning, n), MARK)))


if __name__ == "__main__":
    main()
