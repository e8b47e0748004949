"""Before the story begins: two registries live, one patient 100 days after the infusion who consented to all three."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from capture.models import Patient
from forms_catalog import seeding
from sites import budgets
from sites.clock import local_day
from sites.models import Membership, Participation, Role, User
from tests import world as cast
from tests.world import LIVE, LONG_AGO, World

REGISTRIES = ("car_registry_na", "car_registry_eu")
SPONSOR = "car_pass_sponsor"
DAY = 100  # of the patient, when the story begins


@dataclass
class Stage:
    """The world, its patient, and the real day on which the patient is at day 100."""

    world: World
    patient: Patient
    today: date

    @property
    def infused(self) -> date:
        """Day 0."""
        return self.today - timedelta(days=DAY)

    def at_day(self, number: int) -> datetime:
        """The instant that is now, moved so that the patient is at this day."""
        return timezone.now() + timedelta(days=number - DAY)


def build() -> Stage:
    """Everything but the third program: its sponsor has not uploaded anything yet."""
    world = cast.build()
    world.north.digest_hour = 0  # the digest of today may leave at any time of the day
    world.north.save()
    seeding.load_catalog(actor=cast.SETUP, reason="story")
    for code in LIVE:
        mode = "transcribe" if code == "car_registry_na" else "file"
        Participation.objects.create(program=world.programs[code], site=world.north, valid_from=LONG_AGO, mode=mode)
    for code in REGISTRIES:
        cast.accept(world, code)
    bea = User.objects.create_user("bea", "bea@example.org", cast.PASSWORD, home_site=world.north)
    Membership.objects.create(user=bea, role=Role.COORDINATOR, valid_from=LONG_AGO, site=world.north)
    budgets.put(world.north, minutes_week=240, valid_from=LONG_AGO, actor=cast.SETUP, reason="story")
    today = local_day(timezone.now(), world.north.time_zone)
    infused = today - timedelta(days=DAY)
    patient = cast.patient(world, "NRT-0001", *LIVE, infused=infused, waiting=[SPONSOR], actor=cast.SETUP, today=today)
    return Stage(world, patient, today)
