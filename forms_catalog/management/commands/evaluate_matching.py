"""manage.py evaluate_matching: what the matcher is worth on decided requests, as a table. No database."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import formats, matching_index, starter
from forms_catalog.learning import leaving_out, scoring, sources
from forms_catalog.learning.examples import Decided, Examples, collect, one_remembered
from forms_catalog.learning.fitting import TrainingUnavailable
from forms_catalog.learning.scoring import Expected
from forms_catalog.learning.training import CONTENT_WEIGHT
from forms_catalog.matching import CatalogEntry, Matcher, Query, Ranker, queries_of_fields

COLUMNS = ("n", "top1", "top5", "mrr", "accepted", "accept_precision")
PROGRAM = ("fields", "top1", "top5", "relation_right", "class_right", "accepted")


class Command(BaseCommand):
    """Exit 0; exit 1 where a wrong element or a trap was accepted; exit 2 with one line where a file cannot be read."""

    help = (
        "Score the matcher: --examples on files of decided requests, --gold on shipped programs with expected mappings "
        "and again with each right element taken away. Reads files only; exit 1 where anything wrong was accepted."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What to score."""
        parser.add_argument(
            "--examples", nargs="+", action="append", default=[], metavar="FILE",
            help="a catalog file and files of its decided requests (no target: nothing fits); may be given again",
        )  # fmt: skip
        parser.add_argument(
            "--one-remembered", action="store_true",
            help="remember the first wording of each element of --examples and score the others",
        )  # fmt: skip
        parser.add_argument("--gold", help="CSV with the columns program, variable, catalog_id, relation")
        parser.add_argument(
            "--left-out", action="store_true",
            help="match each program of --gold by a model trained without it, on the other programs and --examples",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Match, score, print."""
        if not options["examples"] and not options["gold"]:
            raise CommandError("Give --examples CATALOG ROWS or --gold FILE.", returncode=2)
        try:
            files = [self._files(named) for named in options["examples"]]
            programs = self._programs(Path(options["gold"]), files, options["left_out"]) if options["gold"] else []
        except (OSError, ValueError, KeyError, TrainingUnavailable) as error:
            raise CommandError(f"{error}", returncode=2) from error
        sets = [] if options["left_out"] else [self._set(*one, options["one_remembered"]) for one in files]
        report = {"examples": sets, "programs": programs}
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(_lines(report)))
        if any(one["wrong"] or one["traps"] or one["removed"]["accepted"] for one in programs):
            raise CommandError("Something wrong was accepted: see the table.", returncode=1)

    def _files(self, named: Sequence[str]) -> tuple[str, list[CatalogEntry], list[Decided]]:
        catalog, *rows = map(Path, named)
        if not rows:
            raise ValueError(
                f"--examples needs a catalog and at least one file of decided requests, not only {catalog}."
            )
        return rows[0].stem, sources.catalog_of(catalog), [one for file in rows for one in sources.pairs_of(file)]

    def _set(
        self, name: str, catalog: list[CatalogEntry], decided: list[Decided], remember: bool
    ) -> dict[str, float | int | str | None]:
        self.stderr.write(name)
        known, asked = one_remembered(decided) if remember else ([], decided)
        matcher = Matcher(catalog, known, tables=matching_index.of(catalog))
        return {"set": name, **scoring.scored(asked, matcher.match([one.query for one in asked]))}

    def _programs(
        self, gold: Path, files: Sequence[tuple[str, list[CatalogEntry], list[Decided]]], left_out: bool
    ) -> list[dict[str, Any]]:
        expected = _expected(gold)
        asked = {program: _asked(program) for program in expected}
        catalog, ranker = sources.shipped_catalog(), Ranker()
        if left_out:
            decided = sources.content()
            others: list[Examples] = [collect(entries, rows) for _, entries, rows in files]
            rankers = {
                program: leaving_out.without(program, catalog, decided, others, CONTENT_WEIGHT)
                for program in self._said(expected)
            }
        found = leaving_out.scores(
            catalog, asked, expected, lambda program: rankers[program] if left_out else ranker, self.stderr.write
        )
        return [{"program": program, **asdict(score), "removed": asdict(gone)} for program, score, gone in found]

    def _said(self, expected: Mapping[str, Any]) -> Iterator[str]:
        for program in expected:
            self.stderr.write(f"training without {program}")
            yield program


def _expected(path: Path) -> dict[str, dict[str, Expected]]:
    """By program and field. Raises OSError, KeyError where a column or program is missing."""
    out: dict[str, dict[str, Expected]] = {}
    traps: dict[tuple[str, str], set[str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["relation"] == "not_same":
            traps.setdefault((row["program"], row["variable"]), set()).add(row["catalog_id"])
    for row in rows:
        if row["relation"] != "not_same":
            program, name = row["program"], row["variable"]
            wrong = frozenset(traps.get((program, name), ()))
            out.setdefault(program, {}).setdefault(name, Expected(row["catalog_id"], row["relation"], wrong))
    unknown = sorted(set(out) - set(starter.program_codes()))
    if unknown or not out:
        raise ValueError(f"{path} names no shipped program." if not out else f"{path}: {unknown[0]} is not shipped.")
    return out


def _asked(program: str) -> list[Query]:
    return queries_of_fields(formats.read(starter.program_csv(program)).fields)


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    if report["examples"]:
        yield f"{'set':32}" + "".join(f"{name:>17}" for name in COLUMNS)
    for one in report["examples"]:
        yield f"{one['set'][:31]:32}" + "".join(f"{_told(one[name]):>17}" for name in COLUMNS)
        if "nothing_fits" in one:
            yield (
                f"  nothing fits {one['nothing_fits']}: said new {_told(one['said_new'])}, accepted "
                f"{one['accepted_of_nothing']}, AUC {_told(one['abstain_auc'])}"
            )
    if report["programs"]:
        yield f"{'program':32}" + "".join(f"{name:>17}" for name in PROGRAM) + "  wrong, traps; accepted once removed"
    for one in report["programs"]:
        names = ", ".join((*one["wrong"], *one["traps"])) or "none"
        yield (
            f"{one['program'][:31]:32}" + "".join(f"{_told(one[name]):>17}" for name in PROGRAM)
            + f"  {names}; {one['removed']['accepted']}"
        )  # fmt: skip


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
