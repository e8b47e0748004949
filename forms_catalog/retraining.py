"""Step 2b, learning from what was decided here: own decisions in, the matcher's adapted weights out.

Called by the command retrain_matcher; proposing asks `ranker` which weights count. Only decisions of people that stand
teach; what the machine accepted would teach it itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import transaction

from forms_catalog import matching_entries, seeding, serial
from forms_catalog.learning import adapting
from forms_catalog.learning.examples import Decided, Examples, collect
from forms_catalog.matching import Ranker, data, queries_of_fields
from forms_catalog.models import FieldRequest, TrainedMatcher
from forms_catalog.models import Mapping as Mapped
from forms_catalog.specs import FieldSpec
from sites import trail
from sites.trail import Actor

FEW_PROGRAMS = 3  # below, decisions are held out by element: one program cannot be learnt from the other


@dataclass(frozen=True, slots=True)
class Retrained:
    """What was found: `figures` as in adapting.before_and_after; `model` the adapted parts."""

    figures: dict[str, Any]
    model: dict[str, Any]

    @property
    def better(self) -> bool:
        """Whether the adapted model puts at least as many right elements first on decisions it did not see, and more of
        them, or the same with more among the first five."""
        before, after = self.figures["before"], self.figures["after"]
        return (after["top1"], after["top5"], after["mrr"]) > (before["top1"], before["top5"], before["mrr"])


def ranker() -> Ranker:
    """The weights that count here: the newest training's, or the shipped ones. 1 query."""
    newest = TrainedMatcher.objects.values_list("pk", "shipped", "model").first()
    if newest is None or not newest[2] or newest[1] != shipped_digest():
        return Ranker()
    return _ranker(newest[0], json.dumps(newest[2]))


@lru_cache(maxsize=2)
def _ranker(_: int, model: str) -> Ranker:
    return Ranker(model={**Ranker().model, **json.loads(model)})


def shipped_digest() -> str:
    """What names the shipped model."""
    return hashlib.sha256(json.dumps(data.document("model.json"), sort_keys=True).encode()).hexdigest()


def retrain() -> Retrained:
    """Learn from the decisions that stand; writes nothing. Raises adapting.TooFewDecisions."""
    own, shipped = _examples(), Ranker().model
    return Retrained(adapting.before_and_after(own, shipped), adapting.adapt(own, shipped))


@transaction.atomic
def take(found: Retrained | None, *, actor: Actor, reason: str) -> TrainedMatcher:
    """Let the adapted weights count from now on; None: the shipped ones again. Raises ReasonMissing."""
    why = trail.require_reason(reason)
    row = TrainedMatcher.objects.create(
        shipped=shipped_digest(),
        model=found.model if found else {},
        figures=found.figures if found else {},
        created_at=actor.now,
        created_by=actor.name,
        reason=why,
    )
    trail.record(actor, "retrain", f"matcher:{row.uuid}", reason=why, details=row.figures)
    return row


def _examples() -> Examples:
    """Every field a person decided, beside the released elements. Few queries, whatever was decided."""
    rows = Mapped.objects.filter(state=Mapped.State.CONFIRMED, by_machine=False).order_by("program", "path")
    found = rows.values_list(
        "program_id", "path", "meaning_hash", "relation", "sources__element__key", "sources__ordinal"
    )
    targets: dict[tuple[int, str, str], str] = {}
    for program, path, meaning, relation, element, ordinal in found:
        if not ordinal:  # the main element, or none where nothing fits
            targets[program, path, meaning] = element if relation != "new" and element else ""
    programs = {program for program, _, _ in targets}
    closed = seeding.standings()
    entries = matching_entries.of_elements(s for key, s in seeding.elements().items() if key not in closed)
    known = {entry.id for entry in entries}
    decided: list[Decided] = []
    for program, version, fields in _fields(programs):
        for query in queries_of_fields(fields.values()):
            target = targets.pop((program, query.path, version[query.path]), None)
            if target is not None and (not target or target in known):
                held = str(program) if len(programs) >= FEW_PROGRAMS else ""
                decided.append(Decided(query, frozenset({target} if target else ()), held))
    if not decided:
        raise adapting.TooFewDecisions("Nobody has decided a field here yet.")
    return collect(entries, decided)


def _fields(programs: set[int]) -> Iterator[tuple[int, dict[str, str], dict[str, FieldSpec]]]:
    """By dictionary version, the newest first: (program, path → meaning, path → field). 1 query."""
    rows = FieldRequest.objects.filter(version__program__in=programs).order_by("-version__pk", "order")
    by_version: dict[tuple[int, int], list[tuple[str, str, Any]]] = {}
    for program, version, path, meaning, spec in rows.values_list(
        "version__program", "version", "path", "meaning_hash", "spec"
    ):
        by_version.setdefault((program, version), []).append((path, meaning, spec))
    for (program, _), fields in by_version.items():
        loaded = {path: serial.load(FieldSpec, spec) for path, _, spec in fields}
        yield program, {path: meaning for path, meaning, _ in fields}, loaded
