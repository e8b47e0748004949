"""Step 2b, the machine's part: candidates for every undecided field. It confirms alone only what the matcher accepts.

Called after intake; people decide the rest on the review page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from forms_catalog import (
    mapping,
    mapping_checks,
    matching,
    matching_entries,
    matching_index,
    remembering,
    retraining,
    seeding,
    serial,
    suggesting,
)
from forms_catalog.lifecycle import Standing
from forms_catalog.matching import Candidate, Decision, Matcher
from forms_catalog.models import DictionaryVersion, Element, FieldRequest, Proposal
from forms_catalog.models import Mapping as Decided
from forms_catalog.remembering import Memory
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec
from sites import trail
from sites.models import Program
from sites.trail import Actor

TOP = 5
SHOWN = ("rank", "score", "relation", "reasons", "guards", "value_map", "decision")


@dataclass(frozen=True, slots=True)
class Found:
    """What the matcher says about one field."""

    field: FieldSpec
    meaning: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one chunk did: `last` is the order of its last field (None where none was left), `counts` as in propose."""

    last: int | None
    fields: int
    counts: Mapping[str, int]


@transaction.atomic
def propose(version: DictionaryVersion, *, actor: Actor) -> dict[str, int]:
    """Write proposals for every field nobody decided. Gives how many the machine accepted, how many it left to review,
    and for how many nothing fits: {"accept": n, "review": n, "new": n}."""
    done = dict(propose_chunk(version, actor=actor).counts)
    trail.record(actor, "propose", f"dictionary:{version.uuid}", details=done)
    return done


@transaction.atomic
def propose_chunk(version: DictionaryVersion, after: int = -1, size: int | None = None, *, actor: Actor) -> Chunk:
    """The same for the next `size` fields whose order is above `after`. Doing a chunk again changes nothing."""
    Program.objects.select_for_update().get(pk=version.program_id)
    specs = seeding.elements()
    fields = list(version.fields.order_by("order"))
    chunk = [f for f in fields if f.order > after][:size]
    closed = seeding.standings()
    memory = remembering.memory(version.program, closed)
    found = list(_match(_matcher(version.program, specs, closed, memory), fields, _open(version, chunk)))
    _store(version.program, found)
    touched = set(Decided.objects.filter(program=version.program).values_list("path", "meaning_hash"))
    done: Counter[str] = Counter({"accept": 0, "review": 0, "new": 0})
    for one in found:
        spec = (
            None if (one.field.path, one.meaning) in touched else acceptable(version.program.code, one, specs, memory)
        )
        if spec is not None:
            reason = " ".join(one.decision.candidates[0].reasons) or "The wording is the element's own."
            mapping.confirm(version.program, spec, actor=actor, reason=reason, by_machine=True)
        done["accept" if spec else "new" if one.decision.decision == "new" else "review"] += 1
    return Chunk(chunk[-1].order if chunk else None, len(chunk), dict(done))


def acceptable(program: str, found: Found, elements: Mapping[str, ElementSpec], memory: Memory) -> MappingSpec | None:
    """The decision the machine may take alone: accepted, no guard, nothing left to choose, and sound; else None."""
    first = next(iter(found.decision.candidates), None)
    if found.decision.decision != "accept" or first is None or first.guards:
        return None
    element = elements[first.id]
    if not suggesting.complete(found.field, element, first.relation) or memory.against(found.field, element.id):
        return None
    plain = suggesting.suggest(program, found.field, element, first.relation, first.value_map or {})
    spec = memory.completed(plain, found.field)
    return None if mapping_checks.problems(spec, found.field, elements) else spec


def compare(field: FieldSpec, element: ElementSpec) -> Candidate | None:
    """What the matcher says about one pair, for an element a person chose; None where it can never answer the field."""
    found = Matcher(matching_entries.of_elements([element]))
    return next(iter(found.match([matching.query_of_field(field)], 1)[0].candidates), None)


def _match(matcher: Matcher, all_fields: Sequence[FieldRequest], wanted: Mapping[str, str]) -> Iterator[Found]:
    """The matcher's word on the wanted fields (path → meaning); the others are what their conditions speak of."""
    if not wanted:
        return
    fields = {f.path: f for f in (serial.load(FieldSpec, row.spec) for row in all_fields)}
    queries = [q for q in matching.queries_of_fields(fields.values()) if q.path in wanted]
    for query, decision in zip(queries, matcher.match(queries, TOP), strict=True):
        yield Found(fields[query.path], wanted[query.path], decision)


def _open(version: DictionaryVersion, fields: Iterable[FieldRequest]) -> dict[str, str]:
    """The fields that hold a value and have no standing decision: path → meaning."""
    confirmed = Decided.objects.filter(program=version.program, state=Decided.State.CONFIRMED)
    decided = set(confirmed.values_list("path", "meaning_hash"))
    valued = (f for f in fields if f.asks or f.spec.get("calculation"))
    return {f.path: f.meaning_hash for f in valued if (f.path, f.meaning_hash) not in decided}


def _matcher(
    program: Program, specs: Mapping[str, ElementSpec], closed: Mapping[str, Standing], memory: Memory
) -> Matcher:
    """A matcher on the released elements, with confirmed wordings remembered and refused pairs left out."""
    refused = Proposal.objects.filter(program=program).exclude(state=Proposal.State.PROPOSED)
    entries = matching_entries.of_elements(spec for key, spec in specs.items() if key not in closed)
    rejected = set(refused.values_list("path", "element__key"))
    return Matcher(entries, memory.wordings, rejected, retraining.ranker(), matching_index.of(entries))


def _store(program: Program, found: list[Found]) -> None:
    """Write the candidates of many fields. Refused pairs stay; what is no candidate any more gets rank 0."""
    ids = dict(Element.objects.values_list("key", "pk"))
    known = Proposal.objects.filter(program=program, path__in=[one.field.path for one in found])
    rows = {(p.path, p.meaning_hash, p.element_id): p for p in known}
    fresh, named = [], set()
    for one in found:
        for rank, candidate in enumerate(one.decision.candidates, 1):
            key = (one.field.path, one.meaning, ids[candidate.id])
            named.add(key)
            shown = _shown(rank, candidate, one.decision)
            if key not in rows:
                fresh.append(_row(program, key, shown))
            elif rows[key].state == Proposal.State.PROPOSED:
                _update(rows[key], shown)
    bulk_create_with_history(fresh, Proposal, batch_size=500, default_change_reason="proposed")
    open_fields = {(one.field.path, one.meaning) for one in found}
    for key, row in rows.items():
        if key[:2] in open_fields and key not in named and row.state == Proposal.State.PROPOSED:
            _update(row, {"rank": 0})


def _row(program: Program, key: tuple[str, str, int], shown: Mapping[str, Any]) -> Proposal:
    return Proposal(program=program, path=key[0], meaning_hash=key[1], element_id=key[2], **shown)


def _shown(rank: int, candidate: Candidate, decision: Decision) -> dict[str, Any]:
    values = (
        rank,
        candidate.score,
        candidate.relation,
        list(candidate.reasons),
        list(candidate.guards),
        dict(candidate.value_map or {}),
        decision.decision,
    )
    return dict(zip(SHOWN, values, strict=True))


def _update(row: Proposal, shown: Mapping[str, Any]) -> None:
    """Save what changed; nothing where nothing did."""
    if all(getattr(row, name) == value for name, value in shown.items()):
        return
    for name, value in shown.items():
        setattr(row, name, value)
    row._change_reason = "proposed again"  # type: ignore[attr-defined]
    row.save()
