"""Duplicates, the pure core: asks and elements of an installation in, pairs worth a person's look out, by minutes.

Called by duplicates. What is answered from one element, or what curators hold apart, is no finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forms_catalog.matching import Query
from forms_catalog.matching.duplicates import Comparison
from forms_catalog.matching.sameness import Verdict
from forms_catalog.specs import ElementSpec, ProgramSchedule
from sites.burden import cost

# How alike two texts must be before a person looks, by kind; chosen on the shipped programs.
LEAST: Mapping[str, float] = {"same": 0.55, "recast": 0.65, "unsaid": 0.7}
TWINS = 0.7


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of the newest version of a program. `elements` answer it by a confirmed decision (() = none yet);
    `refused` were marked as not the same. `seconds` is what one answer costs, `yearly` how often a patient is asked
    a year, `visits` how many planned visits of the next year ask it over the whole network (0 = none known)."""

    program: str
    path: str
    meaning: str
    query: Query
    elements: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    seconds: float = 0.0
    yearly: float = 0.0
    visits: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """One pair; `first` and `second` are places in what was given. Times are centiseconds a year of the rarer ask."""

    first: int
    second: int
    kind: str
    score: float
    verdict: Verdict
    patient: int = 0
    network: int = 0


def asks(given: Sequence[Ask], elements: Mapping[str, ElementSpec]) -> list[Found]:
    """Pairs of asks that a person should look at, the costliest first."""
    compared = Comparison([replace(one.query, repeating=False) for one in given])
    found = []
    for pair in compared.pairs(min(LEAST.values())):
        first, second = given[pair.a], given[pair.b]
        if settled(first, second, elements):
            continue
        verdict = compared.verdict(pair)
        if pair.score < LEAST.get(verdict.kind, 2) or (first.program == second.program and verdict.kind != "same"):
            continue
        found.append(Found(pair.a, pair.b, verdict.kind, pair.score, verdict, *_cost(first, second)))
    return sorted(found, key=lambda one: (-one.network, -one.patient, -one.score, one.first, one.second))


def twins(specs: Sequence[ElementSpec]) -> list[Found]:
    """Pairs of elements that hold the same fact though nobody said that they must stay apart, the nearest first."""
    queries = [
        Query(label=s.label, kind=s.datatype, options=s.options, unit=s.unit, note=s.definition, section=s.section)
        for s in specs
    ]
    compared = Comparison(queries, [s.recall for s in specs])
    found = []
    for pair in compared.pairs(TWINS):
        verdict = compared.verdict(pair)
        if verdict.kind in ("same", "recast") and not held_apart(specs[pair.a], specs[pair.b]):
            found.append(Found(pair.a, pair.b, "twins", pair.score, verdict))
    return found


def settled(first: Ask, second: Ask, elements: Mapping[str, ElementSpec]) -> bool:
    """Whether one element answers both already, or curators hold their elements apart."""
    if first.elements & second.elements or first.refused & second.elements or second.refused & first.elements:
        return True
    ours, theirs = ([elements[k] for k in one.elements if k in elements] for one in (first, second))
    return any(held_apart(a, b) for a in ours for b in theirs)


def held_apart(first: ElementSpec, second: ElementSpec) -> bool:
    """Whether the catalog says that two elements differ, or derives one from the other's records."""
    if second.id in first.do_not_merge_with or first.id in second.do_not_merge_with:
        return True
    if first.detail_of == second.id or second.detail_of == first.id:
        return True
    groups = {first.group, first.summary_of} & {second.group, second.summary_of} - {""}
    return bool(groups) and bool(first.summary_of or second.summary_of)


def yearly(schedule: ProgramSchedule | None, form: str) -> tuple[float, float]:
    """How often a year a patient's follow-up has the form, and the share of the follow-up visits that have it."""
    if schedule is None:
        return 0.0, 0.0
    visits = [entry for entry in schedule.entries if entry.kind == "followup"]
    with_form = sum(form in entry.forms for entry in visits)
    return with_form / max(schedule.duration_years, 1), with_form / len(visits) if visits else 0.0


def seconds(kind: str, elements: Collection[str], specs: Mapping[str, ElementSpec]) -> float:
    """What one answer costs: its element's own effort where one is decided, else the default of its kind."""
    known: Iterator[int | None] = (specs[key].effort_seconds for key in sorted(elements) if key in specs)
    return cost.question(kind, next(known, None)) / 100


def _cost(first: Ask, second: Ask) -> tuple[int, int]:
    """Centiseconds a year of the ask that would go: the one that costs less, once a patient, once for the network."""
    both = (first, second)
    return (
        round(100 * min(one.seconds * one.yearly for one in both)),
        round(100 * min(one.seconds * one.visits for one in both)),
    )
