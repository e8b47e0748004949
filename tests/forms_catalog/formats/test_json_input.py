"""JSON from outside: any encoding is read, a broken file is named by line and column, a hostile one refused at once."""

from __future__ import annotations

import time
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from forms_catalog.formats.json_input import MAX_BYTES, load
from forms_catalog.formats.problems import Findings, UnreadableFile

ALMOST = MAX_BYTES - 100


def read(data: bytes, **more: Any) -> tuple[Any, list[str]]:
    findings = Findings()
    document = load(data, findings, **more)
    return document, [problem.code for problem in findings.all()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    assert read('{"a": "é ไทย"}'.encode(encoding)) == ({"a": "é ไทย"}, [])


def test_windows_1252_is_read_and_said() -> None:
    assert read('{"a": "é–"}'.encode("cp1252")) == ({"a": "é–"}, ["encoding_guessed"])


def test_the_last_of_double_keys_counts_and_is_said() -> None:
    assert read(b'{"a": 1, "b": {"a": 2, "a": 3}}') == ({"a": 1, "b": {"a": 3}}, ["duplicate_key"])


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{"a": 1,\n "b" 2}', "line 2, column 6"),
        (b'{"a": 1', "line 1, column 8"),
        (b'{"a": "NaN",\n "b": NaN}', "line 2, column 7"),
        (b'["Infinity", Infinity]', "line 1, column 14"),
        (b"[1,\n-Infinity]", "line 2, column 1"),
        (b"[1]\n[2]", "line 2, column 1"),
    ],
)
def test_a_broken_file_is_named_by_line_and_column(data: bytes, where: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        load(data, Findings())
    assert error.value.code == "not_json"
    assert where in error.value.message


def test_huge_numbers_stay_text_and_are_said() -> None:
    assert read(b"[1e999]") == (["1e999"], ["huge_number"])
    document, codes = read(b"[" + b"9" * 5_000 + b", 1e-400000, 7]")
    assert (document[0], document[2], codes) == ("9" * 40, 7, ["huge_number"])


def test_decimals_keep_their_zeros_where_asked_for() -> None:
    assert str(read(b"[2.70]", decimals=True)[0][0]) == "2.70"
    assert read(b"[2.70]")[0] == [2.7]


def test_characters_no_database_holds_are_replaced() -> None:
    document, codes = read(rb'{"a": "x\ud800", "b\u0000": ["\ud83d\ude00"]}')
    assert (document, codes) == ({"a": "x\ufffd", "b\ufffd": ["\U0001f600"]}, ["bad_characters"])


HOSTILE = {
    "deep lists": b"[" * 100_000,
    "deep objects, closed": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "nothing but brackets": b"[" * ALMOST,
    "nothing but quotes": b"[" + b'"' * ALMOST,
    "escaped quotes": b'["' + b'\\"' * (ALMOST // 2) + b'"]',
    "backslashes": b'["' + b"\\\\" * (ALMOST // 2) + b'"]',
    "empty lists": b"[" + b"[]," * (ALMOST // 3) + b"1]",
    "small objects": b"[" + b'{"a":1},' * 400_000 + b"1]",
    "short texts": b"[" + b'"ab",' * 590_000 + b"1]",
    "one number": b"[" + b"9" * ALMOST + b"]",
    "many long numbers": b"[" + (b"9" * 4_000 + b",") * 2_000 + b"1]",
    "a wide text": ('["\U0001f600' + "a" * (ALMOST - 10) + '"]').encode(),
    "NULs": b"\x00" * ALMOST + b"{",
    "NUL escapes": b'["' + b"\\u0000" * (ALMOST // 6) + b'"]',
    "line breaks": b"[" + b"\n" * ALMOST,
    "over the limit": b" " * 20_000_000 + b"{}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_little(name: str) -> None:
    def attempt() -> None:
        with suppress(UnreadableFile):
            load(HOSTILE[name], Findings(), decimals=True)

    started = time.process_time()
    attempt()
    assert time.process_time() - started < 10
    tracemalloc.start()
    try:
        attempt()
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["deep lists", "deep objects, closed", "nothing but brackets"])
def test_deep_files_are_refused_before_they_are_parsed(name: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        load(HOSTILE[name], Findings())
    assert error.value.code in ("too_deep", "too_large")
