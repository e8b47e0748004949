"""Step 2b, taken back: the last press of a person on the review page, be it one field or a batch.

Called by the review page. Each field goes back through mapping.undo or mapping.reconsider, all or none.
"""

from __future__ import annotations

from collections.abc import Mapping as Named
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import transaction

from forms_catalog import efforts, mapping, reviewing
from forms_catalog.efforts import Done, Effort
from forms_catalog.mapping_rows import MappingError
from forms_catalog.models import Mapping
from forms_catalog.reviewing import FieldRow, Review
from sites import trail
from sites.models import Program
from sites.trail import Actor

REFUSED = {"not_same": "not_same", "reject": "rejected"}  # act → state of the pair
DECIDED = ("confirm", "new")


@dataclass(frozen=True, slots=True)
class Press:
    """A press that can be taken back: what of it still stands as this person left it, of how many fields."""

    uuid: UUID
    act: str
    size: int
    standing: tuple[Effort, ...]

    @property
    def words(self) -> str:
        """What it did, for people."""
        one = self.standing[0]
        said = efforts.WORDS[self.act].casefold()
        return f"{one.path} {said}" if self.size == 1 else f"{len(self.standing)} of {self.size} fields {said} together"


def last(review: Review, found: Sequence[Effort], actor: str, *, batch: bool = False) -> Press | None:
    """The newest press of a person (the newest batch) that still stands, wholly or in part. No queries."""
    rows = {row.field.path: row for row in review.rows}
    mine = [e for e in found if e.actor == actor and (e.act in DECIDED or e.act in REFUSED)]
    for press, group in groupby(mine, key=lambda e: e.press):
        fields = list(group)
        standing = tuple(e for e in fields if _stands(e, rows, actor))
        if standing and (fields[0].size > 1 or not batch):
            return Press(press, fields[0].act, fields[0].size, standing)
    return None


@transaction.atomic
def undo(program: Program, press: UUID, *, actor: Actor, reason: str) -> list[Done]:
    """Take back what still stands of one's own press: all of it or, where one cannot be, nothing.

    Raises MappingError where nothing of it stands, MappingConflict, ReasonMissing.
    """
    why = trail.require_reason(reason)
    Program.objects.select_for_update().get(pk=program.pk)  # nobody decides between the look and the undoing
    review, found = reviewing.review(program), [e for e in efforts.of(program) if e.press == press]
    held = last(review, found, actor.name)
    if held is None:
        raise MappingError("Nothing of that is left to undo: it was undone or decided again meanwhile.")
    meanings = {f.path: f.meaning_hash for f in reviewing.requests_of(program)}
    return [_back(program, effort, meanings, actor, why) for effort in held.standing]


def _back(program: Program, effort: Effort, meanings: Named[str, str], actor: Actor, reason: str) -> Done:
    if effort.act in REFUSED:
        mapping.reconsider(program, effort.path, effort.element, actor=actor, reason=reason)
        return Done(effort.path, element=effort.element)
    row = Mapping.objects.get(program=program, path=effort.path, meaning_hash=meanings[effort.path])
    done = mapping.undo(row, actor=actor, reason=reason, seen_version=effort.version)
    return Done(effort.path, version=done.version)


def _stands(effort: Effort, rows: Named[str, FieldRow], actor: str) -> bool:
    """Whether the field is as this person left it."""
    row = rows.get(effort.path)
    if row is None:
        return False
    if effort.act in REFUSED:
        marks = (r for r in row.refused if r.element == effort.element and r.state == REFUSED[effort.act])
        return any(r.by == actor and r.at is not None and r.at <= effort.at for r in marks)
    found = row.decision
    return bool(found and found.stands and found.by == actor and found.version == effort.version)
