"""Bytes of an uploaded JSON file to plain values, safe against hostile files. For every reader of JSON. Pure."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate
from typing import Any

from forms_catalog.formats.problems import Findings, UnreadableFile

MAX_BYTES = 10_000_000  # forty times the largest real questionnaire seen
MAX_DEPTH = 200  # the deepest real questionnaire seen has 18
MAX_VALUES = 300_000  # values, keys and brackets; the largest real questionnaire seen has 6,000
MAX_QUOTES = 900_000
MAX_DIGITS = 40
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{},:"'))
_NOT_BRACKETS = b",:"
_NO_NUMBER = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|(?P<bad>-?Infinity|NaN)', re.DOTALL)
_BAD_ESCAPES = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_BAD_CHARACTERS = re.compile("[\x00\ud800-\udfff]")


def load(data: bytes, findings: Findings, *, decimals: bool = False) -> Any:
    """The document; `decimals` keeps 2.70 as Decimal('2.70'), else it is a float. Findings: encoding_guessed,
    duplicate_key, huge_number, bad_characters.

    Raises UnreadableFile: empty, too_large, too_deep, not_json (with line and column).
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFile("empty", "The file is empty. Export it again and upload that file.")
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too_large", f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it by form.")
    text = _decode(data, findings)
    _refuse_hostile(text.encode("utf-8", "replace"))
    document = _parse(text, findings, decimals)
    if "\x00" in text or _BAD_ESCAPES.search(data.replace(b"\x00", b"")):
        document = _cleaned(document, findings)
    return document


def _decode(data: bytes, findings: Findings) -> str:
    encoding = json.detect_encoding(data)
    if encoding.startswith(("utf-16", "utf-32")):
        return data.decode(encoding, "replace").removeprefix("\ufeff")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "The file is not UTF-8; it was read as Windows-1252. Check letters with accents."
        findings.info(line, "", "encoding_guessed", message)
        return data.decode("cp1252", "replace")


def _refuse_hostile(data: bytes) -> None:
    """Depth and number of values, counted without parsing, so that neither stack nor memory can be filled."""
    if data.count(b'"') > MAX_QUOTES:
        raise _too_many()
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Thinned out first: the pieces between quotes are then mostly empty, and cost no memory of their own.
    outside = b"".join(data.translate(None, _NOT_STRUCTURE).split(b'"')[::2])
    if len(outside) > 2 * MAX_VALUES:
        raise _too_many()
    brackets = outside.translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
        message = f"The file is nested deeper than {MAX_DEPTH} levels, which no dictionary is. Export it again."
        raise UnreadableFile("too_deep", message)


def _too_many() -> UnreadableFile:
    return UnreadableFile("too_large", f"The file has more than {MAX_VALUES:,} values. Split it by form.")


def _parse(text: str, findings: Findings, decimals: bool) -> Any:
    twice: dict[str, None] = {}

    def together(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs) and len(twice) < 5:
            counts = Counter(key for key, _ in pairs)
            twice.update({key[:40]: None for key, count in counts.items() if count > 1})
        return found

    numbers = _Numbers(findings, decimals)
    decoder = json.JSONDecoder(
        object_pairs_hook=together,
        parse_int=numbers.whole,
        parse_float=numbers.broken,
        parse_constant=_refuse_constant(text),
        strict=False,
    )
    try:
        document = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(error.msg, error.lineno, error.colno) from None
    except (ValueError, RecursionError) as error:
        raise _not_json(str(error), 0, 0) from None
    if twice:
        message = f"Keys that stand twice in one object, the last counts: {', '.join([*twice][:5])}. Keep one of each."
        findings.warning(0, "", "duplicate_key", message)
    return document


def _not_json(what: str, line: int, column: int) -> UnreadableFile:
    where = f" at line {line}, column {column}" if line else ""
    return UnreadableFile(
        "not_json", f"The file is not valid JSON: {what}{where}. Correct it there or export it again."
    )


def _refuse_constant(text: str) -> Callable[[str], Any]:
    def refuse(word: str) -> Any:
        found = next((m for m in _NO_NUMBER.finditer(text) if m["bad"]), None)
        at = found.start() if found else 0
        raise _not_json(f"{word} is no number", text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))

    return refuse


class _Numbers:
    """Reads numbers of any length: those no dictionary has stay as text, and are said once."""

    def __init__(self, findings: Findings, decimals: bool) -> None:
        self.findings = findings
        self.decimals = decimals
        self.told = False

    def whole(self, text: str) -> Any:
        return int(text) if len(text) <= MAX_DIGITS else self._huge(text)

    def broken(self, text: str) -> Any:
        if len(text) > MAX_DIGITS or not math.isfinite(float(text)):
            return self._huge(text)
        exact = Decimal(text) if self.decimals else None
        if exact is None:
            return float(text)
        return exact if abs(int(exact.as_tuple().exponent)) <= MAX_DIGITS else self._huge(text)

    def _huge(self, text: str) -> str:
        if not self.told:
            message = f"The number {text[:20]}… is longer than any measured value and was kept as text. Correct it."
            self.findings.warning(0, "", "huge_number", message)
            self.told = True
        return text[:MAX_DIGITS]


def _cleaned(document: Any, findings: Findings) -> Any:
    """The document without characters that no database and no file can hold; walked without recursion."""
    changed = 0
    holder = [document]
    waiting: list[Any] = [holder]
    while waiting:
        node = waiting.pop()
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if isinstance(value, str) and _BAD_CHARACTERS.search(value):
                node[key] = _BAD_CHARACTERS.sub("\ufffd", value)
                changed += 1
            elif isinstance(value, dict | list):
                waiting.append(value)
            if isinstance(key, str) and _BAD_CHARACTERS.search(key):
                node[_BAD_CHARACTERS.sub("\ufffd", key)] = node.pop(key)
                changed += 1
    if changed:
        message = (
            f"{changed} texts hold characters that cannot be stored; they were replaced by \ufffd. Check these texts."
        )
        findings.warning(0, "", "bad_characters", message)
    return holder[0]
