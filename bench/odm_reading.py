"""Does reading ODM into one spec cost more than odmlib's own object model? The same files, one after the other.

Ours also places items, turns conditions round, checks logic and reports problems; odmlib only builds its objects.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from odmlib.loader import ODMLoader
from odmlib.odm_loader import XMLODMLoader

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec, Option


def study(number: int) -> bytes:
    """A study of so many items in forms of 50, one in three a choice, one in five under a condition."""
    fields = tuple(
        FieldSpec(
            path=f"I{n}",
            name=f"I{n}",
            form=f"form {n // 50}",
            label=f"Question number {n}?",
            kind="choice" if n % 3 == 0 else "decimal",
            order=n,
            line=0,
            options=(Option("1", "Yes"), Option("0", f"No {n}")) if n % 3 == 0 else (),
            unit="" if n % 3 == 0 else "kg",
            maximum="" if n % 3 == 0 else "200",
            branching=f"[I{n - n % 3}] = '1'" if n % 5 == 0 else "",
        )
        for n in range(number)
    )
    return formats.write(DictionarySpec("odm", "bench", fields, title="Bench", language="en"), "odm").data


def seconds(act: Callable[[], object], repeats: int) -> float:
    """Seconds of one core: the median of some runs."""
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        act()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def with_odmlib(path: Path) -> object:
    """odmlib's objects of the whole file."""
    loader = ODMLoader(XMLODMLoader())
    loader.open_odm_document(str(path))
    return loader.MetaDataVersion()


def main() -> None:
    """Print one line a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="more ODM 1.3 files to compare")
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"{given.items} items"
        made.write_bytes(study(given.items))
        print(f"{'file':40} {'ours':>8} {'odmlib':>8} {'odmlib / ours':>14}")
        for path in [made, *given.files]:
            ours = seconds(lambda path=path: formats.read(path.read_bytes()), given.repeats)  # type: ignore[misc]
            theirs = seconds(lambda path=path: with_odmlib(path), given.repeats)  # type: ignore[misc]
            print(f"{path.name[:40]:40} {ours:7.3f}s {theirs:7.3f}s {theirs / ours:14.1f}")


if __name__ == "__main__":
    main()
