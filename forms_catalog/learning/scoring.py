"""Learning, step 5: whole decisions against what people decided: rank, acceptance, relation, "new". As a scorer counts
them: a request is right where its first candidate is one of its elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms_catalog.learning.examples import Decided
from forms_catalog.learning.measuring import auc
from forms_catalog.matching import Decision
from forms_catalog.matching.decisions import DIRECT


@dataclass(frozen=True, slots=True)
class Expected:
    """What people decided for one field: its element ('' = none fits), the relation, and elements that look right and
    are not."""

    element: str
    relation: str
    traps: frozenset[str] = frozenset()


def scored(decided: Sequence[Decided], decisions: Sequence[Decision]) -> dict[str, float | int | None]:
    """Shares over the requests that have an element: top1, top5, mrr, accepted, accept_precision (None where none was
    accepted). Over those that have none: nothing_fits (how many), said_new, accepted_of_nothing, abstain_auc."""
    pairs = list(zip(decided, decisions, strict=True))
    there = [(one, decision) for one, decision in pairs if one.targets]
    nothing = [decision for one, decision in pairs if not one.targets]
    places = [_place(one.targets, decision) for one, decision in there]
    accepted = [place for place, (_, decision) in zip(places, there, strict=True) if decision.decision == "accept"]
    out: dict[str, float | int | None] = {
        "n": len(there),
        "top1": _share(sum(place == 1 for place in places), len(there)),
        "top5": _share(sum(0 < place <= 5 for place in places), len(there)),
        "mrr": _share(sum(1 / place for place in places if place), len(there)),
        "accepted": _share(len(accepted), len(there)),
        "accept_precision": _share(sum(place == 1 for place in accepted), len(accepted)),
    }
    if nothing:
        out |= {
            "nothing_fits": len(nothing),
            "said_new": _share(sum(d.decision == "new" for d in nothing), len(nothing)),
            "accepted_of_nothing": sum(d.decision == "accept" for d in nothing),
            "abstain_auc": round(auc([_best(d) for _, d in there], [_best(d) for d in nothing]), 4),
        }
    return out


@dataclass(frozen=True, slots=True)
class ProgramScore:
    """One program's fields. `top1` and `top5` are shares of the `mapped` fields; `class_right` of those with the right
    element on top: whether the machine knows that a person has to look (direct or not). Wrong and traps are names."""

    fields: int
    mapped: int
    top1: float | None
    top5: float | None
    relation_right: float | None
    class_right: float | None
    new: int
    said_new: int
    accepted: int
    wrong: tuple[str, ...]
    traps: tuple[str, ...]


def of_program(expected: Mapping[str, Expected], decisions: Mapping[str, Decision]) -> ProgramScore:
    """The score of a program; both by the field's name. Raises KeyError where a field was not matched."""
    mapped = [name for name, one in expected.items() if one.element]
    places = {name: _place(frozenset({expected[name].element}), decisions[name]) for name in mapped}
    right = [name for name in mapped if places[name] == 1]
    relations = {name: decisions[name].candidates[0].relation for name in right}
    accepted = [name for name in expected if decisions[name].decision == "accept"]
    first = {name: decisions[name].candidates[0].id for name in accepted}
    same_class = [(relations[n] in DIRECT) == (expected[n].relation in DIRECT) for n in right]
    new = [name for name, one in expected.items() if not one.element]
    return ProgramScore(
        fields=len(expected),
        mapped=len(mapped),
        top1=_share(len(right), len(mapped)),
        top5=_share(sum(0 < place <= 5 for place in places.values()), len(mapped)),
        relation_right=_share(sum(relations[n] == expected[n].relation for n in right), len(right)),
        class_right=_share(sum(same_class), len(right)),
        new=len(new),
        said_new=sum(decisions[name].decision == "new" for name in new),
        accepted=len(accepted),
        wrong=tuple(sorted(name for name in accepted if first[name] != expected[name].element)),
        traps=tuple(sorted(name for name in accepted if first[name] in expected[name].traps)),
    )


def _place(targets: frozenset[str], decision: Decision) -> int:
    """The place (from 1) of the first right candidate; 0 where none is."""
    return next((n for n, one in enumerate(decision.candidates, start=1) if one.id in targets), 0)


def _best(decision: Decision) -> float:
    return decision.candidates[0].score if decision.candidates else 0.0


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
