"""The cast: people with roles at two sites, sponsors, seven programs in the catalog, two patients. Fixture `world`.

Alice writes at North, Bob manages North, Charlie writes at South and must see nothing of North. Sam's company asks for
car_pass_sponsor, Rita's registries ask for the others. Cora curates, Dana runs the network, Audrey audits.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from capture.accept import accepting
from capture.enter import enrolling
from capture.enter.enrolling import ConsentGiven
from capture.models import Patient, Visit
from capture.plan import runs
from forms_catalog import intake, loading, proposing, seeding, starter
from forms_catalog.models import DictionaryVersion
from sites.models import Membership, Participation, Program, Role, Site, Sponsor, User
from sites.trail import Actor, system
from tests import kept
from tests.releases import CAR, HEMO

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LONG_AGO = date(2015, 1, 1)
PASSWORD = "correct horse battery"
DECIDED = (*CAR, *HEMO)
LIVE = ("car_registry_eu", "car_registry_na", "car_pass_sponsor")


@dataclass
class World:
    """The rows a test needs by name."""

    north: Site
    south: Site
    people: dict[str, User] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    versions: dict[str, DictionaryVersion] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]  # type: ignore[no-any-return]
        except KeyError as error:  # also of a copy that has no people yet
            raise AttributeError(name) from error

    def actor(self, name: str, role: str = "coordinator") -> Actor:
        """The actor of a person, at the test's time."""
        return Actor(self.people[name].username, role, user_id=self.people[name].pk, simulated_at=NOW)


SETUP = system("test", channel="test")
AT = Actor("system:test", "system", "AskOnce", "test", simulated_at=NOW)


def build() -> World:
    """Places, people and programs; no dictionary yet."""
    north = Site.objects.create(code="north", name="North Hospital", time_zone="Europe/Berlin", country="DE")
    south = Site.objects.create(code="south", name="South Clinic", time_zone="America/New_York", country="US")
    world = World(north, south)
    company = Sponsor.objects.create(code="company", name="Cell Company")
    registry = Sponsor.objects.create(code="registry", name="Registry Network")
    for code in starter.program_codes():
        owner = company if code in ("car_pass_sponsor", "hemo_sponsor_aav") else registry
        world.programs[code] = Program.objects.create(
            code=code, title=starter.schedule(code).title, sponsor=owner, kind=Program.Kind.REGISTRY
        )
    _people(world, company, registry)
    return world


def _people(world: World, company: Sponsor, registry: Sponsor) -> None:
    cast: list[tuple[str, str, dict[str, object]]] = [
        ("alice", Role.COORDINATOR, {"site": world.north}),
        ("bob", Role.SITE_MANAGER, {"site": world.north}),
        ("charlie", Role.COORDINATOR, {"site": world.south}),
        ("ivy", Role.INVESTIGATOR, {"site": world.north}),
        ("sam", Role.SPONSOR, {"sponsor": company}),
        ("rita", Role.SPONSOR, {"sponsor": registry}),
        ("mona", Role.MONITOR, {"program": world.programs["car_pass_sponsor"]}),
        ("cora", Role.CURATOR, {}),
        ("dana", Role.ADMIN, {}),
        ("audrey", Role.AUDITOR, {}),
    ]
    for name, role, scope in cast:
        user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, first_name=name.capitalize())
        user.home_site = scope.get("site")  # type: ignore[assignment]
        user.save()
        Membership.objects.create(user=user, role=role, valid_from=LONG_AGO, **scope)
        world.people[name] = user


def upload(world: World, code: str) -> DictionaryVersion:
    """The program's real dictionary and schedule, through the gateway."""
    data, plan = starter.program_csv(code), starter.schedule_json(code)
    world.versions[code] = intake.receive(world.programs[code], data, f"{code}.csv", plan, actor=AT)
    return world.versions[code]


def accept(world: World, code: str) -> None:
    """Upload, load the recorded decisions, estimate, accept and plan: every step through its gateway."""
    version = upload(world, code)
    loading.load_decisions(world.programs[code], actor=AT)
    made = accepting.estimate(version, [world.north], actor=AT, today=TODAY)
    done = accepting.accept(made, actor=AT, reason="accepted for the test")
    runs.run_all(done.run, today=TODAY)


def joined(world: World, *codes: str) -> None:
    """Both sites take part in the programs."""
    for code in codes:
        for site, mode in ((world.north, "file"), (world.south, "transcribe")):
            Participation.objects.create(program=world.programs[code], site=site, valid_from=LONG_AGO, mode=mode)


def patient(
    world: World,
    pseudonym: str,
    *programs: str,
    infused: date,
    site: Site | None = None,
    product: str = "axi-cel",
    waiting: Collection[str] = (),
    actor: Actor = AT,
    today: date = TODAY,
) -> Patient:
    """A patient followed in these programs since the infusion; in `waiting` ones nothing is owed before acceptance."""
    made = enrolling.add_patient(site or world.north, pseudonym, since=infused, actor=actor)
    treatment = enrolling.add_treatment(made, infused, product, actor=actor)
    for code in programs:
        enrolling.enrol(
            treatment,
            world.programs[code],
            enrolled_on=infused,
            consents=[ConsentGiven("v1", infused)],
            owed_from=None if code in waiting else infused,
            actor=actor,
            today=today,
        )
    return made


def visit_on(patient: Patient, entry_code: str) -> Visit:
    """The visit that serves an entry of any program."""
    return Visit.objects.filter(patient=patient, timepoints__entry_code=entry_code).distinct().get()


def car_world() -> World:
    """The CAR-T story: three programs live, one patient infused 100 days ago. Built once in a process."""
    return kept.once(build_car_world)


def build_car_world() -> World:
    """The same, through every gateway: some seconds."""
    world = build()
    seeding.load_catalog(actor=AT, reason="test")
    joined(world, *LIVE)
    for code in LIVE:
        accept(world, code)
    patient(world, "NRT-0001", *LIVE, infused=TODAY - timedelta(days=100))
    return world


def catalog_world() -> World:
    """People, sites and programs, and the catalog. Built once in a process."""
    return kept.once(_build_catalog_world)


def _build_catalog_world() -> World:
    world = build()
    seeding.load_catalog(actor=AT, reason="test")
    return world


def decided_world() -> World:
    """The dictionaries of five programs, mapped as recorded. Built once in a process."""
    return kept.once(_build_decided_world)


def _build_decided_world() -> World:
    world = _build_catalog_world()
    for code in DECIDED:
        upload(world, code)
        loading.load_decisions(world.programs[code], actor=AT)
    return world


def reviewed_world() -> World:
    """The catalog is in; the sponsor's dictionary is uploaded, the machine has proposed, nobody has decided. Once."""
    return kept.once(_build_reviewed_world)


def _build_reviewed_world() -> World:
    world = build()
    seeding.load_catalog(actor=AT, reason="test")
    proposing.propose(upload(world, "car_pass_sponsor"), actor=AT)
    return world
