"""The demo world, through the gateways: who works where, which programs are live, patients with a past. Seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from capture.accept import accepting
from capture.enter import demo_past, enrolling
from capture.enter.enrolling import ConsentGiven
from capture.models import Treatment
from capture.plan import load_periods, runs, scheduling
from forms_catalog import intake, loading, proposing, seeding, starter
from sites import budgets
from sites.models import Membership, Participation, Program, Role, Site, Sponsor, User
from sites.trail import Actor

PASSWORD = "demo-only-password"  # noqa: S105  (printed on the login page of the demo on purpose)
SEED = 20260601
LONG_AGO = date(2015, 1, 1)
SITES = (
    ("berlin", "Spree University Hospital", "Europe/Berlin"),
    ("boston", "Harbor Cell Center", "America/New_York"),
    ("chicago", "Lakeside Medical Center", "America/Chicago"),
    ("tokyo", "Sumida Gene Therapy Center", "Asia/Tokyo"),
)
LIVE = ("car_registry_na", "car_registry_eu", "hemo_registry_global", "hemo_sponsor_aav")
COMPANY = ("car_pass_sponsor", "hemo_sponsor_aav")
PATIENTS = 40
DIED = 7
OWED = timedelta(days=540)


@dataclass(frozen=True, slots=True)
class Made:
    """What was loaded."""

    patients: int
    accounts: list[str]


def load(now: datetime) -> Made:
    """Everything, once. Call on an empty database inside a transaction."""
    actor = Actor("system:demo", "system", "AskOnce", "cli", simulated_at=now)
    sites = [Site.objects.create(code=c, name=n, time_zone=z) for c, n, z in SITES]
    programs = _programs()
    seeding.load_catalog(actor=actor, reason="demo")
    for program in programs.values():
        for number, site in enumerate(sites):
            mode = "file" if number % 2 else "transcribe"
            Participation.objects.create(program=program, site=site, valid_from=LONG_AGO, mode=mode)
    for code in LIVE:
        _accept(programs[code], sites, actor, now.date())
    for code in programs:
        if code not in (*LIVE, "car_pass_sponsor"):
            version = intake.receive(
                programs[code], starter.program_csv(code), f"{code}.csv", starter.schedule_json(code), actor=actor
            )
            proposing.propose(version, actor=actor)
    people = _people(sites)
    _patients(sites, programs, actor, now.date())
    for site in sites:
        budgets.put(site, minutes_week=240, valid_from=LONG_AGO, actor=actor, reason="demo")
        load_periods.rebuild(site, today=now.date())
    return Made(PATIENTS, people)


def _programs() -> dict[str, Program]:
    company = Sponsor.objects.create(code="aurelia", name="Aurelia Cell Therapies")
    registry = Sponsor.objects.create(code="registries", name="Registry Alliance")
    return {
        code: Program.objects.create(
            code=code,
            title=starter.schedule(code).title,
            sponsor=company if code in COMPANY else registry,
            kind=Program.Kind.SAFETY_STUDY if code in COMPANY else Program.Kind.REGISTRY,
        )
        for code in starter.program_codes()
    }


def _accept(program: Program, sites: list[Site], actor: Actor, today: date) -> None:
    code = program.code
    version = intake.receive(
        program, starter.program_csv(code), f"{code}.csv", starter.schedule_json(code), actor=actor
    )
    loading.load_decisions(program, actor=actor)
    made = accepting.estimate(version, sites, actor=actor, today=today)
    done = accepting.accept(made, actor=actor, reason="accepted for the demo")
    runs.run_all(done.run, today=today)


def _people(sites: list[Site]) -> list[str]:
    sponsors = {s.code: s for s in Sponsor.objects.all()}
    cast: list[tuple[str, Role, dict[str, Any]]] = [
        *((f"coordinator-{s.code}", Role.COORDINATOR, {"site": s}) for s in sites),
        ("coordinator-berlin-2", Role.COORDINATOR, {"site": sites[0]}),
        ("coordinator-boston-2", Role.COORDINATOR, {"site": sites[1]}),
        *((f"manager-{s.code}", Role.SITE_MANAGER, {"site": s}) for s in sites),
        ("sponsor-aurelia", Role.SPONSOR, {"sponsor": sponsors["aurelia"]}),
        ("sponsor-registries", Role.SPONSOR, {"sponsor": sponsors["registries"]}),
        ("curator", Role.CURATOR, {}),
        ("admin", Role.ADMIN, {}),
    ]
    for name, role, scope in cast:
        user = User.objects.create_user(name, f"{name}@askonce.example", PASSWORD)
        user.home_site = scope.get("site")
        user.save()
        Membership.objects.create(user=user, role=role, valid_from=LONG_AGO, **scope)
    return [f"  {name}: {Role(role).label}" for name, role, _ in cast]


def _patients(sites: list[Site], programs: dict[str, Program], actor: Actor, today: date) -> None:
    """Three of four have CAR-T, one of four hemophilia; all of the first consented to the waiting sponsor study too."""
    pick = random.Random(SEED)  # noqa: S311  (a repeatable demo, not a secret)
    for number in range(1, PATIENTS + 1):
        site = sites[number % len(sites)]
        infused = today - timedelta(days=pick.randint(70, 2190))
        hemophilia = number // 4 % 4 == 0
        patient = enrolling.add_patient(site, f"{site.code[:3].upper()}-{number:04d}", since=infused, actor=actor)
        product = "valoctocogene" if hemophilia else "axi-cel"
        treatment = enrolling.add_treatment(patient, infused, product, actor=actor)
        codes = LIVE[2:] if hemophilia else (*LIVE[:2], "car_pass_sponsor")
        _enrol(treatment, [programs[c] for c in codes], infused, actor, today)
        demo_past.report(patient, number, pick, actor=actor, today=today)
        if number == DIED:
            demo_past.die(patient, today - timedelta(days=20), actor=actor, today=today)
        scheduling.plan_patient(patient.pk, actor=actor, reason="demo", today=today)


def _enrol(treatment: Treatment, programs: list[Program], infused: date, actor: Actor, today: date) -> None:
    """Enrolled at the infusion; owed are the last 18 months, in a waiting program what follows its acceptance."""
    for program in programs:
        enrolling.enrol(
            treatment,
            program,
            enrolled_on=infused,
            consents=[ConsentGiven("v1", infused, data_class=kind) for kind in enrolling.DATA_CLASSES],
            owed_from=max(infused, today - OWED) if program.code in LIVE else None,
            actor=actor,
            today=today,
        )
