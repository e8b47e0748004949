"""manage.py what_if: what a dictionary and its schedule would cost the sites, before anybody accepts it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from capture.accept import accepting, what_if
from forms_catalog import carrying, intake, proposing
from sites import trail
from sites.models import Participation, Program, Site, Sponsor
from sites.trail import Actor

NOBODY = "what-if"  # owner of a program that is not known here; it goes with the transaction


class Command(BaseCommand):
    """Price a request. Nothing stays of it. Exit 0; 1 where the files or names cannot be used, with what to do."""

    help = (
        "Say what a dictionary and its schedule would cost the sites if they were accepted: fields already collected, "
        "derivable, near to one that is, or new; minutes, hours, sites over budget, what would make it cheaper. "
        "Reads the database and leaves it as it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The two files, whose program they are, and where it would be asked."""
        parser.add_argument("file", help="the dictionary: any format the upload page takes")
        parser.add_argument("--schedule", required=True, help="the follow-up schedule: a JSON file or a request sheet")
        parser.add_argument("--program", default="", help="the program's code (default: the file name's stem)")
        parser.add_argument(
            "--sites", nargs="+", default=[], help="site codes (default: where it takes part, else all)"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the files in, price them, take everything back, print."""
        data, schedule = _read(options["file"]), _read(options["schedule"])
        code = options["program"] or Path(options["file"]).stem
        with transaction.atomic():
            program = _program(code)
            sites = _sites(program, options["sites"])
            actor = trail.system("what-if")
            version = _version(program, data, Path(options["file"]).name, schedule, actor)
            found = accepting.compute(version, sites, today=actor.now.date())
            transaction.set_rollback(True)
        self.stdout.write(json.dumps(as_json(found), ensure_ascii=False, indent=1) if options["json"] else _text(found))


def as_json(found: what_if.Result) -> dict[str, Any]:
    """The result with the names that other systems read."""
    return {
        "fields": dict(found.fields),
        "minutes_per_visit": dict(found.minutes_per_visit),
        "hours_per_site_year": {site: dict(hours) for site, hours in found.hours_per_site_year.items()},
        "fte": dict(found.fte),
        "years": dict(found.years),
        "patients": dict(found.patients),
        "sites_over_budget": [asdict(o) for o in found.over_budget],
        "suggestions": [asdict(s) for s in found.suggestions],
        "lists": {kind: list(paths) for kind, paths in found.lists.items()},
        "near": dict(found.near),
        "undecided": found.undecided,
        "assumptions": list(found.assumptions),
    }


def _text(found: what_if.Result) -> str:
    counts, minutes = found.fields, found.minutes_per_visit
    lines = [
        f"{counts['total']} questions: {counts['covered']} already collected, {counts['derivable']} derivable, "
        f"{counts['near_duplicate']} near to one that is, {counts['new']} new ({found.undecided} not decided yet)",
        f"{minutes['mid']} minutes a visit, between {minutes['low']} and {minutes['high']}",
    ]
    for site, hours in found.hours_per_site_year.items():
        patients = found.patients[site]
        lines.append(
            f"{site}: {hours['mid']} h in the coming year ({hours['low']} to {hours['high']}), {patients} patients"
        )
    lines += [f"over budget: {o.site}: {o.then} of {o.budget} min a week" for o in found.over_budget]
    lines += [f"{s.hours_saved_per_year} h a year less: {s.change}" for s in found.suggestions]
    return "\n".join([*lines, *found.assumptions])


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error


def _program(code: str) -> Program:
    known = Program.objects.filter(code=code).first()
    if known is not None:
        return known
    owner, _ = Sponsor.objects.get_or_create(code=NOBODY, defaults={"name": NOBODY})
    return Program.objects.create(code=code[:60], title=code[:60], sponsor=owner, kind=Program.Kind.values[0])


def _sites(program: Program, codes: list[str]) -> list[Site]:
    if not codes:
        joined = Participation.objects.filter(program=program).values("site")
        return list(Site.objects.filter(pk__in=joined)) or list(Site.objects.all())
    found = {s.code: s for s in Site.objects.filter(code__in=codes)}
    if unknown := [c for c in codes if c not in found]:
        known = ", ".join(Site.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(f"No site is called {', '.join(unknown)}. Known: {known}.")
    return [found[c] for c in codes]


def _version(program: Program, data: bytes, name: str, schedule: bytes, actor: Actor) -> Any:
    try:
        version = intake.receive(program, data, name, schedule, actor=actor, reason="what-if")
    except intake.IntakeError as error:
        raise CommandError(f"{name}: {error}") from error
    if not intake.schedule_of(version):
        raise CommandError("The schedule holds no time point of this program. Check its file and --program.")
    carrying.carry(version, actor=actor)
    proposing.propose(version, actor=actor)
    return version
