"""Step 2b, the machine's part: candidates for every undecided field. It confirms alone only what the matcher accepts.

Called after intake; people decide the rest on the review page.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from django.db import transaction

from forms_catalog import intake, mapping, matching, seeding, starter
from forms_catalog.formats.unit_words import ucum_of
from forms_catalog.matching import Candidate, Decision, Matcher
from forms_catalog.models import Alias, DictionaryVersion, Element, Mapping, Proposal
from forms_catalog.specs import FieldSpec, MappingSpec, Relation, Source, Step
from sites import trail
from sites.models import Program
from sites.trail import Actor

TOP = 5
DIRECT: tuple[Relation, ...] = ("exact", "recode", "unit_conversion")


@transaction.atomic
def propose(version: DictionaryVersion, *, actor: Actor) -> dict[str, int]:
    """Write proposals for every field without a decision. Gives how many were accepted, to review, and new."""
    program = version.program
    fields = intake.fields_of(version)
    hashes = {f.path: intake.meaning_hash(f) for f in fields}
    decided = {(m.path, m.meaning_hash) for m in Mapping.objects.filter(program=program, state="confirmed")}
    results = zip(
        matching.queries_of_fields(fields),
        _matcher(program).match(matching.queries_of_fields(fields), TOP),
        strict=True,
    )
    by_path = {f.path: f for f in fields}
    found: dict[str, int] = defaultdict(int)
    elements = {e.key: e for e in Element.objects.all()}
    for query, decision in results:
        field = by_path[query.path]
        if (field.path, hashes[field.path]) in decided or not (field.asks or field.field_type == "calc"):
            continue
        found[_one(program, field, hashes[field.path], decision, elements, actor=actor)] += 1
    trail.record(actor, "propose", f"dictionary:{version.uuid}", details=dict(found))
    return dict(found)


def _matcher(program: Program) -> Matcher:
    """A matcher on the catalog in force, with confirmed wordings remembered and refused pairs left out."""
    aliases = {a.wording: a.element.key for a in Alias.objects.select_related("element").order_by("pk")}
    refused = Proposal.objects.filter(program=program).exclude(state=Proposal.State.PROPOSED).select_related("element")
    texts = _texts()
    entries = [
        matching.entry_of_element(spec, texts.get(key, {}))
        for key, spec in seeding.elements().items()
        if not key.startswith("draft:")
    ]
    return Matcher(entries, aliases, {(p.path, p.element.key) for p in refused})


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    return {key: dict(values) for key, values in starter.catalog().texts.items()}


def _one(
    program: Program,
    field: FieldSpec,
    meaning: str,
    decision: Decision,
    elements: dict[str, Element],
    *,
    actor: Actor,
) -> str:
    """Store a field's candidates; confirm the first where the matcher accepts it and no guard fires."""
    for rank, candidate in enumerate(decision.candidates, 1):
        _store(program, field.path, meaning, elements[candidate.id], rank, candidate, decision)
    first = decision.candidates[0] if decision.candidates else None
    if decision.decision == "accept" and first and not first.guards and first.relation in DIRECT:
        spec = mapping_of(program.code, field, first)
        mapping.confirm(program, spec, actor=actor, reason="; ".join(first.reasons) or "equal wording", by_machine=True)
        return "accept"
    return "new" if decision.decision == "new" else "review"


def _store(
    program: Program, path: str, meaning: str, element: Element, rank: int, candidate: Candidate, decision: Decision
) -> None:
    row, made = Proposal.objects.get_or_create(
        program=program,
        path=path,
        meaning_hash=meaning,
        element=element,
        defaults={"relation": candidate.relation},
    )
    if row.state != Proposal.State.PROPOSED:
        return
    row.rank, row.score, row.relation = rank, candidate.score, candidate.relation
    row.reasons, row.guards = list(candidate.reasons), list(candidate.guards)
    row.value_map, row.decision = dict(candidate.value_map or {}), decision.decision
    row._change_reason = "proposed" if made else "proposed again"  # type: ignore[attr-defined]
    row.save()


def mapping_of(program: str, field: FieldSpec, candidate: Candidate) -> MappingSpec:
    """The mapping a candidate stands for."""
    steps = steps_for(field, candidate.relation, dict(candidate.value_map or {}))
    return MappingSpec(program, field.path, candidate.relation, (Source(candidate.id),), steps)


def steps_for(field: FieldSpec, relation: str, value_map: dict[str, str]) -> tuple[Step, ...]:
    """Recode by the value map, units by the element's own list of conversions, dates in the program's format."""
    steps: list[Step] = []
    if value_map:
        steps.append(Step("recode", {"map": value_map}))
    if relation == "unit_conversion":
        steps.append(Step("unit", {"to": ucum_of(field.unit)}))
    if field.kind == "date" and field.date_format:
        steps.append(Step("date", {"format": field.date_format}))
    return tuple(steps)
