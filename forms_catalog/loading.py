"""Recorded curator decisions (content/decisions) into the database through mapping.confirm. Safe to repeat.

Called by load_decisions, the demo seed and tests.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from forms_catalog import decisions, intake, mapping, seeding, starter
from forms_catalog.decisions import Decisions
from forms_catalog.models import Mapping, Proposal
from forms_catalog.specs import DictionarySpec
from sites.models import Program
from sites.trail import Actor


class LoadingError(LookupError):
    """There is nothing to load decisions for; the message says what to do first."""

    code = "nothing_to_load"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Decisions taken, those that stood already, pairs marked as not the same, and fields left as a person decided."""

    confirmed: int
    unchanged: int
    not_same: int
    kept: int = 0


def recorded(program: Program) -> Decisions:
    """The recorded decisions of a program on its newest dictionary. Raises LoadingError."""
    version = intake.latest(program)
    if version is None:
        raise LoadingError(f"{program.code} has no dictionary yet. Upload it first, then load its decisions.")
    catalog = seeding.elements()
    if not catalog:
        raise LoadingError("The catalog is empty. Run manage.py load_catalog first.")
    folder = starter.CONTENT / "decisions"
    if not (folder / f"{program.code}.csv").is_file():
        raise LoadingError(f"No decisions are recorded for {program.code}. Review its mappings on the page instead.")
    texts = [(folder / f"{program.code}{end}.csv").read_text(encoding="utf-8") for end in ("", "_values")]
    dictionary = DictionarySpec(version.format, str(version.number), tuple(intake.fields_of(version)))
    found = decisions.read(texts[0], texts[1], dictionary, catalog)
    wrong = [p for p in found.problems if p.severity == "error"]
    if wrong:
        text = f"The recorded decisions do not fit version {version.number} of {program.code}: {wrong[0].message}"
        raise LoadingError(text)
    return found


@transaction.atomic
def load_decisions(program: Program, *, actor: Actor) -> Loaded:
    """Confirm every recorded decision with its own reason, and mark the recorded traps.

    What a person decided meanwhile stays as it is. Raises LoadingError; then nothing is loaded.
    """
    found = recorded(program)
    rows = Mapping.objects.filter(program=program)
    kept = {m.path for m in rows if not m.by_machine and m.decided_by != actor.name}
    before = _versions(program)
    try:
        for spec in found.mappings:
            if spec.path not in kept:
                mapping.confirm(program, spec, actor=actor, reason=spec.reason)
        marked = _mark(program, found, kept, actor)
    except mapping.MappingError as error:
        raise LoadingError(f"Nothing was loaded. {error}") from error
    changed = sum(before.get(key) != version for key, version in _versions(program).items())
    ours = sum(spec.path not in kept for spec in found.mappings)
    return Loaded(changed, ours - changed, marked, len(found.mappings) - ours)


def _mark(program: Program, found: Decisions, kept: set[str], actor: Actor) -> int:
    """Mark the recorded traps that are not marked yet; of fields a person decided none."""
    refused = Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME)
    marked = set(refused.values_list("path", "element__key"))
    traps = [p for p in found.not_same if p.path not in kept and (p.path, p.element) not in marked]
    for pair in traps:
        mapping.mark_not_same(program, pair.path, pair.element, actor=actor, reason=pair.reason)
    return len(traps)


def _versions(program: Program) -> dict[tuple[str, str], int]:
    rows = Mapping.objects.filter(program=program, state=Mapping.State.CONFIRMED)
    return {(m.path, m.meaning_hash): m.version for m in rows}
