"""Decisions against the expected mappings of the shared data folder; where we differ on purpose, it is listed here."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

import pytest

from tests.forms_catalog.decided import FOLDER, decided
from tests.shared_data import SHARED, needs_shared

COMPARED = ("car_registry_na", "car_pass_sponsor", "hemo_registry_global")
# Gold says broader: no steroid would then be delivered as no immunosuppression, although any agent is asked.
ON_PURPOSE = {
    ("hemo_registry_global", "immuno_liver", "steroid-for-transaminitis"): ("broader", "narrower"),
}
# Gold leaves these causes of death and this tumor type without a code; the programs have "other" and "solid tumor".
ADDED = {
    ("car_registry_na", "cod", "98", "cardiovascular"),
    ("car_registry_na", "cod", "98", "liver"),
    ("car_registry_na", "new_malig_ty", "4", "hcc"),
    ("hemo_registry_global", "death_cause_r", "98", "disease"),
    ("hemo_registry_global", "death_cause_r", "98", "toxicity-product"),
    ("hemo_registry_global", "death_cause_r", "98", "organ-failure"),
}


def gold(name: str, program: str) -> Iterator[dict[str, str]]:
    with (SHARED / "content" / name).open(encoding="utf-8") as file:
        yield from (r for r in csv.DictReader(file) if r["program"] == program)


def pairs(program: str) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {
        (program, m.path, m.sources[0].element): m.relation for m in decided(program).mappings
    }
    found = {(p, v, "" if r == "new" else e): r for (p, v, e), r in found.items()}
    return found | {(program, p.path, p.element): "not_same" for p in decided(program).not_same}


def values(rows: Iterable[dict[str, str]]) -> set[tuple[str, str, str, str]]:
    return {(r["program"], r["variable"], r["program_code"], r["catalog_code"]) for r in rows}


@needs_shared
@pytest.mark.parametrize("program", COMPARED)
def test_decisions_agree_with_the_expected_ones_but_for_the_listed(program: str) -> None:
    ours = pairs(program)
    expected = {(program, r["variable"], r["catalog_id"]): r["relation"] for r in gold("gold.csv", program)}
    differ = {k: (expected.get(k), ours.get(k)) for k in expected | ours if expected.get(k) != ours.get(k)}
    assert differ == {k: v for k, v in ON_PURPOSE.items() if k[0] == program}


@needs_shared
@pytest.mark.parametrize("program", COMPARED)
def test_values_agree_with_the_expected_ones_but_for_the_added(program: str) -> None:
    expected = values(gold("gold_values.csv", program))
    with (FOLDER / f"{program}_values.csv").open(encoding="utf-8") as file:
        ours = values(csv.DictReader(file))
    covered = {v[1] for v in expected}
    assert expected <= ours
    assert {v for v in ours - expected if v[1] in covered} == {v for v in ADDED if v[0] == program}
