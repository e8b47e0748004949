"""manage.py match_requests: propose an element for each request of a file, one JSON line each. No database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import matching_index, matching_input
from forms_catalog.formats import catalog_json
from forms_catalog.matching import (
    Candidate,
    CatalogEntry,
    Decision,
    Matcher,
    Query,
    entries_of,
)

SAID = 1000  # requests between two words on progress


class Command(BaseCommand):
    """Match a file of requests against a catalog. Exit 0; exit 2 with one line where a file cannot be read."""

    help = "Propose catalog elements for the fields of a dictionary or for JSONL requests. Reads and writes files only."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The three files and how much to say."""
        parser.add_argument("--catalog", required=True, help="content/catalog.json or one JSON element a line")
        parser.add_argument(
            "--requests", required=True, help="JSONL rows, bare or {'query': {…}}, or a dictionary file"
        )
        parser.add_argument("--out", required=True, help="where one JSON line a request is written, in input order")
        parser.add_argument("--top", type=int, default=5, help="how many candidates to give (default 5)")
        parser.add_argument(
            "--explain", action="store_true", help="add what lifts or lowers each candidate, by feature"
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Match, write, print a summary."""
        if options["top"] < 1:
            raise CommandError("--top must be 1 or more.", returncode=2)
        try:
            catalog = catalog_json.read(matching_input.read_bytes(Path(options["catalog"])))
            queries = [one.query for one in matching_input.read(Path(options["requests"]))]
        except matching_input.UnreadableInput as error:
            raise CommandError(str(error), returncode=2) from error
        entries = _elements(Path(options["catalog"]), catalog)
        if catalog.problems:
            self.stderr.write(f"{len(catalog.problems)} catalog rows left out, first: {catalog.problems[0].message}")
        matcher = Matcher(entries, tables=matching_index.of(entries))
        decisions = matcher.stream(queries, options["top"], explain=options["explain"])
        counts = self._write(Path(options["out"]), queries, decisions)
        report = {"requests": len(queries), **{kind: counts[kind] for kind in ("accept", "review", "new")}}
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))

    def _write(self, path: Path, queries: Sequence[Query], decisions: Iterable[Decision]) -> Counter[str]:
        """One line a request as soon as it is matched; how many of each decision."""
        counts: Counter[str] = Counter()
        try:
            with path.open("w", encoding="utf-8") as file:
                for number, (query, decision) in enumerate(zip(queries, decisions, strict=True)):
                    file.write(json.dumps(_line(number, query, decision), ensure_ascii=False) + "\n")
                    counts[decision.decision] += 1
                    if (number + 1) % SAID == 0:
                        self.stderr.write(f"{number + 1} of {len(queries)} requests")
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}.", returncode=2) from error
        return counts


def _elements(path: Path, catalog: catalog_json.Catalog) -> list[CatalogEntry]:
    if not catalog.elements:
        first = next((problem.message for problem in catalog.problems), "It holds no element.")
        raise CommandError(f"{path} is no catalog: {first}", returncode=2)
    return entries_of(catalog.elements.values(), catalog.texts)


def _line(number: int, query: Query, decision: Decision) -> dict[str, Any]:
    return {
        "i": number,
        "name": query.name,
        "decision": decision.decision,
        "candidates": [_candidate(one) for one in decision.candidates],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    plain = {"id": one.id, "score": one.score, "relation": one.relation, "reasons": [*one.reasons, *one.guards]}
    return {**plain, "lifts": one.lifts} if one.lifts else plain


def _as_text(report: Mapping[str, int]) -> str:
    return (
        f"{report['requests']} requests: {report['accept']} accepted, "
        f"{report['review']} for a person, {report['new']} new"
    )
