"""manage.py find_duplicates: the asks of one or many files that are alike, one JSON line a pair, without a database;
with --store those of this installation, kept for the duplicates page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import duplicates, matching_input
from forms_catalog.matching.duplicates import Alike, Comparison
from forms_catalog.matching_input import Requested
from sites import trail

ON_A_LINE = 10  # partners of an item where --top does not say


@dataclass(frozen=True, slots=True)
class Asked:
    """One request with the file it came from."""

    file: str
    request: Requested

    def as_json(self) -> dict[str, str]:
        """How a line names it."""
        query = self.request.query
        return {"id": self.request.id, "file": self.file, "name": query.name, "label": query.label}


class Command(BaseCommand):
    """Compare the requests of files with each other. Exit 0; exit 2 with one line where a file cannot be read."""

    help = "Find asks that are the same, or the same fact in another form, in dictionaries or JSONL requests."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The files and how much to say."""
        parser.add_argument("--store", action="store_true", help="compare what is uploaded here, for the page")
        parser.add_argument("--requests", nargs="+", help="JSONL rows or dictionary files, one or more")
        parser.add_argument("--out", help="where one JSON line a pair is written, best first")
        parser.add_argument("--top", type=int, help="how many pairs (default all), or partners an item (default 10)")
        parser.add_argument("--per-item", action="store_true", help="one line an item with its partners, best first")
        parser.add_argument("--least", type=float, default=0.0, help="leave out pairs that score less, 0 to 1")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, write, print a summary."""
        if options["store"]:
            done = duplicates.refresh(actor=trail.system("find_duplicates", channel="cli"))
            said = f"{done['found']} pairs, {done['new']} of them new, {done['gone']} found no more"
            self.stdout.write(json.dumps(done) if options["json"] else said)
            return
        if not options["requests"] or not options["out"]:
            raise CommandError("Name --requests and --out, or --store.", returncode=2)
        if options["top"] is not None and options["top"] < 1:
            raise CommandError("--top must be 1 or more.", returncode=2)
        try:
            asked = [Asked(Path(n).stem, one) for n in options["requests"] for one in matching_input.read(Path(n))]
        except matching_input.UnreadableInput as error:
            raise CommandError(str(error), returncode=2) from error
        found = Comparison([one.request.query for one in asked])
        pairs = found.pairs(options["least"])
        kinds: Counter[str] = Counter()
        if options["per_item"]:
            lines = _items(asked, found, pairs, options["top"] or ON_A_LINE, kinds)
        else:
            lines = _pairs(asked, found, pairs[: options["top"]], kinds)
        _write(Path(options["out"]), lines)
        report = {"requests": len(asked), "pairs": kinds.total(), **kinds}
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))


def _pairs(asked: list[Asked], found: Comparison, pairs: Iterable[Alike], kinds: Counter[str]) -> Iterator[Any]:
    for pair in pairs:
        yield {"a": asked[pair.a].as_json(), "b": asked[pair.b].as_json(), **_said(found, pair, kinds)}


def _items(
    asked: list[Asked], found: Comparison, pairs: list[Alike], top: int, kinds: Counter[str]
) -> Iterator[dict[str, Any]]:
    """One line an item, in input order; a partner is named as in a pair's line."""
    for at, mine in enumerate(found.partners(pairs, top)):
        others = [
            {**asked[p.b if p.a == at else p.a].as_json(), **_said(found, p, kinds if p.a == at else Counter())}
            for p in mine
        ]
        yield {"i": at, **asked[at].as_json(), "partners": others}


def _said(found: Comparison, pair: Alike, kinds: Counter[str]) -> dict[str, Any]:
    verdict = found.verdict(pair)
    kinds[verdict.kind] += 1
    return {"score": pair.score, "kind": verdict.kind, "reasons": verdict.reasons, "unify": verdict.unify}


def _write(path: Path, lines: Iterable[Any]) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}.", returncode=2) from error


def _as_text(report: dict[str, int]) -> str:
    kinds = ", ".join(f"{report[k]} {k}" for k in ("same", "recast", "unsaid", "apart") if k in report)
    return f"{report['requests']} requests, {report['pairs']} pairs" + (f": {kinds}" if kinds else "")
