"""Random patients as planning sees them: programs joined, infusion, reports sent, drafts, pins, events. No database."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from capture.plan.delta import EnrolmentPlan, Held, PatientPlan, VisitFact, decide
from capture.plan.events import EnrolmentFact, EventFact
from capture.plan.slots import slots_of
from forms_catalog.specs import ReleaseSpec

EVENTS = ("death", "lost", "withdrawn", "new_infusion", "program_closed")


def patient(random: Random, release: ReleaseSpec, program: str, today: int) -> PatientPlan:
    """Infused within the last twelve years, in `program` and some others, with a past and sometimes an event."""
    codes = [program, *(c for c in release.programs if c != program and random.random() < 0.6)]
    infused = today - random.randrange(1, 12 * 365)
    plan = PatientPlan(_enrolments(random, release, codes, infused, today, first=1))
    if random.random() < 0.1:
        again = min(today - 1, infused + random.randrange(200, 1500))
        plan = replace(plan, enrolments=(*plan.enrolments, *_enrolments(random, release, codes, again, today, first=9)))
    plan = _with_past(random, plan, program, today)
    if random.random() < 0.3:
        on = random.randrange(infused, today)
        kind = random.choice(EVENTS)
        about = random.choice(codes) if kind == "program_closed" else None
        plan = replace(plan, events=(EventFact("e1", kind, on, about),))
    return plan


def _enrolments(
    random: Random, release: ReleaseSpec, codes: list[str], infused: int, today: int, *, first: int
) -> tuple[EnrolmentPlan, ...]:
    """The new program owes from today, or from the infusion where somebody set it so; the others from some day on."""
    made = []
    for number, code in enumerate(codes, first):
        owed = random.choice((today, infused)) if number == first else infused + random.choice((0, 0, 90, 900))
        spec = release.programs[code]
        track = random.choice(("", *(t.code for t in spec.tracks)))
        fact = EnrolmentFact(code, infused, owed, rules=spec.rules)
        made.append(EnrolmentPlan(number, fact, tuple(slots_of(spec, number, fact, track, release))))
    return tuple(made)


def _with_past(random: Random, plan: PatientPlan, program: str, today: int) -> PatientPlan:
    """Most visits before today were sent for a day of their own; some later ones are drafted or pinned to another."""
    others = replace(plan, enrolments=tuple(e for e in plan.enrolments if e.fact.program != program))
    held: dict[str, Held] = {}
    visits = []
    for number, visit in enumerate(decide(others).visits):
        name, day = f"v{number}", visit.date
        if day < today and random.random() < 0.9:
            day = min(today - 1, day + random.randrange(20))
            visits.append(VisitFact(name, visit.kind, day, "submitted"))
            held |= dict.fromkeys(visit.keys, Held("submitted", name, day))
        else:
            hold = "open" if random.random() < 0.1 else "free"
            day += random.randrange(-15, 16) if hold == "open" else 0
            visits.append(VisitFact(name, visit.kind, day, hold))  # type: ignore[arg-type]
            held |= dict.fromkeys(visit.keys, Held("planned", name))
    return replace(plan, held=held, visits=tuple(visits))
