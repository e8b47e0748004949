"""Step 2d: people settle merging conflicts; every ruling keeps who, when, why and about which content. Only writer.

Called by the conflicts page, accepting (which rulings a release carries) and the demo seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from forms_catalog import conflict_kinds, mapping, merging, merging_rulings, publishing, seeding, serial, starter
from forms_catalog.merging_rulings import CHANGES
from forms_catalog.models import ConflictRuling, DictionaryVersion, Release
from forms_catalog.specs import Conflict, ElementSpec, ProgramSpec, ReleaseSpec, Ruling
from sites import trail
from sites.models import Program
from sites.trail import Actor

LONGEST_REASON = 500


class SettlingError(ValueError):
    """A conflict cannot be settled so; the message says why and what to do."""

    code = "not_settled"


@dataclass(frozen=True, slots=True)
class Standing:
    """A conflict with the ruling that settles it (None = open) and every ruling on its place, the newest first."""

    conflict: Conflict
    ruling: ConflictRuling | None
    history: tuple[ConflictRuling, ...] = ()
    label: str = ""

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return conflict_kinds.key(self.conflict.kind, self.conflict.place)

    @property
    def kind(self) -> conflict_kinds.Kind:
        """The words for it."""
        return conflict_kinds.KINDS[self.conflict.kind]

    @property
    def choice(self) -> conflict_kinds.Choice | None:
        """What was chosen."""
        return conflict_kinds.choice_of(self.ruling.kind, self.ruling.ruling) if self.ruling else None

    @property
    def content(self) -> str:
        """What a ruling on it is about now."""
        return conflict_kinds.content(self.conflict)

    @property
    def changed(self) -> bool:
        """Whether it was settled before and has come up again because its content is another."""
        return self.ruling is None and bool(self.history) and self.history[0].content != self.content

    @property
    def seen(self) -> str:
        """The newest ruling a person looks at; '' where there is none."""
        return str(self.history[0].uuid) if self.history else ""


def rulings() -> tuple[Ruling, ...]:
    """Every ruling ever made, the oldest first, as merging reads them. 1 query."""
    rows = ConflictRuling.objects.values_list("kind", "place", "content", "ruling").order_by("pk")
    return tuple(Ruling(*row) for row in rows)


def merged(version: DictionaryVersion | None = None) -> tuple[ReleaseSpec, tuple[Conflict, ...]]:
    """The accepted programs merged again as rulings have it by now, and every conflict of them, settled or not.

    With a `version` it stands instead of what is accepted of its program.
    """
    return merged_with(mapping.decided(version) if version else None)


def merged_with(program: ProgramSpec | None) -> tuple[ReleaseSpec, tuple[Conflict, ...]]:
    """The accepted programs merged again with `program` instead of what is accepted of it."""
    programs = list(merging_rulings.as_decided(publishing.current_spec()))
    if program is not None:
        programs = [p for p in programs if p.code != program.code] + [program]
    return merging.merge(programs, seeding.frozen(), seeding.groups(), rulings())


def standings(conflicts: Iterable[Conflict], elements: Mapping[str, ElementSpec] | None = None) -> list[Standing]:
    """Each conflict with the ruling that settles it, all rulings on its place, and a name from `elements`. 1 query."""
    by_place: dict[tuple[str, str], list[ConflictRuling]] = {}
    for row in ConflictRuling.objects.order_by("pk"):
        by_place.setdefault((row.kind, row.place), []).append(row)
    names = elements or {}
    return [_standing(c, by_place.get((c.kind, c.place), []), names.get(c.element)) for c in conflicts]


def _standing(conflict: Conflict, rows: list[ConflictRuling], element: ElementSpec | None) -> Standing:
    about = conflict_kinds.content(conflict)
    last = next((r for r in reversed(rows) if r.content == about), None)
    stands = last is not None and conflict_kinds.choice_of(last.kind, last.ruling) is not None
    label = element.label if element else conflict.sides[0].label or conflict.place
    return Standing(conflict, last if stands else None, tuple(reversed(rows)), label)


@transaction.atomic
def rule(
    found: Sequence[Conflict], choice: str, *, actor: Actor, reason: str, seen: Mapping[str, str] | None = None
) -> list[ConflictRuling]:
    """Settle conflicts of one kind by one choice and reason, all or none; '' takes back what settles them.

    `seen` is key → the newest ruling the person looked at ('' = none); another one by now refuses all. The same ruling
    again changes nothing. Raises SettlingError, ReasonMissing.
    """
    why = trail.require_reason(reason)[:LONGEST_REASON]
    codes = {code for conflict in found for code in conflict.programs}
    list(Program.objects.select_for_update().filter(code__in=codes).order_by("pk").values_list("pk"))
    wanted = [s for s in standings(found) if (s.ruling.ruling if s.ruling else "") != choice]
    for standing in wanted:
        _check(standing, choice, seen)
    rows = [_row(s.conflict, choice, actor, why) for s in wanted]
    for row in rows:
        row.save()
        details = {"kind": row.kind, "place": row.place, "choice": choice, "content": row.content}
        trail.record(actor, "rule_conflict", f"conflict:{row.uuid}", reason=why, details=details)
    return rows


def _check(standing: Standing, choice: str, seen: Mapping[str, str] | None) -> None:
    place = standing.conflict.place
    if choice and conflict_kinds.choice_of(standing.conflict.kind, choice) is None:
        raise SettlingError(f"{standing.kind.title} ({place}) cannot be settled so. {standing.kind.remedy}".strip())
    if seen is not None and seen.get(standing.key, "") != standing.seen:
        by = standing.history[0].ruled_by if standing.history else "somebody"
        raise SettlingError(f"{by} ruled on {place} after you opened the page. Look at it again.")


def _row(conflict: Conflict, choice: str, actor: Actor, reason: str) -> ConflictRuling:
    return ConflictRuling(
        kind=conflict.kind,
        place=conflict.place,
        content=conflict_kinds.content(conflict),
        element=conflict.element,
        programs=list(conflict.programs),
        about={"message": conflict.message, "sides": serial.dump(list(conflict.sides))},
        ruling=choice,
        ruled_by=actor.name,
        ruled_at=actor.now,
        reason=reason,
    )


def versions_waiting() -> list[DictionaryVersion]:
    """Each program's newest version where another one, or none, is accepted. 2 queries."""
    last = publishing.current()
    accepted = last.programs if last else {}
    rows = DictionaryVersion.objects.defer("original").select_related("program").order_by("program__code", "number")
    newest = {v.program.code: v for v in rows}
    return [v for code, v in newest.items() if accepted.get(code) != v.number]


def waiting(found: Iterable[Standing]) -> tuple[Ruling, ...]:
    """The rulings that change a form and stand, or stood and do not any more, where the release in force differs."""
    rows = [s.ruling for s in found if s.ruling is not None]
    stands = {Ruling(r.kind, r.place, r.content, r.ruling) for r in rows if (r.kind, r.ruling) in CHANGES}
    return tuple(sorted(stands ^ set(publishing.current_spec().rulings), key=lambda r: (r.kind, r.place)))


@transaction.atomic
def put_into_force(*, actor: Actor, reason: str) -> Release:
    """A new release of the accepted programs with the rulings as they stand. Visits that are open keep their form.

    Raises SettlingError where no program is accepted, ReasonMissing.
    """
    last = publishing.current()
    if last is None:
        raise SettlingError("No program is accepted yet. Rulings come into force with the first that is.")
    release, _ = merged()
    return publishing.publish(release, last.programs, actor=actor, reason=reason)


def recorded() -> list[Mapping[str, str]]:
    """The rulings shipped for the starter programs: kind, place, content, choice, reason."""
    rows: list[Mapping[str, str]] = json.loads((starter.CONTENT / "rulings.json").read_text(encoding="utf-8"))[
        "rulings"
    ]
    return rows


def load_recorded(*, actor: Actor) -> int:
    """Take the shipped rulings whose content is what is accepted here; gives how many were new. Safe to repeat."""
    by_place = {(c.kind, c.place): c for c in merged()[1]}
    taken = 0
    for row in recorded():
        conflict = by_place.get((row["kind"], row["place"]))
        if conflict is not None and conflict_kinds.content(conflict) == row["content"]:
            taken += len(rule([conflict], row["choice"], actor=actor, reason=row["reason"]))
    return taken
