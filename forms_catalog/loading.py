"""Recorded curator decisions (content/decisions, or a file) into the database through mapping.confirm. Safe to repeat.

Called by load_decisions, decision_intake, the demo seed and tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from forms_catalog import decisions, intake, mapping, seeding, starter
from forms_catalog.decisions import Decisions
from forms_catalog.models import Mapping as Decided
from forms_catalog.models import Proposal
from forms_catalog.specs import DictionarySpec, ElementSpec
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
    undecided: int = 0  # questions of the newest dictionary without a decision afterwards
    to_confirm: int = 0  # elements chosen in Usagi, for a person to confirm on the review page


def newest(program: Program) -> tuple[DictionarySpec, Mapping[str, ElementSpec]]:
    """A program's newest dictionary, its version the number of it, and the catalog. Raises LoadingError."""
    version = intake.latest(program)
    if version is None:
        raise LoadingError(f"{program.code} has no dictionary yet. Upload it first, then load its decisions.")
    catalog = seeding.elements()
    if not catalog:
        raise LoadingError("The catalog is empty. Run manage.py load_catalog first.")
    return DictionarySpec(version.format, str(version.number), tuple(intake.fields_of(version))), catalog


def recorded(program: Program) -> Decisions:
    """The recorded decisions of a program on its newest dictionary. Raises LoadingError."""
    dictionary, catalog = newest(program)
    texts = starter.decision_texts(program.code)
    if texts is None:
        raise LoadingError(f"No decisions are recorded for {program.code}. Review its mappings on the page instead.")
    found = decisions.read(*texts, dictionary, catalog)
    wrong = [p for p in found.problems if p.severity == "error"]
    if wrong:
        text = f"The recorded decisions do not fit version {dictionary.version} of {program.code}: {wrong[0].message}"
        raise LoadingError(text)
    return found


@transaction.atomic
def load_decisions(program: Program, found: Decisions | None = None, *, actor: Actor) -> Loaded:
    """Confirm every decision with its own reason, and mark the traps: of `found`, else those recorded here.

    What a person decided meanwhile stays as it is. Raises LoadingError; then nothing is loaded.
    """
    found = recorded(program) if found is None else found
    rows = Decided.objects.filter(program=program)
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
    return Loaded(changed, ours - changed, marked, len(found.mappings) - ours, undecided(program))


def undecided(program: Program) -> int:
    """How many questions of the newest dictionary have no decision. 3 queries."""
    version = intake.latest(program)
    if version is None:
        return 0
    asked = set(version.fields.filter(asks=True).values_list("path", "meaning_hash"))
    return len(asked - set(_versions(program)))


def _mark(program: Program, found: Decisions, kept: set[str], actor: Actor) -> int:
    """Mark the recorded traps that are not marked yet; of fields a person decided none."""
    refused = Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME)
    marked = set(refused.values_list("path", "element__key"))
    traps = [p for p in found.not_same if p.path not in kept and (p.path, p.element) not in marked]
    for pair in traps:
        mapping.mark_not_same(program, pair.path, pair.element, actor=actor, reason=pair.reason)
    return len(traps)


def _versions(program: Program) -> dict[tuple[str, str], int]:
    rows = Decided.objects.filter(program=program, state=Decided.State.CONFIRMED)
    return {(m.path, m.meaning_hash): m.version for m in rows}
