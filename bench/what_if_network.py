"""How long does the what-if of a request take in a national network, and does it grow with the network?

On a database of its own: sites, patients in three CAR-T programs, and a dictionary of about a hundred fields that
nobody has decided, as right after its upload. Says seconds, queries and how many patients were planned.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import statistics
import time
from typing import Any

from bench import planning_population as population
from bench.planning import Counter
from bench.planning_population import PROGRAMS, TODAY

RUNS = 5
NEW = PROGRAMS[2]


def dictionary() -> bytes:
    """The sponsor's real dictionary with the fields of another program added under other names, without conditions."""
    from forms_catalog import starter

    text = starter.program_csv(NEW).decode()
    more = list(csv.reader(io.StringIO(starter.program_csv(PROGRAMS[1]).decode())))[2:]
    form = next(csv.reader(io.StringIO(text.splitlines()[-1])))[1]
    out = io.StringIO()
    for row in more:
        csv.writer(out, lineterminator="\n").writerow([f"more_{row[0]}", form, *row[2:11], "", *row[12:]])
    return (text.rstrip("\n") + "\n" + out.getvalue()).encode()


def build(sites: int, patients: int, seed: int) -> Any:
    """The network, and the version to price."""
    from django.db import connection

    from capture.models import Patient
    from forms_catalog import intake, proposing, seeding, starter
    from sites import statistics as tables
    from sites.models import Participation, Program, Site
    from sites.trail import system

    actor = system("bench")
    population.programs()
    seeding.load_catalog(actor=actor, reason="bench")
    population.patients(patients, seed=seed)
    first = Site.objects.get(code="north").pk
    more = [Site(code=f"s{n}", name=f"Site {n}", time_zone="Europe/Berlin") for n in range(1, sites)]
    Site.objects.bulk_create(more)
    ids = [first, *(s.pk for s in more)]
    with connection.cursor() as cursor:
        for number, pk in enumerate(ids):
            cursor.execute("UPDATE capture_patient SET site_id = %s WHERE id %% %s = %s", [pk, len(ids), number])
    program = Program.objects.get(code=NEW)
    Participation.objects.bulk_create(
        Participation(program=program, site_id=pk, valid_from=TODAY, mode="file") for pk in ids[1:]
    )
    version = intake.receive(program, dictionary(), f"{NEW}.csv", starter.schedule_json(NEW), actor=actor)
    proposing.propose(version, actor=actor)
    tables.refresh(Patient)
    return version


def measure(sites: int, patients: int, seed: int) -> dict[str, Any]:
    """Some what-ifs over all sites, the first one apart: it fills the caches of the process."""
    from django.db import connection

    from capture.accept import accepting
    from sites.models import Site

    version = build(sites, patients, seed)
    chosen, wall, cpu, queries = list(Site.objects.all()), list[float](), list[float](), set[int]()
    for _ in range(RUNS):
        counter, began, ran = Counter(), time.perf_counter(), time.process_time()
        with connection.execute_wrapper(counter):
            found = accepting.compute(version, chosen, today=TODAY)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - ran)
        queries.add(counter.queries)
    return {
        "database": connection.vendor,
        "sites": sites,
        "patients": sum(found.patients.values()),
        "fields": found.fields["total"],
        "undecided": found.undecided,
        "suggestions": len(found.suggestions),
        "seconds, first": round(wall[0], 2),
        "seconds, median of the others": round(statistics.median(wall[1:]), 2),
        "CPU seconds, median of the others": round(statistics.median(cpu[1:]), 2),
        "queries": sorted(queries),
        "sample": next((a for a in found.assumptions if a.startswith("Planned were")), "everybody"),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--patients", type=int, default=5000)
    parser.add_argument("--database", default="", help="postgres://… of a database to make and drop, named …_bench")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    chosen = parser.parse_args()
    with population.database(chosen.database):
        found = measure(chosen.sites, chosen.patients, chosen.seed)
    if chosen.json:
        print(json.dumps(found, indent=1))
        return
    for label, figure in found.items():
        print(f"{label:36} {figure}")


if __name__ == "__main__":
    main()
