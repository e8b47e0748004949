"""Matching, step 6: accept, review or new. The machine accepts only equal wordings that nothing speaks against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from forms_catalog.specs import Relation

from . import values
from .entries import Candidate, Decision, Query, Remembered
from .guards import Hit
from .profiles import ElementProfile, QueryProfile
from .ranking import Ranker
from .relations import Proposal
from .words import stem

DIRECT = frozenset({"exact", "recode", "unit_conversion"})
EMPTY_WORDS = frozenset(
    map(stem, ("patient", "yes", "no", "date", "occur", "year", "day", "since", "status", "type", "present"))
)
NONE = Proposal("exact", False)


@dataclass(frozen=True)
class Weighed:
    """One candidate on its way: `at` is its place among the pairs, its rank has the guards taken off."""

    element: ElementProfile
    at: int
    column: int
    rank: float
    remembered: bool = False
    hits: tuple[Hit, ...] = ()
    proposal: Proposal = NONE
    lowered: float = field(default=0.0)


def context_hits(query: QueryProfile, element: ElementProfile) -> tuple[Hit, ...]:
    """The context guard: a field that depends on a question the element does not speak about."""
    asked = frozenset(query.context.content) | frozenset(query.context.added)
    asked -= EMPTY_WORDS
    if not asked or asked & element.all_words or asked & query.known:
        return ()
    reason = f"Context: the field is asked only after “{query.query.context}”; the element does not speak of that."
    return (Hit("context", "field", reason),)


def decide(
    query: QueryProfile,
    ranked: Sequence[Weighed],
    same: frozenset[int],
    memory: Remembered | None,
    sure: float,
    ranker: Ranker,
    top: int,
) -> Decision:
    """The decision for one query from its ranked candidates, the elements that share its wording, and how likely the
    first candidate is the right one (`sure`)."""
    candidates: list[Candidate] = []
    for one in ranked:
        score = sure * math.exp(min(one.rank - ranked[0].rank, 0.0))
        if one.column in same:
            score = max(score, 0.9 if not one.hits else 0.6)
        score = min(score, candidates[-1].score) if candidates else score
        candidates.append(_candidate(query, _as_before(query, one, memory), score, one.column in same))
    if not candidates or candidates[0].score < ranker.threshold("new"):
        return Decision("new", tuple(candidates[:top]))
    first = _as_before(query, ranked[0], memory)
    accept = _acceptable(query.query, [first, *ranked[1:]], candidates, same, ranker.threshold("margin"))
    return Decision("accept" if accept else "review", tuple(candidates[:top]))


def _as_before(query: QueryProfile, one: Weighed, memory: Remembered | None) -> Weighed:
    """The candidate with the value map a person confirmed for this wording, where the answers are those of then."""
    if not one.remembered or memory is None or not memory.value_map or memory.options != query.query.options:
        return one
    said = "The answers and their map are those a curator confirmed."
    plan = one.proposal
    relation: Relation = "recode" if plan.relation == "recode" or _recodes(memory) else "exact"
    if plan.relation not in ("exact", "recode"):
        return one
    return replace(
        one, proposal=replace(plan, relation=relation, fits=True, reasons=(said,), value_map=dict(memory.value_map))
    )


def _recodes(memory: Remembered) -> bool:
    return any(ours != theirs for ours, theirs in memory.value_map.items())


def _acceptable(
    query: Query, ranked: Sequence[Weighed], candidates: Sequence[Candidate], same: frozenset[int], margin: float
) -> bool:
    """Equal wording of exactly one element, the best candidate, with fitting class, options, unit, and no guard.

    Where a curator confirmed this very wording, what it leaves unsaid was decided then; contradictions still count.
    """
    best = ranked[0]
    against = [hit for hit in best.hits if hit.when != "element" or not best.remembered]
    if same != {best.column} or against or not best.proposal.fits:
        return False
    if candidates[0].relation not in DIRECT or not _class_known(query, best):
        return False
    rival = candidates[1] if len(candidates) > 1 else None
    apart = best.element.entry.do_not_merge_with
    return rival is None or rival.id not in apart or candidates[0].score - rival.score >= margin


def _class_known(query: Query, best: Weighed) -> bool:
    """A field that states neither type nor options fits only what needs neither."""
    own = best.element.value_class
    return bool(query.kind or query.options) or own in ("", "text")


def _candidate(query: QueryProfile, one: Weighed, score: float, same: bool) -> Candidate:
    plan = one.proposal
    return Candidate(
        id=one.element.entry.id,
        score=round(score, 4),
        relation=plan.relation,
        reasons=(*_wording(query, one, same), *plan.reasons),
        guards=tuple(hit.reason for hit in one.hits),
        value_map=plan.value_map,
        factor=plan.factor,
    )


def _wording(query: QueryProfile, one: Weighed, same: bool) -> tuple[str, ...]:
    if one.remembered:
        return ("A curator confirmed this wording for the element before.",)
    if same:
        return ("The wording is the element's own.",)
    asked = dict.fromkeys(query.words.content)
    shared = [word for word in asked if word in one.element.all_words]
    said = f"{len(shared)} of {len(asked)} words are the element's."
    options = values.overlap(one.element.entry.options, query.query.options)
    return (said, f"{options:.0%} of the answers are shared.") if options else (said,)
