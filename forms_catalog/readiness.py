"""Step 2b for people with hundreds of fields: what the machine says of each open one, so that alike are decided alike.

Called by the review page, which filters and decides by it. `ready` is what one key or one batch may accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from forms_catalog import mapping_checks, suggesting
from forms_catalog.decision_checks import CODED
from forms_catalog.reviewing import FieldRow, Proposed
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec, Option

Call = Literal["", "ready", "look", "relation", "guarded", "new"]
STRONG = 0.8  # of 1; below it two people looking at the same pair often disagree, so each is looked at by itself
INDIRECT = ("broader", "narrower")


def call(row: FieldRow, program: str, elements: Mapping[str, ElementSpec]) -> Call:
    """What the machine says of an open field; '' where a decision stands.

    ready (direct, complete, strong, every answer matched, no guard, never decided before) · look (direct, but weak,
    sent back, or with something to complete) · relation (broader or narrower) · guarded (a guard objects) · new
    (nothing fits).
    """
    if row.status in ("decided", "machine"):
        return ""
    best = next(iter(row.proposals), None)
    if best is None or best.spec is None or row.nothing_fits:
        return "new"
    if best.guards:
        return "guarded"
    if best.relation in INDIRECT:
        return "relation"
    if row.decision is not None:  # sent back or undone: what changed ("day 30" → "day 90") is for eyes, not for a batch
        return "look"
    return "ready" if _ready(row.field, best, best.spec, program, elements) else "look"


def unmatched(spec: MappingSpec, field: FieldSpec) -> tuple[Option, ...]:
    """The program's answers that no answer of the element, and no missing one, becomes."""
    steps = [s for s in spec.transform if s.op == "recode"]
    if field.kind not in CODED or not steps:
        return ()
    given = {str(v) for s in steps for name in ("map", "missing") for v in dict(s.args.get(name, {})).values()}
    given |= {str(s.args["else"]) for s in steps if s.args.get("else")}
    return tuple(o for o in field.options if o.code not in given)


def _ready(
    field: FieldSpec, best: Proposed, element: ElementSpec, program: str, elements: Mapping[str, ElementSpec]
) -> bool:
    relation = next((r for r in suggesting.DIRECT if r == best.relation), None)
    if relation is None or best.score < STRONG or not suggesting.complete(field, element, relation):
        return False
    spec = suggesting.suggest(program, field, element, relation, best.value_map)
    return not unmatched(spec, field) and not mapping_checks.problems(spec, field, elements)
