"""A database of its own for bench.planning: one site, three live CAR-T programs and as many enrolled patients as asked.

Rows that planning only reads are written in bulk; what planning writes is left to planning.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit

import django

TODAY = date(2026, 6, 1)
INFUSED = (date(2025, 6, 1), date(2026, 5, 31))  # nearly all of the 15 years is ahead
AT_ONCE = 2000
PROGRAMS = ("car_registry_na", "car_registry_eu", "car_pass_sponsor")


@contextmanager
def database(url: str) -> Iterator[None]:
    """Django on a new database that goes away afterwards: SQLite in a folder of its own where no `url` is given.

    A PostgreSQL database is made and dropped, so its name must end in _bench.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if not url:
        with tempfile.TemporaryDirectory(prefix="askonce-bench-") as folder:
            _start(f"sqlite:///{Path(folder) / 'planning.sqlite3'}")
            yield
        return
    _execute(url, "DROP DATABASE IF EXISTS {name}", "CREATE DATABASE {name}")
    try:
        _start(url)
        yield
    finally:
        from django.db import connection

        connection.close()
        _execute(url, "DROP DATABASE {name}")


def _start(url: str) -> None:
    os.environ["ASKONCE_DATABASE"] = url
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _execute(url: str, *statements: str) -> None:
    import psycopg
    from psycopg import sql

    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    if not name.endswith("_bench"):
        raise SystemExit(f"The database {name} would be dropped. Name one that ends in _bench.")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(name=sql.Identifier(name)))


def programs(*, days_later: int = 0) -> None:
    """The programs live in one release of their real dictionaries; windows of the second may end some days later."""
    from forms_catalog import publishing
    from sites.models import Participation, Program, Site, Sponsor
    from sites.trail import system
    from tests.releases import release_of

    site, _ = Site.objects.get_or_create(code="north", defaults={"name": "North", "time_zone": "Europe/Berlin"})
    sponsor, _ = Sponsor.objects.get_or_create(code="registry", defaults={"name": "Registry"})
    for code in PROGRAMS:
        made, new = Program.objects.get_or_create(
            code=code, defaults={"title": code, "sponsor": sponsor, "kind": "registry", "state": "live"}
        )
        if new:
            Participation.objects.create(program=made, site=site, valid_from=date(2010, 1, 1), mode="file")
    spec = release_of(*sorted(PROGRAMS))
    if days_later:
        eu = spec.programs[PROGRAMS[1]]
        entries = tuple(
            e if e.window_end_day is None else replace(e, window_end_day=e.window_end_day + days_later)
            for e in eu.entries
        )
        spec = replace(spec, programs={**spec.programs, PROGRAMS[1]: replace(eu, entries=entries)})
    publishing.publish(spec, dict.fromkeys(PROGRAMS, 1 + bool(days_later)), actor=system("bench"), reason="bench")


def patients(number: int, *, seed: int, programs: Iterable[str] = PROGRAMS, prefix: str = "NRT") -> list[int]:
    """So many patients at the site, infused at random, followed in the programs, with consent, never planned."""
    from capture.models import Consent, Enrollment, Patient, Stay, Treatment
    from sites.models import Program, Site

    random, site = Random(seed), Site.objects.get(code="north")
    followed = [Program.objects.get(code=code) for code in programs]
    span = (INFUSED[1] - INFUSED[0]).days
    made: list[int] = []
    names = iter(range(number))
    while some := [Patient(pseudonym=f"{prefix}-{n:07d}", site=site) for n in islice(names, AT_ONCE)]:
        Patient.objects.bulk_create(some)
        days = [INFUSED[0] + timedelta(days=random.randrange(span)) for _ in some]
        Stay.objects.bulk_create(
            Stay(patient=p, site=site, valid_from=d, recorded_by="bench") for p, d in zip(some, days, strict=True)
        )
        treated = Treatment.objects.bulk_create(
            Treatment(patient=p, infusion_date=d, product="axi-cel") for p, d in zip(some, days, strict=True)
        )
        enrolled = Enrollment.objects.bulk_create(
            Enrollment(treatment=t, program=p, owed_from=t.infusion_date, enrolled_on=t.infusion_date)
            for t in treated
            for p in followed
        )
        at = datetime.combine(TODAY, datetime.min.time(), tzinfo=UTC)
        Consent.objects.bulk_create(
            Consent(enrollment=e, version="v1", valid_from=e.enrolled_on, recorded_by="bench", recorded_at=at)
            for e in enrolled
        )
        made += [p.pk for p in some]
    return made
