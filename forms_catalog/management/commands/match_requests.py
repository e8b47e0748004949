"""manage.py match_requests: propose an element for each request of a file, one JSON line each. No database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_catalog import matching_input
from forms_catalog.formats import catalog_json
from forms_catalog.matching import (
    CatalogEntry,
    Decision,
    Matcher,
    Query,
    entry_of_element,
)


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
        matcher = Matcher(_elements(Path(options["catalog"]), catalog))
        if catalog.problems:
            self.stderr.write(f"{len(catalog.problems)} catalog rows left out, first: {catalog.problems[0].message}")
        decisions = matcher.match(queries, top=options["top"])
        _write(Path(options["out"]), queries, decisions)
        counts = Counter(decision.decision for decision in decisions)
        report = {"requests": len(decisions), **{kind: counts[kind] for kind in ("accept", "review", "new")}}
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))


def _elements(path: Path, catalog: catalog_json.Catalog) -> list[CatalogEntry]:
    if not catalog.elements:
        first = next((problem.message for problem in catalog.problems), "It holds no element.")
        raise CommandError(f"{path} is no catalog: {first}", returncode=2)
    return [entry_of_element(element, catalog.texts.get(id, {})) for id, element in catalog.elements.items()]


def _write(path: Path, queries: Sequence[Query], decisions: Sequence[Decision]) -> None:
    lines = (
        json.dumps(_line(number, query, decision), ensure_ascii=False) + "\n"
        for number, (query, decision) in enumerate(zip(queries, decisions, strict=True))
    )
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}.", returncode=2) from error


def _line(number: int, query: Query, decision: Decision) -> dict[str, Any]:
    candidates = [
        {"id": c.id, "score": c.score, "relation": c.relation, "reasons": [*c.reasons, *c.guards]}
        for c in decision.candidates
    ]
    return {"i": number, "name": query.name, "decision": decision.decision, "candidates": candidates}


def _as_text(report: Mapping[str, int]) -> str:
    return (
        f"{report['requests']} requests: {report['accept']} accepted, "
        f"{report['review']} for a person, {report['new']} new"
    )
