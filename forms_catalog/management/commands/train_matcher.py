"""manage.py train_matcher: fit the matcher's model to decided requests and say what it is worth. No database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog.learning import sources
from forms_catalog.learning.fitting import TrainingUnavailable
from forms_catalog.learning.training import Named, train
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
            "--examples", nargs=2, action="append", default=[], metavar=("CATALOG", "ROWS"),
            help="a catalog file and its decided requests, one JSON object a line; may be given more than once",
        )  # fmt: skip
        parser.add_argument("--out", help="where to write the model (default: the file the matcher reads)")
        parser.add_argument("--dry-run", action="store_true", help="say the figures; write nothing")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect, train, write, print."""
        try:
            sets = list(self._sets(options["examples"]))
            model, figures = train(sets, say=self.stderr.write)
        except (OSError, ValueError, TrainingUnavailable) as error:
            raise CommandError(str(error), returncode=2) from error
        if not options["dry_run"]:
            place = Path(options["out"]) if options["out"] else data.place("model.json")
            place.write_text(_as_file(model), encoding="utf-8")
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(_lines(figures)))

    def _sets(self, files: list[list[str]]) -> Iterator[Named]:
        for catalog, rows in files:
            self.stderr.write(f"reading {rows}")
            yield Named(Path(rows).stem, sources.from_files(Path(catalog), Path(rows)), 5)
        self.stderr.write("reading the shipped decisions")
        content = sources.content()
        yield Named("shipped programs, each left out in turn", content, len(set(content.groups)))


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
        yield f"  match from no match: AUC {one['no-match auc']:.3f}; calibration error {one['calibration error']:.3f}"
        for row in one["reliability"]:
            yield f"    said {row['said']:.2f}  right {row['right']:.2f}  of {row['count']}"
        band = one["band .98"]
        low, high = band["wilson"]
        yield f"  at .98: {band['right']} of {band['accepted']} right, 95 % bounds {low:.3f} to {high:.3f}"
