"""Small whole files of every format, and ways to damage them: for the fuzz test of the suite and bench/fuzz_readers."""

from __future__ import annotations

import copy
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

from lxml import etree

from forms_catalog import formats, serial
from forms_catalog.formats import UnreadableFile
from forms_catalog.specs import DictionarySpec, EventSpec, FieldSpec, Option, Translation
from tests.forms_catalog.formats.workbooks import workbook

ODDITIES = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"''", b"[", b"]]", b"(", b"{", b"}", b"<", b"/>", b"&#0;", b"&x;",
    b"]]>", b"<!--", b"%", b"\\", b"\\ud800", b"\r", b"\n\n", b"\t", b"|", b",,,", b";", b"1e999", b"NaN", b"-",
    b"9" * 400, b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "é".encode("cp1252"),
    "\u202e".encode(), b"@IF(", b"${", b"../../x", b"=1+1",
)  # fmt: skip


def sample() -> DictionarySpec:
    """A dictionary with one of everything."""
    yes_no = (Option("1", "Yes"), Option("0", "No"))
    kinds = ("text", "notes", "integer", "decimal", "date", "datetime", "time", "file", "display")
    plain = [_field(kind, kind, order) for order, kind in enumerate(kinds)]
    anc, gvhd = "[gvhd(a)] = '1' and [date] <> ''", (Option("a", "Skin"), Option("b", "Gut"))
    asked = [
        _field("alive", "choice", 9, options=yes_no, required=True, codes=(("http://loinc.org", "1-8", "Alive"),)),
        _field("gvhd", "multichoice", 10, options=gvhd, branching="[alive] = '1'"),
        _field("anc", "decimal", 11, unit="10*9/L", minimum="0", maximum="50", branching=anc),
        _field("bmi", "decimal", 12, asks=False, calculation="round([anc] / ([integer] ^ 2), 1)"),
        _field("dose", "decimal", 13, repeating=True, translations=(Translation("de", "Dosis", "", ()),)),
    ]  # fmt: skip
    return DictionarySpec("redcap", "0", tuple(plain + asked), title="Sample", events=(EventSpec("d100", "D", ("f",)),))


def _field(name: str, kind: str, order: int, **more: Any) -> FieldSpec:
    more.setdefault("asks", kind != "display")
    return FieldSpec(name, name, "f", f"What about {name} (ever)?", kind, order, order + 2, section="Part", **more)


def samples() -> dict[str, bytes]:
    """One small valid file of each format that can be written, a request sheet as text and as workbook."""
    head = ["ID", "Question", "Type", "Choices", "Unit", "Visit", "Only if"]
    rows = [
        head,
        ["q1", "Alive?", "yes/no", "", "", "Day 100, Month 6", ""],
        ["q2", "Grade", "", "1=I|2=II", "", "", "x"],
    ]
    made = {name: formats.write(sample(), name).data for name in formats.writers()}
    made["table"] = "\n".join(",".join(f'"{c}"' for c in row) for row in rows).encode()
    made["workbook"] = workbook({"Labs": rows, "More": rows})
    return made


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with one to four pieces of damage."""
    if data.startswith(b"PK"):
        return _in_package(data, rng) if rng.random() < 0.8 else _bytes(data, rng)
    first = data.lstrip()[:1]
    ways = {b"{": (_json, _json, *_WAYS), b"<": (_xml, _xml, _xml, *_WAYS)}.get(first, _WAYS)
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(ways)(data, rng)
    return data


def _bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    match rng.randrange(6):
        case 0:
            return data[:at] + rng.choice(ODDITIES) + data[at:]
        case 1:
            return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        case 2:
            return data[:at] + data[at + rng.randrange(1, 80) :]
        case 3:
            return data[:at]
        case 4:
            piece = data[at : at + rng.randrange(1, 60)]
            return data[:at] + piece * rng.randrange(2, 40) + data[at:]
        case _:
            return data[:at] + rng.choice(ODDITIES) * rng.randrange(1, 300) + data[at:]


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(3):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            del lines[one]
        case _:
            lines.insert(one, lines[other])
    return b"\n".join(lines)


def _tokens(data: bytes, rng: random.Random) -> bytes:
    """One tag, attribute, cell or JSON token replaced by another one of the file."""
    found = list(re.finditer(rb"<[^<>]{1,80}>|\"[^\"]{0,60}\"|[\w.]+", data[:200_000]))
    if not found:
        return data
    one, other = rng.choice(found), rng.choice(found)
    return data[: one.start()] + other[0] + data[one.end() :]


def _json(data: bytes, rng: random.Random) -> bytes:
    """One node of a JSON document deleted or made something else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return _bytes(data, rng)
    nodes = [n for n in _nodes(document) if n]
    if not nodes:
        return data
    node = rng.choice(nodes)
    key: Any = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
    if rng.random() < 0.3:
        del node[key]
    else:
        node[key] = rng.choice([None, True, -1, 1e300, "", "\ud800", "x" * 3000, [], {}, [[]], {"a": 1}, node.copy()])
    return json.dumps(document).encode()


def _xml(data: bytes, rng: random.Random) -> bytes:
    """One element of a document removed, repeated, emptied, or an attribute that has another one's value."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.LxmlError, ValueError):
        return _bytes(data, rng)
    found = [e for e in root.iter("*") if e.getparent() is not None]
    if not found:
        return data
    one, other = rng.choice(found), rng.choice(found)
    parent = one.getparent()
    match rng.randrange(5):
        case 0 if parent is not None:
            parent.remove(one)
        case 1 if parent is not None:
            parent.append(copy.deepcopy(other))
        case 2:
            one.text = "".join(rng.choices("[]()'=<>&;x1 ", k=20))
        case 3 if one.attrib:
            del one.attrib[rng.choice(list(one.attrib))]
        case _:
            values = [value for e in found[:200] for value in e.attrib.values()] or ["x"]
            for name in list(one.attrib)[:1]:
                one.set(name, rng.choice([*values, "", "9" * 30, "-1"]))
    return etree.tostring(root)


def _nodes(node: Any) -> list[Any]:
    found, waiting = [], [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict | list):
            found.append(current)
            waiting.extend(current.values() if isinstance(current, dict) else current)
    return found


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_bytes, _bytes, _lines, _tokens, _tokens)


def _in_package(data: bytes, rng: random.Random) -> bytes:
    """A zip with one damaged part, packed properly again, so that the damage is met behind the packing."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):  # the last: an unknown compression
        return _bytes(data, rng)
    name = rng.choice(sorted(parts))
    parts[name] = rng.choice((_bytes, _tokens))(parts[name], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for part, content in parts.items():
            package.writestr(part, content)
    return out.getvalue()


def outcome(data: bytes) -> tuple[str, str]:
    """(what became of the file: its format or 'refused: code', what is wrong with that: '' where nothing is)."""
    try:
        spec = formats.read(data, "fuzzed")
    except UnreadableFile as error:
        wordless = not (error.code and error.message.endswith("."))
        return f"refused: {error.code}", f"refused without words: {error!r}" if wordless else ""
    except Exception as error:
        return "crash", f"{type(error).__name__}: {error}"
    return spec.format, _unsound(spec)


def _unsound(spec: DictionarySpec) -> str:
    try:
        text = json.dumps([serial.dump(spec), formats.summary(spec)], ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        return f"cannot be stored: {error}"
    if "\\u0000" in text:
        return "holds NUL, which no database takes"
    paths = [f.path for f in spec.fields]
    return "" if len(paths) == len(set(paths)) and all(paths) else "paths are not unique"
