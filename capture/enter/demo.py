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
from forms_catalog import handing_in, intake, loading, seeding, settling, starter
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
CAR_T = ("car_registry_na", "car_registry_eu", "car_pass_sponsor")
HEMOPHILIA = ("hemo_registry_global", "hemo_sponsor_aav")
SICKLE_CELL = ("scd_gt_ltfu", "payer_outcomes_scd")
MUSCLE = ("sma_registry",)
COMPANY = ("car_pass_sponsor", "hemo_sponsor_aav", "scd_gt_ltfu")
PAYER = "payer_outcomes_scd"
GIVEN = (  # what every four patients in turn were treated with, and the programs that follow it
    ("valoctocogene", HEMOPHILIA),
    ("axi-cel", CAR_T),
    ("lovo-cel", SICKLE_CELL),
    ("axi-cel", CAR_T),
    ("onasemnogene", MUSCLE),
    ("axi-cel", CAR_T),
)
AMENDED = "car_pass_sponsor"
AMENDMENTS = (
    ("unresolved by day 30", "unresolved by day 90"),
    ("N, Not sent", "N, Not sent | X, No tissue left"),
    ("\nbcellct,", "\nigglvl,safety,,text,IgG (g/L),,,number,,,,,,,,,,\nbcellct,"),
    ("\nbcellct,", "\nferrit,safety,,text,Ferritin (ug/L),,,number,,,,,,,,,,\nbcellct,"),
)
PATIENTS = 40
DIED = 7
NOT_BROUGHT = 11  # this patient's opening balance is still to be loaded
OWED = timedelta(days=540)


@dataclass(frozen=True, slots=True)
class Made:
    """What was loaded."""

    patients: int
    accounts: list[str]


def load(now: datetime, patients: int = PATIENTS) -> Made:
    """Everything, once. Call on an empty database inside a transaction."""
    actor = Actor("system:demo", "system", "AskOnce", "cli", simulated_at=now)
    sites = [Site.objects.create(code=c, name=n, time_zone=z) for c, n, z in SITES]
    programs = _programs()
    seeding.load_catalog(actor=actor, reason="demo")
    for program in programs.values():
        for number, site in enumerate(sites):
            mode = "file" if number % 2 else "transcribe"
            Participation.objects.create(program=program, site=site, valid_from=LONG_AGO, mode=mode)
    for program in programs.values():
        _accept(program, sites, actor, now.date())
    settling.load_recorded(actor=actor)
    people = _people(sites)
    _patients(patients, sites, programs, actor, now.date())
    handing_in.hand_in(programs[AMENDED], amended(), f"{AMENDED}_2.csv", starter.schedule_json(AMENDED), actor=actor)
    for site in sites:
        budgets.put(site, minutes_week=240, valid_from=LONG_AGO, actor=actor, reason="demo")
        load_periods.rebuild(site, today=now.date())
    return Made(patients, people)


def _programs() -> dict[str, Program]:
    company = Sponsor.objects.create(code="aurelia", name="Aurelia Cell Therapies")
    registry = Sponsor.objects.create(code="registries", name="Registry Alliance")
    payer = Sponsor.objects.create(code="clearwater", name="Clearwater Payers")
    owners = {PAYER: payer, **dict.fromkeys(COMPANY, company)}
    return {
        code: Program.objects.create(
            code=code,
            title=starter.schedule(code).title,
            sponsor=owners.get(code, registry),
            kind=seeding.PROGRAMS[code].kind,
        )
        for code in starter.program_codes()
    }


def amended() -> bytes:
    """The study's second version, which waits for a curator: two questions say something else, two are added."""
    text = starter.program_csv(AMENDED).decode()
    for before, after in AMENDMENTS:
        text = text.replace(before, after, 1)
    return text.encode()


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
        ("payer-clearwater", Role.SPONSOR, {"sponsor": sponsors["clearwater"]}),
        ("curator", Role.CURATOR, {}),
        ("admin", Role.ADMIN, {}),
    ]
    for name, role, scope in cast:
        user = User.objects.create_user(name, f"{name}@askonce.example", PASSWORD)
        user.home_site = scope.get("site")
        user.save()
        Membership.objects.create(user=user, role=role, valid_from=LONG_AGO, **scope)
    return [f"  {name}: {Role(role).label}" for name, role, _ in cast]


def _patients(count: int, sites: list[Site], programs: dict[str, Program], actor: Actor, today: date) -> None:
    """Each site has all four diseases; CAR-T most. Everybody consented to all programs of their product."""
    pick = random.Random(SEED)  # noqa: S311  (a repeatable demo, not a secret)
    for number in range(1, count + 1):
        site = sites[number % len(sites)]
        infused = today - timedelta(days=pick.randint(70, 2190))
        product, codes = GIVEN[number // len(sites) % len(GIVEN)]
        patient = enrolling.add_patient(site, f"{site.code[:3].upper()}-{number:04d}", since=infused, actor=actor)
        treatment = enrolling.add_treatment(patient, infused, product, actor=actor)
        _enrol(treatment, [programs[c] for c in codes], infused, actor, today)
        if number != NOT_BROUGHT:
            demo_past.bring(patient, number, actor=actor, today=today)
        demo_past.report(patient, number, pick, actor=actor, today=today)
        if number == DIED:
            demo_past.die(patient, today - timedelta(days=20), actor=actor, today=today)
        scheduling.plan_patient(patient.pk, actor=actor, reason="demo", today=today)


def _enrol(treatment: Treatment, programs: list[Program], infused: date, actor: Actor, today: date) -> None:
    """Enrolled at the infusion; owed are the last 18 months."""
    for program in programs:
        enrolling.enrol(
            treatment,
            program,
            enrolled_on=infused,
            consents=[ConsentGiven("v1", infused, data_class=kind) for kind in enrolling.DATA_CLASSES],
            owed_from=max(infused, today - OWED),
            actor=actor,
            today=today,
        )
