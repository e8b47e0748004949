"""How far the requests of many programs are: uploaded, in review, ready, live. Read by pages and API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import Count, Exists, OuterRef, Q

from forms_catalog import publishing
from forms_catalog.models import DictionaryVersion, FieldRequest, Mapping
from sites.models import Program

State = Literal["none", "review", "ready", "live"]
WORDS: dict[State, str] = {"none": "nothing uploaded", "review": "in review", "ready": "ready", "live": "live"}


@dataclass(frozen=True, slots=True)
class Progress:
    """One program's request: its newest version (None = nothing uploaded), and the version in force (0 = none)."""

    program: Program
    version: DictionaryVersion | None
    asked: int
    decided: int
    in_force: int

    @property
    def left(self) -> int:
        """Questions that wait for a person."""
        return self.asked - self.decided

    @property
    def state(self) -> State:
        """none · review · ready (all decided) · live (this version is the one in force)."""
        if self.version is None:
            return "none"
        if self.version.number == self.in_force:
            return "live"
        return "review" if self.left else "ready"

    @property
    def words(self) -> str:
        """The state for people."""
        return f"in review, {self.decided} of {self.asked} decided" if self.state == "review" else WORDS[self.state]


def of(programs: Sequence[Program]) -> list[Progress]:
    """The requests of these programs, in their order. 3 queries whatever their number."""
    heavy = ("original", "problems", "schedule")
    versions = DictionaryVersion.objects.filter(program__in=programs).defer(*heavy).order_by("number")
    newest = {v.program_id: v for v in versions}
    counts = _counts([v.pk for v in newest.values()])
    release = publishing.current()
    in_force = release.programs if release else {}
    return [_one(p, newest.get(p.pk), counts, in_force) for p in programs]


def _one(
    program: Program, version: DictionaryVersion | None, counts: dict[int, tuple[int, int]], in_force: dict[str, int]
) -> Progress:
    asked, decided = counts.get(version.pk, (0, 0)) if version else (0, 0)
    return Progress(program, version, asked, decided, int(in_force.get(program.code, 0)))


def _counts(versions: list[int]) -> dict[int, tuple[int, int]]:
    """Version → (questions, decided questions); a decision counts where the field still means what was decided."""
    confirmed = Mapping.objects.filter(
        state=Mapping.State.CONFIRMED,
        program=OuterRef("version__program"),
        path=OuterRef("path"),
        meaning_hash=OuterRef("meaning_hash"),
    )
    asked = FieldRequest.objects.filter(version__in=versions, asks=True).annotate(done=Exists(confirmed))
    rows = asked.order_by().values("version").annotate(n=Count("pk"), m=Count("pk", filter=Q(done=True)))
    return {row["version"]: (row["n"], row["m"]) for row in rows}
