"""Our matcher beside rapidfuzz, character TF-IDF and MiniLM on the same decided requests: accuracy and cost in one run.

Every method has a process of its own and one thread: seconds are CPU seconds of one core, the peak is all it held.
--grow measures size alone, on elements made from the label of one and the definition and answers of another.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from bench.matching_methods import METHODS, Answer

if TYPE_CHECKING:
    from forms_catalog.learning.examples import Decided
    from forms_catalog.matching import CatalogEntry

PAIRS = Path(__file__).resolve().parents[2] / "shared" / "data" / "matching"
TRAINED_ON = ("cibmtr.dev.jsonl", "radx.dev.jsonl")  # the rows behind the shipped model
GROWING = ("ours", "tfidf")  # the others show nothing new on a large catalog, and MiniLM takes many minutes
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
IN_SAMPLE = (
    "  ours was trained on these rows (in-sample: too good). For figures on held-out rows, nine minutes:\n"
    "  manage.py train_matcher --examples CATALOG ROWS --dry-run"
)
COLUMNS = (
    ("top1", "top-1", ".3f"), ("top5", "top-5", ".3f"), ("mrr", "mrr", ".3f"), ("auc", "AUC", ".3f"),
    ("load_s", "load s", ".1f"), ("build_s", "build s", ".2f"), ("again_s", "again s", ".2f"),
    ("per_1000_s", "s/1,000", ".2f"), ("start_mb", "start MB", ".0f"), ("peak_mb", "peak MB", ".0f"),
)  # fmt: skip
RATIOS = (("build_s", "build x"), ("per_1000_s", "ask x"), ("peak_mb", "peak x"))


@dataclass(frozen=True)
class Set:
    """What one table is about: a catalog, decided requests for it, and requests that nothing in it fits."""

    catalog: Path
    rows: Path
    nomatch: Path | None = None
    limit: int | None = None
    grow: int = 0
    seed: int = 0

    @property
    def files(self) -> list[Path]:
        """The files it reads."""
        return [path for path in (self.catalog, self.rows, self.nomatch) if path]


REAL = (
    Set(PAIRS / "cibmtr.catalog.jsonl", PAIRS / "cibmtr.dev.jsonl"),
    Set(PAIRS / "radx.catalog.jsonl", PAIRS / "radx.dev.jsonl", PAIRS / "radx.nomatch.dev.jsonl"),
)


def grown(catalog: Sequence[CatalogEntry], number: int, seed: int = 0) -> list[CatalogEntry]:
    """So many elements, no two alike: the real ones, then the label and question of one with the rest of another.

    Raises ValueError where the catalog has too few different ones."""
    found = list(catalog[:number])
    seen = {_content(entry) for entry in found}
    others = Random(seed).sample(catalog, len(catalog))
    for shift in range(len(catalog)):
        for place, entry in enumerate(catalog if len(found) < number else ()):
            other = others[(place + shift) % len(others)]
            mixed = replace(other, id=f"{entry.id}+{other.id}", label=entry.label, question_text=entry.question_text)
            if _content(mixed) not in seen:
                seen.add(_content(mixed))
                found.append(mixed)
    if len(found) < number:
        raise ValueError(f"{len(catalog):,} elements make {len(found):,} different ones, not {number:,}.")
    return found[:number]


def _content(entry: CatalogEntry) -> CatalogEntry:
    return replace(entry, id="")


def measure(given: Set, name: str) -> dict[str, Any]:
    """Load, read, build, ask in this very process. Raises OSError and ValueError, naming a file that is no good."""
    method, began = METHODS[name], time.process_time()
    try:
        load = method.load()
    except ImportError:
        return {"method": name, "title": method.title, "missing": f"pip install {method.install}"}
    loaded = time.process_time()
    from forms_catalog.learning import sources

    catalog = sources.catalog_of(given.catalog)
    if not catalog:
        raise ValueError(f"{given.catalog} holds no element.")
    rows = sources.pairs_of(given.rows)[: given.limit]
    nothing = sources.pairs_of(given.nomatch)[: given.limit] if given.nomatch else []
    entries = grown(catalog, given.grow, given.seed) if given.grow else catalog
    start, reading = _peak(), time.process_time()
    ask = load(entries)
    built = time.process_time()
    answers, empty = ask([row.query for row in rows]), ask([row.query for row in nothing])
    asked, peak = time.process_time(), _peak()
    again = getattr(ask, "again", None)
    return {
        "method": name,
        "title": method.title,
        "elements": len(entries),
        "requests": len(rows),
        "without_element": len(nothing),
        **({} if given.grow else accuracy(rows, answers, empty)),
        "load_s": loaded - began,
        "build_s": built - reading,
        "per_1000_s": (asked - built) * 1000 / max(len(rows) + len(nothing), 1),
        "start_mb": start,
        "peak_mb": peak,
        **({"again_s": again()} if again else {}),
    }


def accuracy(rows: Sequence[Decided], answers: Sequence[Answer], empty: Sequence[Answer]) -> dict[str, float]:
    """Shares of requests found first and among five, the mean of 1/place within five, and how well the best score
    parts requests with an element from those without."""
    import numpy as np

    from forms_catalog.learning import measuring

    places = [
        next((n for n, found in enumerate(answer.ids, start=1) if found in row.targets), measuring.NOT_FOUND)
        for row, answer in zip(rows, answers, strict=True)
    ]
    found = measuring.ranked(np.array(places))
    out = {"top1": found.top1, "top5": found.top5, "mrr": found.mrr}
    if empty:
        out["auc"] = measuring.auc([a.score for a in answers], [a.score for a in empty])
    return out


def _peak() -> float:
    """The most memory this process held so far, in MB."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (2**20 if sys.platform == "darwin" else 2**10)


def apart(given: Set, name: str) -> dict[str, Any]:
    """`measure` in a fresh process: imports, caches and peaks of one method are not those of the next."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(measure, given, name).result()
        except BrokenProcessPool:
            return {"method": name, "title": METHODS[name].title, "failed": "its process was killed (no memory left?)"}


def headed(given: Set) -> str:
    """The files of a table and its columns; the last ones are ratios, the method's / ours."""
    heads = [head for _, head, _ in COLUMNS] + [head for _, head in RATIOS]
    return ", ".join(path.name for path in given.files) + f"\n  {'':20}" + "".join(f"{head:>9}" for head in heads)


def line(one: dict[str, Any], ours: dict[str, Any]) -> str:
    """One method of a table, or why it has no figures."""
    if "missing" in one:
        return f"  {one['title']}: not installed ({one['missing']})"
    if "failed" in one:
        return f"  {one['title']}: {one['failed']}"
    cells = [format(one[key], form) if key in one else "-" for key, _, form in COLUMNS]
    cells += [f"{one[key] / ours[key]:.2f}" if ours.get(key) else "-" for key, _ in RATIOS]
    return f"  {one['title']:20}" + "".join(f"{cell:>9}" for cell in cells)


def table(given: Set, names: Sequence[str], say: Callable[[str], None]) -> dict[str, Any]:
    """Measure the methods one after another, saying each line as soon as it is known; ours comes first."""
    say(headed(given))
    found: list[dict[str, Any]] = []
    for name in names:
        found.append(apart(given, name))
        say(line(found[-1], next((one for one in found if one["method"] == "ours"), {})))
    for one in [one for one in found if "elements" in one][:1]:
        say("  {elements:,} elements, {requests:,} requests, {without_element:,} without element".format(**one))
    in_sample = given.rows.name in TRAINED_ON and not given.grow and "ours" in names
    if in_sample:
        say(IN_SAMPLE)
    return {"set": [path.name for path in given.files], "ours_in_sample": in_sample, "methods": found}


def chosen() -> tuple[argparse.Namespace, list[Set]]:
    """The arguments and the sets they name. Ends with 2 and one line where a file is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path, help="elements as JSON or JSONL; with --rows instead of the real sets")
    parser.add_argument("--rows", type=Path, help='decided requests, {"query": {...}, "target_ids": [...]} a line')
    parser.add_argument("--nomatch", type=Path, help="requests that no element fits")
    parser.add_argument("--only", choices=METHODS, help="one method alone")
    parser.add_argument("--limit", type=int, help="the first so many rows of each file")
    parser.add_argument("--grow", type=int, default=0, metavar="N", help="vary the catalog to N elements, cost alone")
    parser.add_argument("--seed", type=int, default=0, help="of --grow")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if bool(given.catalog) != bool(given.rows) or (given.nomatch and not given.rows):
        parser.error("--catalog and --rows go together, --nomatch with both.")
    own = [Set(given.catalog, given.rows, given.nomatch)] if given.catalog else []
    sets = own or list(REAL[:1] if given.grow else REAL)
    absent = [path for one in sets for path in one.files if not path.is_file()]
    if absent:
        print(f"{absent[0]} is not here; name files with --catalog FILE --rows FILE.", file=sys.stderr)
        sys.exit(2)
    return given, [replace(one, limit=given.limit, grow=given.grow, seed=given.seed) for one in sets]


def main() -> int:
    """Print a table a set. 1 where a method failed, 2 where a file is absent or no good."""
    given, sets = chosen()
    names = [given.only] if given.only else list(GROWING if given.grow else METHODS)
    say = functools.partial(print, flush=True) if not given.json else lambda _: None
    try:
        results = [table(one, names, say) for one in sets]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(results, indent=1))
    return int(any("failed" in method for one in results for method in one["methods"]))


if __name__ == "__main__":
    sys.exit(main())
