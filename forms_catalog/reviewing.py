"""Step 2b as people see it: each field with its decision, its candidates and what was refused. Read by the pages.

A fixed number of queries for a whole program: fields, decisions, proposals, elements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Named
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Subquery

from forms_catalog import mapping, seeding, serial
from forms_catalog.models import DictionaryVersion, FieldRequest, Mapping, MappingSource, Proposal
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec
from sites.models import Program

FILTERS = {
    "review": "To review",
    "ready": "Ready to accept",
    "look": "Look closer",
    "relation": "Broader or narrower",
    "guarded": "A guard objects",
    "new": "Nothing fits",
    "skipped": "Skipped",
    "mine": "Decided by me",
    "decided": "Decided by people",
    "machine": "By the machine",
    "traps": "Traps",
    "all": "All",
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """One candidate as the machine sees it; `element` is its key, `spec` None where the element is gone."""

    element: str
    spec: ElementSpec | None
    score: float
    relation: str
    reasons: tuple[str, ...]
    guards: tuple[str, ...]
    value_map: Named[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A pair a person put aside (`rejected`) or marked as wrong (`not_same`)."""

    element: str
    state: str
    by: str
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The standing decision, or the reopened one (`stands` False) with who reopened it and why."""

    spec: MappingSpec
    stands: bool
    version: int
    by_machine: bool
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field under review."""

    field: FieldSpec
    decision: Decision | None
    proposals: tuple[Proposed, ...]
    refused: tuple[Refused, ...]
    nothing_fits: bool

    @property
    def status(self) -> str:
        """decided · machine · new (nothing fits) · review."""
        if self.decision and self.decision.stands:
            return "machine" if self.decision.by_machine else "decided"
        return "new" if self.nothing_fits else "review"

    @property
    def seen(self) -> int:
        """The version a person looks at; 0 where nobody decided yet."""
        return self.decision.version if self.decision else 0

    @property
    def guarded(self) -> bool:
        """Whether a guard objects to the best candidate."""
        return bool(self.proposals and self.proposals[0].guards)

    @property
    def is_trap(self) -> bool:
        """Whether a tempting element is marked as wrong, or a guard objects to the best candidate."""
        return self.guarded or any(r.state == Proposal.State.NOT_SAME for r in self.refused)

    def says(self, text: str) -> bool:
        """Whether a search (lower case) finds this field: name, label, form, or an element it is about."""
        elements = [s.element for s in self.decision.spec.sources] if self.decision else []
        words = (self.field.path, self.field.label, self.field.form, *elements, *(p.element for p in self.proposals))
        return text in " ".join(words).casefold()


@dataclass(frozen=True, slots=True)
class Review:
    """All fields of the newest version that hold a value, in dictionary order; version 0 = nothing uploaded.

    `closed` are the elements that are not released: they show where they stand, and are offered to nobody.
    """

    version: int
    rows: tuple[FieldRow, ...]
    elements: Named[str, ElementSpec]
    closed: frozenset[str] = frozenset()

    @property
    def offered(self) -> list[ElementSpec]:
        """The elements a person may choose: neither drafts nor retired."""
        return [spec for key, spec in self.elements.items() if key not in self.closed]

    def row(self, path: str) -> FieldRow | None:
        """The field of that path."""
        return next((r for r in self.rows if r.field.path == path), None)

    @property
    def decided(self) -> int:
        """How many fields are decided, by people or the machine."""
        return sum(r.status in ("decided", "machine") for r in self.rows)


def review(program: Program) -> Review:
    """The program's newest version under review. 4 queries whatever its size."""
    found = list(requests_of(program).values_list("version__number", "meaning_hash", "spec"))
    if not found:
        return Review(0, (), {})
    decisions, proposals = _decisions(program), _proposals(program)
    elements, closed = seeding.elements_and_closed()
    fields = ((meaning, serial.load(FieldSpec, spec)) for _, meaning, spec in found)
    rows = (_row(f, meaning, decisions, proposals, elements) for meaning, f in fields if f.asks or f.calculation)
    return Review(found[0][0], tuple(rows), elements, closed)


def requests_of(program: Program) -> QuerySet[FieldRequest]:
    """The fields of the program's newest version, in dictionary order."""
    newest = DictionaryVersion.objects.filter(program=program).order_by("-number").values("pk")[:1]
    return FieldRequest.objects.filter(version=Subquery(newest)).order_by("order")


def _row(
    field: FieldSpec,
    meaning: str,
    decisions: Named[tuple[str, str], Decision],
    proposals: Named[str, list[Proposal]],
    elements: Named[str, ElementSpec],
) -> FieldRow:
    """A not-the-same mark holds for every wording of the field, the rest for the wording it was made on."""
    every = proposals.get(field.path, ())
    about = [p for p in every if p.meaning_hash == meaning]
    candidates = [p for p in about if p.state == Proposal.State.PROPOSED and p.rank > 0]
    refused = [p for p in every if p.state == Proposal.State.NOT_SAME or p in about]
    return FieldRow(
        field=field,
        decision=decisions.get((field.path, meaning)),
        proposals=tuple(_proposed(p, elements) for p in candidates),
        refused=tuple(_refused(p) for p in refused if p.state != Proposal.State.PROPOSED),
        nothing_fits=not candidates or candidates[0].decision == "new",
    )


def _decisions(program: Program) -> dict[tuple[str, str], Decision]:
    rows = MappingSource.objects.filter(mapping__program=program).select_related("mapping__program", "element")
    sources: dict[int, list[MappingSource]] = defaultdict(list)
    for row in rows.order_by("mapping", "ordinal"):
        sources[row.mapping_id].append(row)
    return {(m.path, m.meaning_hash): _decision(m, found) for found in sources.values() for m in [found[0].mapping]}


def _decision(row: Mapping, sources: list[MappingSource]) -> Decision:
    return Decision(
        spec=mapping.spec_of(row, sources),
        stands=row.state == Mapping.State.CONFIRMED,
        version=row.version,
        by_machine=row.by_machine,
        by=row.decided_by,
        at=row.decided_at,
        reason=row.reason,
    )


def _proposals(program: Program) -> dict[str, list[Proposal]]:
    found: dict[str, list[Proposal]] = defaultdict(list)
    for row in Proposal.objects.filter(program=program).select_related("element").order_by("rank", "pk"):
        found[row.path].append(row)
    return found


def _proposed(row: Proposal, elements: Named[str, ElementSpec]) -> Proposed:
    return Proposed(
        element=row.element.key,
        spec=elements.get(row.element.key),
        score=row.score,
        relation=row.relation,
        reasons=tuple(row.reasons),
        guards=tuple(row.guards),
        value_map=row.value_map,
    )


def _refused(row: Proposal) -> Refused:
    return Refused(row.element.key, row.state, row.decided_by, row.decided_at, row.reason)
