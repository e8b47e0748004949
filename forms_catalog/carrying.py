"""Step 2b of a new version: decisions go on where a field still means the same, and back to review where it does not.

Called by handing_in after intake.receive, in its transaction. Which fields are the same is decided in comparing. A
decision holds for a meaning: fields whose meaning hash is unchanged need nothing, the old rows stay as they were.
Writes in bulk: a version with 2,000 rewritten fields is taken in while a person waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from forms_catalog import comparing, intake, mapping_checks, remembering, seeding, serial
from forms_catalog.comparing import Changed
from forms_catalog.comparing_words import summary
from forms_catalog.drafts import draft_element
from forms_catalog.mapping_rows import ref, spec_of
from forms_catalog.models import Alias, DictionaryVersion, Element, MappingSource, Proposal
from forms_catalog.models import Mapping as Decided
from forms_catalog.specs import ElementSpec, MappingSpec
from sites import trail
from sites.models import Program
from sites.trail import Actor

CARRIER = "system:carrying"
Key = tuple[str, str]  # path and meaning hash


@dataclass(frozen=True, slots=True)
class Pair:
    """One field in both versions, under the keys its decisions have there."""

    changed: Changed
    old: Key
    new: Key


@dataclass(frozen=True, slots=True)
class Moved:
    """A decision for the new meaning, made from the old one; it stands, or waits for a person and says why."""

    row: Decided
    old: Decided
    spec: MappingSpec
    pair: Pair


@transaction.atomic
def carry(version: DictionaryVersion, *, actor: Actor) -> dict[str, int]:
    """Carry the decisions on the version before to this one. Doing it again changes nothing.

    Gives {"from": number, "kept": decisions that hold as they are, "carried": n, "back": n sent back to review,
    "refused": refusals carried}; {} for a first version.
    """
    Program.objects.select_for_update().get(pk=version.program_id)
    earlier = before(version)
    if earlier is None:
        return {}
    pairs = paired(earlier, version)
    decisions = _decisions(version.program)
    kept = [p for p in pairs if p.new in decisions and decisions[p.new].state == Decided.State.CONFIRMED]
    moved = list(_moved(earlier, pairs, decisions, actor))
    _write(moved, version, actor)
    refused = _carry_refusals(version.program, [p for p in pairs if p.old != p.new], earlier.number)
    stands = sum(m.row.state == Decided.State.CONFIRMED for m in moved)
    done = {"kept": len(kept), "carried": stands, "back": len(moved) - stands, "refused": refused}
    trail.record(actor, "carry_decisions", f"dictionary:{version.uuid}", details={"from": earlier.number, **done})
    return {"from": earlier.number, **done}


def before(version: DictionaryVersion) -> DictionaryVersion | None:
    """The version this one follows."""
    earlier = DictionaryVersion.objects.filter(program=version.program_id, number__lt=version.number)
    return earlier.defer("original", "problems").order_by("-number").first()


def paired(earlier: DictionaryVersion, version: DictionaryVersion) -> list[Pair]:
    """The fields that both versions have."""
    found = comparing.paired(intake.fields_of(earlier), intake.fields_of(version))
    old = dict(earlier.fields.values_list("path", "meaning_hash"))
    new = dict(version.fields.values_list("path", "meaning_hash"))
    return [Pair(c, (p := c.before.path, old[p]), (q := c.after.path, new[q])) for c in found]


def obstacle(changed: Changed, spec: MappingSpec) -> str:
    """Why the decision cannot go on by itself; '' where it can.

    A renamed field is paired by its question, which is a good guess and no proof: it goes on only where nothing else
    differs. One that was decided `new` has a draft element named for the field, so it never does.
    """
    if not changed.same_meaning:
        return f"The field is {summary(changed)}."
    if changed.renamed and changed.changes:
        return f"The field is {summary(changed)}; it may be another one."
    if changed.renamed and spec.relation == "new":
        return f"The field is {summary(changed)}, and its draft element bears the old name."
    return ""


def _decisions(program: Program) -> dict[Key, Decided]:
    rows = Decided.objects.filter(program=program).select_related("program")
    return {(m.path, m.meaning_hash): m for m in rows.prefetch_related("sources__element")}


def _moved(
    earlier: DictionaryVersion, pairs: Iterable[Pair], decisions: Mapping[Key, Decided], actor: Actor
) -> Iterator[Moved]:
    """The decisions to write: of fields under a new key on which nobody has decided yet."""
    due = [p for p in pairs if p.old != p.new and p.old in decisions and p.new not in decisions]
    specs = seeding.elements() if due else {}
    marked = _marked(earlier.program_id) if due else set()
    for pair in due:
        old = decisions[pair.old]
        spec = replace(spec_of(old), path=pair.new[0])
        why_not = _why_not(pair, old, spec, specs, marked)
        yield Moved(_row(pair, old, earlier.number, why_not, actor), old, spec, pair)


def _why_not(
    pair: Pair, old: Decided, spec: MappingSpec, specs: Mapping[str, ElementSpec], marked: set[tuple[str, str]]
) -> str:
    if old.state != Decided.State.CONFIRMED:
        return "It was waiting for review before."
    if found := obstacle(pair.changed, spec):
        return found
    # a retired element delivers until its mappings are moved (see moving): carried ones as much as kept ones
    wrong = mapping_checks.problems(spec, pair.changed.after, specs)
    if any((spec.path, s.element) in marked for s in spec.sources):
        wrong = (*wrong, "an element is marked as not the same.")
    return f"The decision does not fit any more: {' '.join(wrong)}" if wrong else ""


def _marked(program: int) -> set[tuple[str, str]]:
    rows = Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME)
    return set(rows.values_list("path", "element__key"))


def _row(pair: Pair, old: Decided, number: int, why_not: str, actor: Actor) -> Decided:
    origin = old.carried or {"by": old.decided_by, "at": old.decided_at.isoformat(), "reason": old.reason}
    said = f"{origin['by']} decided on {origin['at'][:10]}: {origin['reason']}"
    what = summary(pair.changed)
    text = f"Back to review. {why_not}" if why_not else f"Carried over from version {number}: {what}."
    row = Decided(
        program=old.program,
        path=pair.new[0],
        meaning_hash=pair.new[1],
        relation=old.relation,
        transform=old.transform,
        condition=old.condition,
        qualifier_question=old.qualifier_question,
        qualifier_options=old.qualifier_options,
        state=Decided.State.OPEN if why_not else Decided.State.CONFIRMED,
        by_machine=old.by_machine and not why_not,
        decided_by=CARRIER,
        decided_at=actor.now,
        reason=f"{text} {said}",
        carried={**origin, "from": number, "what": what, "why_not": why_not},
    )
    row._change_reason = text  # type: ignore[attr-defined]
    return row


def _write(moved: list[Moved], version: DictionaryVersion, actor: Actor) -> None:
    bulk_create_with_history([m.row for m in moved], Decided, batch_size=500)
    sources = [
        MappingSource(mapping=m.row, element_id=s.element_id, qualifier=s.qualifier, ordinal=s.ordinal)
        for m in moved
        for s in m.old.sources.all()
    ]
    MappingSource.objects.bulk_create(sources, batch_size=500)
    _renew_drafts(moved, version, actor)
    Alias.objects.bulk_create(list(_aliases(moved, version.program, actor)), batch_size=500)
    for m in moved:
        act = "carry_mapping" if m.row.state == Decided.State.CONFIRMED else "review_mapping_again"
        details: dict[str, Any] = {"version": 1, "from": ref(m.old), "decision": serial.dump(m.spec)}
        trail.record(actor, act, f"mapping:{m.row.uuid}", reason=m.row.reason, details=details)


def _aliases(moved: Iterable[Moved], program: Program, actor: Actor) -> Iterator[Alias]:
    """What people's decisions that go on say about the new wordings."""
    for m in moved:
        if m.row.state == Decided.State.CONFIRMED and not m.row.by_machine and m.pair.changed.after.label:
            first = m.old.sources.all()[0].element_id
            yield remembering.alias(program, m.pair.changed.after, first, m.spec, ref(m.row), actor=actor)


def _renew_drafts(moved: Iterable[Moved], version: DictionaryVersion, actor: Actor) -> None:
    """Draft elements say what their field says now; one that a curator released or retired is the curator's."""
    new = [m.pair.changed.after for m in moved if m.row.state == Decided.State.CONFIRMED and m.row.relation == "new"]
    wanted = [draft_element(version.program.code, field) for field in new]
    rows = Element.objects.filter(key__in=[e.id for e in wanted], state=Element.State.DRAFT)
    drafts = set(rows.values_list("key", flat=True))
    reason = f"version {version.number} of the dictionary"
    seeding.save_elements([e for e in wanted if e.id in drafts], Element.State.DRAFT, actor=actor, reason=reason)


def _carry_refusals(program: Program, pairs: Iterable[Pair], number: int) -> int:
    """Pairs of field and element a person refused stay refused under the new key, with who and why."""
    new = {p.old: p.new for p in pairs}
    if not new:
        return 0
    rows = list(Proposal.objects.filter(program=program))
    there = {(r.path, r.meaning_hash, r.element_id) for r in rows}
    refused = [r for r in rows if r.state != Proposal.State.PROPOSED and (r.path, r.meaning_hash) in new]
    fresh = [_refusal(r, new[r.path, r.meaning_hash]) for r in refused]
    fresh = [r for r in fresh if (r.path, r.meaning_hash, r.element_id) not in there]
    reason = f"carried over from version {number}"
    bulk_create_with_history(fresh, Proposal, batch_size=500, default_change_reason=reason)
    return len(fresh)


def _refusal(old: Proposal, key: Key) -> Proposal:
    return Proposal(
        program_id=old.program_id,
        path=key[0],
        meaning_hash=key[1],
        element_id=old.element_id,
        rank=0,
        relation=old.relation,
        state=old.state,
        decided_by=old.decided_by,
        decided_at=old.decided_at,
        reason=old.reason,
    )
