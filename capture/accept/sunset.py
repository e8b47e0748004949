"""Until when each field of a live program is asked: reviewed once a year, kept for a reason or ended. Only writer.

A field that nobody spoke about is reviewed a year after its program was accepted. One that ended is left out of the
next release by `settle`, which the sweep calls: its answers stay, open visits keep their form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import transaction

from capture.models import Acceptance, AskTerm
from forms_catalog import merging, merging_rulings, publishing, seeding, settling
from forms_catalog.models import Release
from forms_catalog.specs import ProgramSpec
from sites import trail
from sites.models import Program
from sites.trail import Actor

YEAR = timedelta(days=365)
SOON = timedelta(days=60)  # a review may be done this long before its day


class SunsetError(ValueError):
    """A term that cannot be; the message says what to do."""

    code = "term_refused"


@dataclass(frozen=True, slots=True)
class Term:
    """A field of a live program: its words, its date and what was said last; `others` ask the same element."""

    path: str
    label: str
    required: bool
    verdict: str
    until: date
    reason: str
    by: str
    others: tuple[str, ...]

    def due(self, today: date) -> bool:
        """Whether it is time to look: its review comes within two months or is past."""
        return self.verdict == AskTerm.Verdict.KEEP and self.until <= today + SOON


def terms(program: Program) -> list[Term]:
    """Every question of the live program by the day of its review, the earliest first. 3 queries."""
    release = publishing.current_spec()
    spec = release.programs.get(program.code)
    if spec is None:
        return []
    said = newest(program)
    first = _first_review(program)
    asking = _asking(release.programs.values())
    found = [
        Term(
            ask.field.path,
            ask.field.label or ask.field.name,
            ask.field.required,
            row.verdict if row else AskTerm.Verdict.KEEP.value,
            row.until if row else first,
            row.reason if row else "",
            row.decided_by if row else "",
            tuple(sorted({p for s in ask.mapping.sources for p in asking[s.element]} - {program.code})),
        )
        for ask in spec.asks
        if ask.field.asks and ask.mapping is not None
        for row in [said.get(ask.field.path)]
    ]
    return sorted(found, key=lambda t: (t.until, t.path))


def newest(program: Program) -> dict[str, AskTerm]:
    """Field path → the term that counts. 1 query."""
    return {t.path: t for t in AskTerm.objects.filter(program=program).order_by("decided_at", "pk")}


def _first_review(program: Program) -> date:
    at = Acceptance.objects.filter(version__program=program, accepted=True).order_by("decided_at").first()
    return at.decided_at.date() + YEAR if at else date.max


def _asking(programs: Iterable[ProgramSpec]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for spec in programs:
        for ask in spec.asks:
            for source in ask.mapping.sources if ask.mapping else ():
                found.setdefault(source.element, set()).add(spec.code)
    return found


@transaction.atomic
def decide(
    program: Program, paths: Collection[str], verdict: str, until: date, *, actor: Actor, reason: str, today: date
) -> list[AskTerm]:
    """Keep these fields until their next review, or end them on a day; all or none.

    Raises SunsetError for a field that is not asked or a day in the past; ReasonMissing.
    """
    why = trail.require_reason(reason)
    Program.objects.select_for_update().get(pk=program.pk)
    asked = {t.path for t in terms(program)}
    if not paths or (unknown := sorted(set(paths) - asked)):
        raise SunsetError(f"Not asked by {program}: {', '.join(unknown)}." if paths else "Choose at least one field.")
    if verdict not in AskTerm.Verdict.values:
        raise SunsetError("Say whether the fields are still needed or end.")
    if until < today:
        raise SunsetError(f"{until} is past. Give today or a later day.")
    rows = [
        AskTerm(
            program=program,
            path=path,
            verdict=verdict,
            until=until,
            reason=why,
            decided_by=actor.name,
            decided_at=actor.now,
        )
        for path in sorted(set(paths))
    ]
    AskTerm.objects.bulk_create(rows)
    details = {"verdict": verdict, "until": until.isoformat(), "fields": [r.path for r in rows]}
    trail.record(actor, "ask_terms", f"program:{program.uuid}", reason=why, details=details)
    return rows


def ended(program: Program, today: date) -> frozenset[str]:
    """The fields that are not asked any more. 1 query."""
    return frozenset(
        path for path, t in newest(program).items() if t.verdict == AskTerm.Verdict.END and t.until < today
    )


def without(spec: ProgramSpec, gone: Collection[str]) -> ProgramSpec:
    """The program without these fields."""
    return replace(spec, asks=tuple(a for a in spec.asks if a.field.path not in gone)) if gone else spec


@transaction.atomic
def settle(*, actor: Actor, today: date) -> Release | None:
    """Publish a release without the fields that ended by now; None where there is nothing to leave out."""
    last = publishing.current()
    if last is None:
        return None
    ending = AskTerm.objects.filter(verdict=AskTerm.Verdict.END, until__lt=today).values("program")
    gone = {p.code: ended(p, today) for p in Program.objects.filter(pk__in=ending)}
    if not any(gone.values()):
        return None
    decided = merging_rulings.as_decided(publishing.current_spec())
    programs = [without(spec, gone.get(spec.code, ())) for spec in decided]
    if programs == list(decided):
        return None
    release, _ = merging.merge(programs, seeding.frozen(), seeding.groups(), settling.rulings())
    fields = sorted(f"{spec.code}.{path}" for spec in decided for path in _left_out(spec, gone))
    return publishing.publish(release, last.programs, actor=actor, reason=f"ended: {', '.join(fields)}"[:500])


def _left_out(spec: ProgramSpec, gone: Mapping[str, Collection[str]]) -> list[str]:
    return [a.field.path for a in spec.asks if a.field.path in gone.get(spec.code, ())]
