"""How fast are patients planned: three CAR-T programs over 15 years, from empty and again after a dictionary change?

Says patients a second at a quarter, a half and all of them (growth is linear where it stays the same), queries a
patient and peak memory, and what one patient's event costs with each program alone beside
three. On a database of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bench import planning_population as population
from bench.planning_population import PROGRAMS, TODAY

EVENTS = 30


@dataclass
class Stage:
    """One whole run: seconds when a quarter, a half and all were done, and what the database was asked."""

    patients: int
    at: list[tuple[int, float]] = field(default_factory=list)
    queries: int = 0
    cpu: float = 0.0

    def rates(self) -> list[float]:
        """Patients a second in the first quarter, in the second, and in the last half."""
        marks = [(0, 0.0), *self.at]
        return [(n - m) / (t - s) for (m, s), (n, t) in pairwise(marks)]

    def told(self, done: int = 0) -> dict[str, Any]:
        """The figures for people and for --json."""
        done = done or self.patients
        return {
            "patients": done,
            "seconds": round(self.at[-1][1], 1),
            "patients a second": round(done / self.at[-1][1], 1),
            "CPU seconds": round(self.cpu, 1),
            "patients a CPU second": round(done / self.cpu, 1),
            "in the 1st quarter, 2nd quarter, 2nd half": [round(r, 1) for r in self.rates()],
            "queries a patient": round(self.queries / done, 2),
            "peak memory in MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


class Counter:
    """Counts queries without keeping them."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def run(number: int) -> Stage:
    """One planning run over everybody, chunk by chunk, as the worker does it."""
    from django.db import connection

    from capture.models import Run
    from capture.plan import runs
    from sites.models import Program
    from sites.trail import system

    made = runs.enqueue(Program.objects.get(code=PROGRAMS[1]), actor=system("bench"), reason="bench")
    stage, counter, more = Stage(number), Counter(), True
    marks = [number // 4, number // 2, number]
    began, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counter):
        while more:
            stage.queries = counter.queries
            more = runs.run_chunk(made.pk, today=TODAY)
            made.refresh_from_db(fields=["done"])
            while marks and made.done >= marks[0]:
                stage.at.append((made.done, time.perf_counter() - began))
                stage.cpu = time.process_time() - cpu
                print(f"{made.done:,} planned: {stage.told(made.done)}", file=sys.stderr, flush=True)
                marks.pop(0)
    stage.queries, stage.cpu = counter.queries, time.process_time() - cpu
    ended = Run.objects.get(pk=made.pk)
    if ended.state != Run.State.DONE:
        raise SystemExit(f"The run ended as {ended.state}: {ended.last_error}")
    return stage


def event(programs: tuple[str, ...], prefix: str, seed: int) -> dict[str, Any]:
    """A death, recorded and planned for a patient of so many programs who has 15 years ahead: milliseconds, queries."""
    from django.db import connection

    from capture.enter import happenings
    from capture.models import Patient
    from capture.plan import scheduling
    from sites.trail import system

    wall, cpu, queries = list[float](), list[float](), set[int]()
    for pk in population.patients(EVENTS, seed=seed, programs=programs, prefix=prefix):
        scheduling.plan_patient(pk, actor=system("bench"), reason="bench", today=TODAY)
        patient, counter = Patient.objects.get(pk=pk), Counter()
        infused = patient.treatments.get().infusion_date
        began, ran = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(counter):
            happenings.record(patient, "death", infused, actor=system("bench"), reason="bench", today=TODAY)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - ran))
        queries.add(counter.queries)
    return {
        "programs": ", ".join(programs),
        "milliseconds": round(statistics.median(wall), 1),
        "milliseconds of CPU": round(statistics.median(cpu), 1),
        "slowest tenth, milliseconds": round(statistics.quantiles(wall, n=10)[-1], 1),
        "queries": sorted(queries),
    }


def measure(number: int, seed: int) -> dict[str, Any]:
    """All figures of one database."""
    from django.db import connection

    population.programs()
    population.patients(number, seed=seed)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    found: dict[str, Any] = {"database": connection.vendor}
    found["from empty"] = run(number).told()
    population.programs(days_later=10)
    found["after a dictionary change"] = run(number).told()
    chosen = [*((code,) for code in PROGRAMS), PROGRAMS]
    found["one event"] = [event(codes, f"EV{n}", seed + n) for n, codes in enumerate(chosen)]
    return found


def main() -> None:
    """Print the figures; a run that does not plan everybody ends with an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--database", default="", help="postgres://… of a database to make and drop, named …_bench")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    chosen = parser.parse_args()
    if chosen.patients < 4:
        parser.error("--patients must be 4 or more")
    with population.database(chosen.database):
        found = measure(chosen.patients, chosen.seed)
    if chosen.json:
        print(json.dumps(found, indent=1))
        return
    print(f"database {found['database']}")
    for name, figures in found.items():
        for row in figures if isinstance(figures, list) else [figures] if isinstance(figures, dict) else []:
            print(f"\n{name}")
            for label, figure in row.items():
                print(f"  {label:44} {figure}")


if __name__ == "__main__":
    main()
