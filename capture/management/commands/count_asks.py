"""count_asks: what 15 years ask of one patient, from the shipped programs. It makes docs/asks.md; no database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from capture.ask.asksheet import STATES
from capture.enter import asks_counted
from capture.enter.asks_counted import BUSY, BUSY_YES, Counted
from forms_catalog import starter
from forms_catalog.starter_release import release_of

JOINT = (
    ("car_pass_sponsor", "car_registry_na"),
    ("car_pass_sponsor", "car_registry_eu"),
    ("car_pass_sponsor", "car_registry_eu", "car_registry_na"),
    ("hemo_registry_global", "hemo_sponsor_aav"),
    ("payer_outcomes_scd", "scd_gt_ltfu"),
)
UNKNOWN_PROGRAM = 2
INTRO = """# What 15 years ask of one patient

For sponsors, site managers and whoever asks what "asked once" is worth. Made by `manage.py count_asks --markdown`; the
numbers are those of the final ask sheets of made-up patients in the shipped programs, followed from the infusion to
the last report. Each ask is one field of one program at one report; the seven states add up to *received*.

- **shown**: typed by a person. **confirmed**: an earlier answer offered and kept with one key.
- **shared**, **known**, **derived**: avoided, nobody had to answer. **ruled out**: the program's conditions hide it.
- **avoided %**: of all that was not ruled out. A program alone shares too, where it asks one thing in two fields.
"""


class Command(BaseCommand):
    help = (
        "Count asks received, shown and avoided over the whole schedule, for the shipped programs alone and together."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--programs", metavar="a,b", help="one set of programs instead of all the usual ones")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--markdown", action="store_true", help="print the page docs/asks.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["markdown"]:
            self.stdout.write(page(), ending="")
            return
        sets = [_named(options["programs"])] if options["programs"] else [*_alone(), *JOINT]
        found = [asks_counted.quiet(release_of(*programs), programs) for programs in sets]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(c) | {"received": c.received} for c in found], indent=1))
            return
        self.stdout.write("\n".join(_table(found)))


def page() -> str:
    """The page docs/asks.md: the quiet patient, the busy one, why, and apart against together."""
    sets = [*_alone(), *JOINT]
    quiet = {s: asks_counted.quiet(release_of(*s), s) for s in sets}
    busy = {s: asks_counted.busy(release_of(*s), s) for s in sets}
    happened = f"Of the questions with a no, {BUSY_YES:.0%} are answered otherwise; mean of {BUSY} patients."
    parts = [INTRO, "## A quiet patient\n", "Nothing happens, every offer is kept.\n", *_table(quiet.values()), ""]
    parts += ["## A busy patient\n", f"{happened}\n", *_table(busy.values()), ""]
    for title, found in (("a quiet", quiet), ("a busy", busy)):
        parts += [f"## Why {title} patient's asks were avoided\n", *_why([found[s] for s in sets]), ""]
    for title, found in (("quiet", quiet), ("busy", busy)):
        parts += [f"## Apart and together, {title}\n", *_apart(found), ""]
    return "\n".join(parts)


def _alone() -> list[tuple[str, ...]]:
    return [(code,) for code in starter.program_codes()]


def _named(text: str) -> tuple[str, ...]:
    programs = tuple(sorted({p.strip() for p in text.split(",") if p.strip()}))
    unknown = sorted(set(programs) - set(starter.program_codes()))
    if unknown or not programs:
        known = ", ".join(starter.program_codes())
        message = f"There is no shipped program {', '.join(unknown) or repr(text)}. There are: {known}."
        raise CommandError(message, returncode=UNKNOWN_PROGRAM)
    return programs


def _table(found: Any) -> list[str]:
    names = [s.replace("_", " ") for s in STATES]
    return [
        *_head("programs", "visits", "reports", "received", *names, "avoided", "avoided %"),
        *asks_counted.rows(found),
    ]


def _why(found: list[Counted]) -> list[str]:
    """One table for the programs alone and one for the joint sets: a page is only so wide."""
    lines: list[str] = []
    for part in ([c for c in found if len(c.programs) == 1], [c for c in found if len(c.programs) > 1]):
        heads = [" + ".join(c.programs) for c in part]
        lines += [*_head("why", *heads), *asks_counted.reasons(part), ""]
    return lines[:-1]


def _apart(found: dict[tuple[str, ...], Counted]) -> list[str]:
    head = _head("programs", "visits apart", "visits together", "questions apart", "questions together", "fewer")
    return [*head, *(asks_counted.together(found[s], [found[(p,)] for p in s]) for s in JOINT)]


def _head(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
