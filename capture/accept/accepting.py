"""Steps 3 and 4: estimate a request, then accept it (publish and enqueue the planning run) or refuse it, with why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from capture.accept import over_budget, population, sunset, what_if
from capture.models import Acceptance, Estimate, Run
from capture.plan import runs
from forms_catalog import conflict_kinds, mapping, presuming, publishing, serial, settling
from forms_catalog.models import DictionaryVersion
from forms_catalog.specs import Conflict, ProgramSpec, ReleaseSpec
from sites import trail
from sites.models import Program, Site
from sites.trail import Actor


class AcceptError(ValueError):
    """A request that cannot be accepted yet; the message says what is missing."""

    code = "not_acceptable"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an acceptance made."""

    acceptance: Acceptance
    run: Run


def candidate(version: DictionaryVersion) -> tuple[ReleaseSpec, ReleaseSpec, tuple[Conflict, ...]]:
    """The release in force, the one with this version accepted, and the open conflicts that concern its program."""
    gone = sunset.ended(version.program, trail.system("accepting").now.date())
    spec, conflicts = settling.merged_with(sunset.without(mapping.decided(version), gone))
    mine = (c for c in conflicts if version.program.code in c.programs)
    return publishing.current_spec(), spec, conflict_kinds.still_open(mine, settling.rulings())


def compute(version: DictionaryVersion, sites: Sequence[Site], *, today: date) -> what_if.Result:
    """What accepting the version would cost these sites; fields nobody decided count as they probably will be."""
    presumed = presuming.presume(version)
    after, _ = settling.merged_with(presumed.program)
    people = population.load(version.program, sites, after, today=today)
    code = version.program.code
    found = what_if.difference(publishing.current_spec(), after, code, people, presumed.near, today=today)
    over = over_budget.of_sites(sites, found.hours_per_site_year, today)
    return replace(found, undecided=len(presumed.undecided), over_budget=over)


def estimate(version: DictionaryVersion, sites: Sequence[Site], *, actor: Actor, today: date) -> Estimate:
    """Compute and keep what accepting the version would cost these sites."""
    result = compute(version, sites, today=today)
    return Estimate.objects.create(
        version=version,
        sites=[s.code for s in sites],
        result=serial.dump(result),
        created_by=actor.name,
        created_at=actor.now,
    )


@transaction.atomic
def accept(made: Estimate, *, actor: Actor, reason: str, over_budget_seen: bool = False) -> Accepted:
    """Accept the request as estimated: a release is frozen, the program is live, its patients are planned by a run.

    Where sites would be over their budget the person says so (`over_budget_seen`), and the reason speaks for it too.
    """
    why = trail.require_reason(reason)
    _check_budgets(made, over_budget_seen)
    version = made.version
    program = Program.objects.select_for_update().get(pk=version.program_id)
    _, spec, conflicts = candidate(version)
    _check(spec.programs[program.code], conflicts)
    release = publishing.publish(spec, _versions(version), actor=actor, reason=why)
    acceptance = Acceptance.objects.create(
        version=version,
        estimate=made,
        release=release,
        accepted=True,
        decided_by=actor.name,
        decided_at=actor.now,
        reason=why,
    )
    program.state = Program.State.LIVE
    program._change_reason = why  # type: ignore[attr-defined]
    program.save()
    details = {"release": release.number, "over_budget": over_budget_seen}
    trail.record(actor, "accept", f"dictionary:{version.uuid}", reason=why, details=details)
    return Accepted(acceptance, runs.enqueue(program, actor=actor, reason=f"Release {release.number}: {why}"))


@transaction.atomic
def refuse(made: Estimate, *, actor: Actor, reason: str, trims: Sequence[str] = ()) -> Acceptance:
    """Say no with the numbers that were seen; nothing is planned."""
    why = trail.require_reason(reason)
    acceptance = Acceptance.objects.create(
        version=made.version,
        estimate=made,
        accepted=False,
        decided_by=actor.name,
        decided_at=actor.now,
        reason=why,
        trims=list(trims),
    )
    subject = f"dictionary:{made.version.uuid}"
    trail.record(actor, "trim" if trims else "refuse", subject, reason=why, details={"trims": len(trims)})
    return acceptance


def ask_to_trim(made: Estimate, numbers: Sequence[int], *, actor: Actor, reason: str) -> Acceptance:
    """Not so, but with these of the estimate's suggestions (by number from 0): the sponsor hands in a smaller version.

    Raises AcceptError where none is chosen, ReasonMissing.
    """
    found = serial.load(what_if.Result, made.result).suggestions
    chosen = [found[n] for n in sorted(set(numbers)) if n < len(found)]
    if not chosen:
        raise AcceptError("Choose at least one change that you ask for.")
    return refuse(
        made,
        actor=actor,
        reason=reason,
        trims=[f"{s.change} ({s.hours_saved_per_year} h a year)" for s in chosen],
    )


def _check_budgets(made: Estimate, seen: bool) -> None:
    over = serial.load(what_if.Result, made.result).over_budget
    if over and not seen:
        names = ", ".join(Site.objects.filter(code__in=[o.site for o in over]).values_list("name", flat=True))
        raise AcceptError(f"Over the weekly budget with this request: {names}. Trim it, or tick that you accept that.")


def _check(spec: ProgramSpec, conflicts: Sequence[Conflict]) -> None:
    if not spec.entries:
        raise AcceptError("The version has no follow-up schedule. Upload it with one before accepting.")
    open_fields = undecided(spec)
    if len(open_fields) == len([a for a in spec.asks if a.field.asks]):
        raise AcceptError("No field of this version is decided yet. Review the mappings first.")
    if blocked := conflict_kinds.blocking(conflicts):
        more = f" {len(blocked) - 1} more block it too." if len(blocked) > 1 else ""
        raise AcceptError(f"A conflict has to be settled first. {blocked[0].message}{more}")


def undecided(spec: ProgramSpec) -> list[str]:
    """The fields a curator has not decided: accepted all the same, they are held: neither asked nor delivered."""
    return [a.field.path for a in spec.asks if a.field.asks and a.mapping is None]


def _versions(version: DictionaryVersion) -> dict[str, Any]:
    last = publishing.current()
    return {**(last.programs if last else {}), version.program.code: version.number}
