"""A coordinator at North with patients of three programs, 100 days after the infusion, on a still day. Built once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import time_machine
from django.test import Client

from sites.models import Membership, Role, User
from tests import kept
from tests.capture.plan import rows
from tests.capture.plan.rows import AT, CART, TODAY


@contextmanager
def coordinator() -> Iterator[Client]:
    """Three patients, and a client signed in as `al`; the day is TODAY while it is used."""
    with time_machine.travel(AT.now, tick=False):
        kept.once(three_patients)
        yield person("al")


def three_patients() -> None:
    """Each owes three baseline forms that are overdue, and day 100."""
    rows.live(*CART)
    patients(3)


def patients(number: int, first: int = 1) -> None:
    """NRT-0001 and so on, from `first`."""
    for n in range(first, first + number):
        rows.patient(*CART, pseudonym=f"NRT-{n:04}", infused=TODAY - timedelta(days=100))


def person(name: str, site: str = "north") -> Client:
    """A coordinator of the site, signed in."""
    user = User.objects.create_user(name, f"{name}@example.org", "x", home_site=rows.site(site))
    Membership.objects.create(user=user, role=Role.COORDINATOR, valid_from=date(2015, 1, 1), site=rows.site(site))
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client
