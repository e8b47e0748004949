"""Damage dictionary files a hundred thousand times and read each: no crash, no hang, nothing that cannot be stored.

python -m bench.fuzz_readers [--inputs N] [--seed S] [--processes P] [--corpus DIR ...]; exit 1 on a finding.
Files in --corpus (searched through) are damaged too, beside one small file of each format.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.forms_catalog.formats import mutating

HANG = 1.0  # seconds of a processor one file may take
LARGEST = 60_000  # bytes of a corpus file; damage to larger ones says no more and takes longer
SHOWN = 20


@dataclass(slots=True)
class Tally:
    """What one process found."""

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, int, str]] = field(default_factory=list)
    slowest: tuple[float, str, int] = (0.0, "", 0)


class Hang(BaseException):
    """A file took longer than HANG."""


def main() -> int:
    """Run, print the table, say by the exit code whether anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--corpus", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    start = time.perf_counter()
    share = given.inputs // given.processes
    work = [(given.seed * 1000 + n, share, given.corpus) for n in range(given.processes)]
    with multiprocessing.Pool(given.processes) as pool:
        tallies = pool.starmap(run, work)
    return report(tallies, share * given.processes, time.perf_counter() - start)


def run(seed: int, inputs: int, corpus: list[Path]) -> Tally:
    """`inputs` damaged files, each kind as often as the others."""
    signal.signal(signal.SIGPROF, _hangs)
    files = [*mutating.samples().items(), *_files(corpus)]
    tally = Tally()
    for number in range(inputs):
        name, data = files[number % len(files)]
        _one(name, mutating.mutated(data, random.Random(f"{seed}/{number}")), number, tally)
    return tally


def _files(corpus: list[Path]) -> list[tuple[str, bytes]]:
    found = sorted(p for folder in corpus for p in folder.rglob("*") if p.suffix in (".csv", ".xml", ".json", ".xlsx"))
    return [(p.name, p.read_bytes()) for p in found if p.stat().st_size <= LARGEST]


def _one(name: str, data: bytes, number: int, tally: Tally) -> None:
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        kind, fault = mutating.outcome(data)
    except Hang:
        kind, fault = "hang", f"took longer than {HANG} s"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    tally.slowest = max(tally.slowest, (time.process_time() - start, name, number))
    if fault:
        tally.faults.append((name, number, fault))
    else:
        (tally.refused if kind.startswith("refused") else tally.read)[kind] += 1


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def report(tallies: list[Tally], inputs: int, seconds: float) -> int:
    """Print what was read, what was refused, and every fault up to SHOWN."""
    read = sum((t.read for t in tallies), Counter[str]())
    refused = sum((t.refused for t in tallies), Counter[str]())
    faults = [fault for t in tallies for fault in t.faults]
    print(f"{inputs} damaged files in {seconds:.0f} s: {read.total()} read, {refused.total()} refused with words,")
    print(f"{len(faults)} faults. Slowest: {max(t.slowest for t in tallies)}")
    for title, counts in (("read", read), ("refused", refused)):
        print(f"  {title}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    for name, number, fault in faults[:SHOWN]:
        print(f"  FAULT {name} #{number}: {fault[:300]}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
