"""REDCap's reader stands any bytes, its writer any fields; files of other formats become REDCap and come back."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_catalog import formats
from forms_catalog.formats import redcap as module
from forms_catalog.formats import schedule_csv
from forms_catalog.specs import FieldSpec, Option, Translation
from tests.forms_catalog.formats.made import question, redcap, spec_of
from tests.forms_catalog.formats.round_trip import there_and_back
from tests.forms_catalog.formats.test_schedule_csv import EVENTS, FORMS
from tests.shared_data import SHARED, needs_shared, read_once

OTHERS = sorted((SHARED / "data" / "import").glob("[!r]*/*.*"))
GOOD = redcap(
    {"name": "record_id"},
    {"name": "sex", "type": "radio", "choices": "1, F | 2, M", "section": "<b>Part</b>"},
    {"name": "why", "branching": "[sex] = '1' and [hb] < 7", "annotation": "@HIDDEN @DEFAULT='x'"},
    {"name": "hb", "label": "Hb (g/dL)", "validation": "number", "low": "0", "high": "30", "note": 'a "b"\nc'},
    {"name": "bmi", "type": "calc", "choices": "round([hb]*2, 1)"},
    {"name": "m", "type": "checkbox", "choices": "1, A | 2, B", "annotation": '@ASKONCE={"unit":"kg","row":"1"}'},
)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(lambda t: " ".join(t.split()))
ALLOWED = {"fields", "events", "language", "options", "branching", "calculation", "order", "translations", "annotation"}


def mutated(data: bytes, seed: int) -> bytes:
    """The file with a few bytes changed, cut out, doubled or put in."""
    chance, made = random.Random(seed), bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at, length = chance.randrange(len(made) + 1), chance.choice((1, 1, 2, 30, 300))
        piece = chance.choice(
            (b"", b'"', b",", b"\n", b"\x00", b"\xff", b"[", b"(", b"|", b"@", made[at : at + length] * 2)
        )
        made[at : at + chance.choice((0, 1, length))] = piece
    return bytes(made)


def survives(data: bytes) -> None:
    start = time.perf_counter()
    with contextlib.suppress(formats.UnreadableFile):
        formats.write(module.read(data), "redcap")
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_read_or_refused_in_words(seed: int) -> None:
    survives(mutated(GOOD, seed))


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_any_bytes_below_a_header_are_read_or_refused_in_words(data: bytes) -> None:
    survives(GOOD.split(b"\n")[0] + b"\n" + data)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_event_files_never_break_the_reading(seed: int) -> None:
    files = [mutated(EVENTS, seed), mutated(FORMS, seed + 1)]
    if all(schedule_csv.looks_like(file) for file in files):
        _, problems = schedule_csv.read(files)
        assert all(p.message for p in problems)


OPTIONS = st.lists(st.builds(Option, TEXTS, TEXTS.filter(bool)), max_size=4, unique_by=lambda o: o.code).map(tuple)
FIELDS = st.builds(
    question,
    st.text("abcIVZ.0_ -é", min_size=1, max_size=6),
    form=st.sampled_from(["", "visit", "Visit", "Größe 2"]),
    label=TEXTS.filter(bool),
    note=TEXTS,
    section=TEXTS,
    unit=st.sampled_from(["", "kg", "g/dL", "furlong"]),
    initial=TEXTS,
    options=OPTIONS,
    kind=st.sampled_from(["text", "notes", "integer", "decimal", "date", "time", "choice", "multichoice", "file"]),
    minimum=st.sampled_from(["", "1"]),
    required=st.booleans(),
    repeating=st.booleans(),
    asks=st.booleans(),
    codes=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=2).map(tuple),
    translations=st.lists(st.builds(Translation, st.just("de"), TEXTS, TEXTS), max_size=1).map(tuple),
)


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FIELDS, min_size=1, max_size=6, unique_by=lambda f: f.name))
def test_any_fields_come_back_but_for_what_is_announced(fields: list[FieldSpec]) -> None:
    spec = spec_of(*fields)
    trip = there_and_back(spec, "redcap")
    assert trip.left == []
    assert {loss.what for loss in trip.written.losses} <= ALLOWED


@needs_shared
@pytest.mark.parametrize("file", OTHERS, ids=lambda f: f.stem)
def test_a_real_file_of_another_format_becomes_redcap_and_comes_back(file: Path) -> None:
    spec = read_once(file)
    trip = there_and_back(spec, "redcap")
    assert len(trip.again.fields) == len(spec.fields)
    assert trip.left == []
    assert {loss.what for loss in trip.written.losses} <= ALLOWED
