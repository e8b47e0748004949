"""Recorded curator decisions (content/decisions) into the database through mapping.confirm. Safe to repeat."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from forms_catalog import decisions, intake, mapping, starter
from forms_catalog.decisions import Decisions
from forms_catalog.formats import read
from forms_catalog.models import Mapping, Proposal
from forms_catalog.specs import MappingSpec
from sites.models import Program
from sites.trail import Actor


class LoadingError(LookupError):
    """There is nothing to load decisions for; the message says what to do first."""

    code = "nothing_to_load"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many decisions were taken, how many stood already, and how many pairs are marked as not the same."""

    confirmed: int
    unchanged: int
    not_same: int


def recorded(program: Program) -> Decisions:
    """The recorded decisions of a program on its newest dictionary. Raises LoadingError."""
    version = intake.latest(program)
    if version is None:
        raise LoadingError(f"{program.code} has no dictionary yet. Upload it first, then load its decisions.")
    folder = starter.CONTENT / "decisions"
    if not (folder / f"{program.code}.csv").is_file():
        raise LoadingError(f"No decisions are recorded for {program.code}. Review its mappings on the page instead.")
    texts = [(folder / f"{program.code}{end}.csv").read_text(encoding="utf-8") for end in ("", "_values")]
    version.refresh_from_db()
    return decisions.read(texts[0], texts[1], read(bytes(version.original), version.file_name), starter.elements())


@transaction.atomic
def load_decisions(program: Program, *, actor: Actor) -> Loaded:
    """Confirm every recorded decision with its own reason, and mark the recorded traps."""
    found = recorded(program)
    standing = _standing(program)
    todo = [spec for spec in found.mappings if standing.get(spec.path) != _comparable(spec)]
    for spec in todo:
        mapping.confirm(program, spec, actor=actor, reason=spec.reason or "recorded decision")
    marked = set(
        Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME).values_list("path", "element__key")
    )
    traps = [pair for pair in found.not_same if (pair.path, pair.element) not in marked]
    for pair in traps:
        mapping.mark_not_same(program, pair.path, pair.element, actor=actor, reason=pair.reason)
    return Loaded(len(todo), len(found.mappings) - len(todo), len(traps))


def _standing(program: Program) -> dict[str, object]:
    rows = Mapping.objects.filter(program=program, state=Mapping.State.CONFIRMED).select_related("program")
    return {m.path: _comparable(mapping.spec_of(m)) for m in rows.prefetch_related("sources__element")}


def _comparable(spec: MappingSpec) -> object:
    from forms_catalog import serial

    steps = serial.dump(list(spec.transform))
    return spec.relation, spec.sources, serial.digest(steps), spec.condition, spec.qualifier_question
