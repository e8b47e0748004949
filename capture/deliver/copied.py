"""Ticks of the copy helper: which value of which field a person has typed into a program's portal. Append-only.

Called by the copy page and receipts. The newest tick of a field counts, over all revisions of its timepoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from capture.deliver import slices, states
from capture.deliver.outbox import WrongState
from capture.deliver.slices import CellOut, Row, Slice
from capture.models import CopiedField, Delivery
from capture.models.sealed import Sealed
from sites import trail
from sites.trail import Actor

Key = tuple[str, str]  # (row key, field path)


class NothingThere(ValueError):
    """A tick for a field that this delivery does not have, or that shows another value by now."""

    code = "no_such_value"


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One field in the copy helper. `old` is what was copied before; `changed` = it differs from that now."""

    row: Row
    cell: CellOut
    ticked: bool
    old: str
    changed: bool
    new_form: bool
    new_section: bool

    @property
    def to_copy(self) -> bool:
        """Whether there is something to do in the portal: a value to type, or an old one to clear."""
        return bool(self.cell.value) or self.changed


@transaction.atomic
def tick(delivery: Delivery, *, row: str, path: str, value: str, actor: Actor) -> CopiedField:
    """`value` of one field is in the portal. A repeat gives the standing tick. Raises WrongState, NothingThere."""
    return _mark(delivery, row, path, value, actor, undone=False)


@transaction.atomic
def untick(delivery: Delivery, *, row: str, path: str, value: str, actor: Actor) -> CopiedField:
    """The tick was a mistake. Raises WrongState, NothingThere."""
    return _mark(delivery, row, path, value, actor, undone=True)


def _mark(delivery: Delivery, row: str, path: str, value: str, actor: Actor, *, undone: bool) -> CopiedField:
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.state not in states.COPIES:
        raise WrongState(f"This delivery is '{locked.get_state_display()}'; nothing is to be copied now.")
    cell = next((c for r, c in slices.each(slices.load(locked.payload)) if (r.key, c.path) == (row, path)), None)
    if cell is None or cell.value != value:
        raise NothingThere("This field shows another value by now. Reload the page and look again.")
    last = _newest(locked).get((row, path))
    if last and (last.value, last.undone) == (value, undone):
        return last
    made = CopiedField(delivery=locked, row=row, path=path, value=_kept(cell), undone=undone)
    made.copied_by, made.copied_at = actor.name, actor.now
    made.save()
    action = "untick_field" if undone else "tick_field"
    trail.record(actor, action, f"delivery:{locked.uuid}", details={"row": row, "path": path})
    return made


@transaction.atomic
def tick_rest(delivery: Delivery, *, actor: Actor) -> int:
    """Tick every field that is still open, because a person says all is copied. Gives how many were ticked before."""
    rows = copy_rows(delivery)
    new = [
        CopiedField(
            delivery=delivery,
            row=r.row.key,
            path=r.cell.path,
            value=_kept(r.cell),
            copied_by=actor.name,
            copied_at=actor.now,
        )
        for r in rows
        if r.to_copy and not r.ticked
    ]
    CopiedField.objects.bulk_create(new)
    return sum(r.ticked for r in rows)


def copy_rows(delivery: Delivery) -> list[CopyRow]:
    """Every field in the program's own order, with what was copied before, in this or an earlier revision."""
    slice_ = slices.load(delivery.payload)
    here = _newest(delivery)
    earlier = _standing(CopiedField.objects.filter(**_before(delivery)))
    return list(_rows(slice_, here, earlier))


def progress(rows: Iterable[CopyRow]) -> tuple[int, int]:
    """(done, all) of what has to be copied."""
    wanted = [r for r in rows if r.to_copy]
    return sum(r.ticked for r in wanted), len(wanted)


def _rows(slice_: Slice, here: Mapping[Key, CopiedField], earlier: Mapping[Key, str]) -> Iterable[CopyRow]:
    last: tuple[str, str] = ("", "")
    for row, cell in slices.each(slice_):
        key, place = (row.key, cell.path), (f"{row.form}{row.key}", cell.section)
        mark, old = here.get(key), earlier.get(key, "")
        changed = bool(earlier) and old != cell.value
        ticked = not mark.undone and mark.value == cell.value if mark else bool(old) and not changed
        section = bool(cell.section) and place != last
        yield CopyRow(row, cell, ticked, old, changed, place[0] != last[0], section)
        last = (place[0], cell.section or (last[1] if place[0] == last[0] else ""))


def _kept(cell: CellOut) -> str:
    """The value as a tick stores it: what names the person as ciphertext."""
    return Sealed(cell.value) if cell.identifier else cell.value


def _newest(delivery: Delivery) -> Mapping[Key, CopiedField]:
    """The newest mark of each field of this revision, ticked or undone."""
    rows = CopiedField.objects.filter(delivery=delivery).order_by("copied_at", "pk")
    return {(r.row, r.path): r for r in rows}


def _before(delivery: Delivery) -> dict[str, object]:
    return {"delivery__timepoint": delivery.timepoint_id, "delivery__revision__lt": delivery.revision}


def _standing(rows: Iterable[CopiedField]) -> Mapping[Key, str]:
    """Field → the value that stands in the portal by the newest ticks."""
    newest = {(r.row, r.path): r for r in sorted(rows, key=lambda r: (r.copied_at, r.pk))}
    return {key: r.value for key, r in newest.items() if not r.undone}
