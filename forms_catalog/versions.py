"""Two versions of a dictionary side by side, and what became of each decision. Reads only; the diff page shows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from forms_catalog import comparing, comparing_parts, intake
from forms_catalog.comparing import Changed
from forms_catalog.comparing_parts import ScheduleComparison
from forms_catalog.models import DictionaryVersion, Mapping
from forms_catalog.specs import FieldSpec

Kind = Literal["added", "removed", "renamed", "meaning", "rules", "wording", "place"]
KINDS: tuple[Kind, ...] = ("meaning", "added", "removed", "renamed", "rules", "wording", "place")
_GRAVEST: tuple[Kind, ...] = ("meaning", "rules", "wording", "place")
Fate = Literal["carried", "decided", "back", "open", "silent", "gone"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the decision on a field: `fate`, in words, and the reason kept with it ('' without one)."""

    fate: Fate
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field that differs. `changed` is None for one that only one version has; `field` is the newer where there."""

    kind: Kind
    field: FieldSpec
    changed: Changed | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that differs between two versions; `rows` by kind in KINDS, each in the order of its dictionary."""

    rows: tuple[Row, ...]
    counts: dict[Kind, int]
    equal: int
    schedule: ScheduleComparison

    @property
    def fates(self) -> dict[Fate, int]:
        """How many of the changed fields' decisions were carried, sent back, and so on."""
        return dict(Counter(row.decision.fate for row in self.rows))


def diff(before: DictionaryVersion, after: DictionaryVersion) -> Diff:
    """What changed from one version of a program to another. 4 queries, however many fields."""
    found = comparing.compare(intake.fields_of(before), intake.fields_of(after))
    standing = _Standing(after)
    rows = [
        *(Row("added", f, None, standing.of(f)) for f in found.added),
        *(Row("removed", f, None, Decision("gone", "No longer asked")) for f in found.removed),
        *(Row(kind_of(c), c.after, c, standing.of(c.after)) for c in found.changed),
    ]
    rows.sort(key=lambda row: KINDS.index(row.kind))
    counts = Counter(row.kind for row in rows)
    plans = comparing_parts.schedules(intake.schedule_of(before), intake.schedule_of(after))
    return Diff(tuple(rows), {kind: counts[kind] for kind in KINDS}, found.equal, plans)


def kind_of(changed: Changed) -> Kind:
    """The gravest thing that changed; a field whose name alone differs is renamed."""
    aspects = {change.aspect for change in changed.changes}
    if changed.renamed and "meaning" not in aspects:
        return "renamed"
    return next(kind for kind in _GRAVEST if kind in aspects)


class _Standing:
    """The decisions on a version's fields, by the meaning each has there."""

    def __init__(self, version: DictionaryVersion) -> None:
        hashes = dict(version.fields.values_list("path", "meaning_hash"))
        rows = Mapping.objects.filter(program=version.program_id, path__in=list(hashes))
        self._by_path = {m.path: m for m in rows if hashes[m.path] == m.meaning_hash}

    def of(self, field: FieldSpec) -> Decision:
        found = self._by_path.get(field.path)
        if found is None:
            text = "Nobody has decided yet" if field.asks else "Nobody answers it, so nothing is decided"
            return Decision("open" if field.asks else "silent", text)
        if found.state != Mapping.State.CONFIRMED:
            return Decision("back", "Back to review", found.carried.get("why_not") or found.reason)
        if found.carried:
            return Decision("carried", f"Carried over from version {found.carried.get('from', '')}", found.reason)
        return Decision("decided", f"Decided by {found.decided_by}", found.reason)


def others(version: DictionaryVersion) -> list[int]:
    """The numbers of the program's other versions, newest first."""
    found = DictionaryVersion.objects.filter(program=version.program_id).exclude(pk=version.pk)
    return list(found.order_by("-number").values_list("number", flat=True))
