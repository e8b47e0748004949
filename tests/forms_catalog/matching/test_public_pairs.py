"""Real pairs of other catalogs: top-1 and abstention may not fall below what was measured when this was built."""

from __future__ import annotations

import json
from typing import Any

from forms_catalog.formats import catalog_json
from forms_catalog.matching import Matcher, entry_of_element, query_of_row
from tests.shared_data import SHARED, needs_shared

PAIRS = SHARED / "data" / "matching"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (PAIRS / name).read_text(encoding="utf-8").splitlines()]


def matcher(name: str) -> Matcher:
    catalog = catalog_json.read((PAIRS / f"{name}.catalog.jsonl").read_bytes())
    return Matcher([entry_of_element(e, catalog.texts.get(i, {})) for i, e in catalog.elements.items()])


def top1(found: Matcher, pairs: list[dict[str, Any]]) -> float:
    decisions = found.match([query_of_row(row) for row in pairs])
    hits = [d.candidates[0].id in map(str, row["target_ids"]) for d, row in zip(decisions, pairs, strict=True)]
    return sum(hits) / len(hits)


@needs_shared
def test_registry_wordings_find_their_element() -> None:
    assert top1(matcher("cibmtr"), rows("cibmtr.dev.jsonl")[::4]) >= 0.65


@needs_shared
def test_codebook_fields_find_their_element() -> None:
    assert top1(matcher("radx"), rows("radx.dev.jsonl")) >= 0.95


@needs_shared
def test_fields_without_an_element_are_said_to_be_new() -> None:
    decisions = matcher("radx").match([query_of_row(row) for row in rows("radx.nomatch.dev.jsonl")])
    assert sum(d.decision == "new" for d in decisions) >= 0.6 * len(decisions)
    assert sum(d.decision == "accept" for d in decisions) <= 2
