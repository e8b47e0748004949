"""manage.py train_matcher: fit the matcher's model to decided requests and say what it is worth. No database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog.learning import sources, training
from forms_catalog.learning.fitting import TrainingUnavailable
from forms_catalog.learning.training import Named
from forms_catalog.matching import data


class Command(BaseCommand):
    """Exit 0; exit 2 with one line where a file cannot be read or LightGBM is missing. The same input gives the same
    file."""

    help = (
        "Train the matcher on the shipped decisions and on files of decided requests; prints cross-validated figures."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which examples, where to write."""
        parser.add_argument(
            "--examples", nargs="+", action="append", default=[], metavar="FILE",
            help="a catalog file and files of its decided requests, one JSON object a line; may be given again",
        )  # fmt: skip
        parser.add_argument("--out", help="where to write the model (default: the file the matcher reads)")
        parser.add_argument(
            "--misses", help="write the held-out requests whose element did not come first, as JSON lines"
        )
        parser.add_argument("--dry-run", action="store_true", help="say the figures; write nothing")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect, train, write, print."""
        try:
            sets = list(self._sets(options["examples"]))
            found = training.train(sets, say=self.stderr.write)
        except (OSError, ValueError, TrainingUnavailable) as error:
            raise CommandError(str(error), returncode=2) from error
        if options["misses"]:
            lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found.misses)
            Path(options["misses"]).write_text(lines, encoding="utf-8")
        if not options["dry_run"]:
            place = Path(options["out"]) if options["out"] else data.place("model.json")
            place.write_text(_as_file(found.model), encoding="utf-8")
        self.stdout.write(json.dumps(found.figures) if options["json"] else "\n".join(_lines(found.figures)))

    def _sets(self, files: list[list[str]]) -> Iterator[Named]:
        for catalog, *rows in files:
            if not rows:
                raise ValueError(f"--examples needs a catalog and files of its decided requests, not only {catalog}.")
            self.stderr.write(f"reading {', '.join(rows)}")
            decided = [one for file in rows for one in sources.pairs_of(Path(file))]
            yield from training.of_files(Path(rows[0]).stem, sources.catalog_of(Path(catalog)), decided)
        self.stderr.write("reading the shipped decisions")
        yield training.of_programs(sources.shipped_catalog(), sources.content())


def _as_file(model: Mapping[str, Any]) -> str:
    """JSON with a tree a line, so that a change of the model can be seen."""
    trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in model["forest"]["trees"])
    forest = f'{{"features": {json.dumps(model["forest"]["features"])},\n"trees": [\n{trees}\n]}}'
    rest = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in model.items() if name != "forest"]
    return "{\n" + ",\n".join([*rest, f'"forest": {forest}']) + "\n}\n"


def _lines(figures: list[dict[str, Any]]) -> Iterator[str]:
    for one in figures:
        yield one["set"]
        for name in ("by hand", "trained"):
            found = one[name]
            yield f"  {name:8} top-1 {found['top1']:.3f}  top-5 {found['top5']:.3f}  mrr {found['mrr']:.3f}"
        yield f"  calibration error {one['calibration error']:.3f}"
        yield f"  AUC against the same with the element removed {one['removed auc']:.3f}"
        if one["nothing fits"]:
            yield f"  AUC against {one['nothing fits']} requests that nothing fits {one['nothing fits auc']:.3f}"
        for row in one["reliability"]:
            yield f"    said {row['said']:.2f}  right {row['right']:.2f}  of {row['count']}"
        band = one["band .98"]
        low, high = band["wilson"]
        yield f"  at .98: {band['right']} of {band['accepted']} right, 95 % bounds {low:.3f} to {high:.3f}"
