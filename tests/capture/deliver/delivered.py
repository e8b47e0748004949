"""Slices for data files: made-up patients of shipped programs, and a program with a repeating form, over a revision."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice

from capture.ask.facts import Record
from capture.deliver import redcap_file, slicing
from capture.deliver.slices import CellOut, Slice, each, instances
from capture.enter import lifetimes
from capture.enter.eventful_answers import Eventful
from forms_catalog import exporting, serial
from forms_catalog.specs import DictionarySpec, Option, ReleaseSpec, Step
from forms_catalog.starter_release import release_of
from tests import occasions
from tests.capture.deliver import made

PROGRAMS = (
    "car_registry_na",
    "hemo_registry_global",
)  # "check all that apply" in the one, a month and year in the other
WRITTEN = {
    "ymd": ("%Y-%m-%d", "%Y-%m-%d"),
    "dmy": ("%d-%m-%Y", "%Y-%m-%d"),
    "mdy": ("%m-%d-%Y", "%Y-%m-%d"),
    "my": ("%m-%Y", "%Y-%m"),
}
VISITS = 8
MADE_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def exported(release: ReleaseSpec, program: str) -> DictionarySpec:
    """The program's dictionary as the export page gives it."""
    spec = release.programs[program]
    return exporting.program(spec.code, spec.title, 1, [a.field for a in spec.asks], spec.entries).spec


@cache
def of_shipped(program: str) -> tuple[DictionarySpec, tuple[Slice, ...]]:
    """The dictionary, and the slices of one patient's first visits that carry a value."""
    release = release_of(program)
    lives = lifetimes.follow(release, [program], Eventful(5, yes=0.4), infusion=date(2012, 2, 29))
    cuts = (slicing.cut(o, done.after, release) for done in islice(lives, VISITS) for o in done.facts.occasions)
    return exported(release, program), tuple(s for s in cuts if s.values)


VISIT = made.fields("crid")
ONSET, GRADE, GERM = made.fields("inf_dt", "inf_gr", "inf_org", form="infections", repeating=True)
REPEATING = made.small(
    made.ask(VISIT[0], "subject-id"),
    made.ask(replace(ONSET, kind="date", date_format="dmy"), "infection-date", Step("date", {"format": "dmy"})),
    made.ask(
        replace(GRADE, kind="choice", options=(Option("3", "Grade 3"), Option("4", "Grade 4"))), "infection-max-grade"
    ),
    made.ask(GERM, "infection-organism"),
)


def infection(number: int, on: int, grade: str) -> Record:
    """A record of the group, with the day it began."""
    told = {"infection_date": str(occasions.day(on)), "infection_max_grade": grade, "infection_organism": "viral"}
    return occasions.record(number, "infection", **told)


def of_repeats() -> tuple[DictionarySpec, Slice, Slice]:
    """The dictionary, a slice with two infections, and its revision, for which an earlier one was learned."""
    at = occasions.occasion(REPEATING, "study", "M6", 380, last=183)
    known = [infection(1, 330, "4"), infection(2, 350, "3")]

    def cut(*records: Record, taken: Mapping[str, int]) -> Slice:
        patient = made.facts(at, made.own_id(at), records=records, identified=True)
        return slicing.cut(at, patient, REPEATING, instances=taken)

    first = cut(*known, taken={})
    return exported(REPEATING, "study"), first, cut(*known, infection(3, 200, "3"), taken=instances(serial.dump(first)))


def values(slice_: Slice) -> dict[tuple[str, str], str]:
    """(field path, instance) → the value a file should hold: dates as ISO 8601, codes with commas between."""
    return {(c.path, r.instance): _value(c) for r, c in each(slice_) if c.value}


def _value(cell: CellOut) -> str:
    if cell.multiple:
        return cell.value.replace("|", ",")
    if cell.date_format not in WRITTEN:
        return cell.value
    written, iso = WRITTEN[cell.date_format]
    return datetime.strptime(cell.value, written).strftime(iso)


def redcap_instances(slice_: Slice) -> list[str]:
    """The numbers of the repeats in the REDCap import file of the slice."""
    rows = csv.DictReader(io.StringIO(redcap_file.write([slice_]).decode()))
    return [row["redcap_repeat_instance"] for row in rows if row["redcap_repeat_instance"]]
