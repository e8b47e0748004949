"""Files made to harm a reader: each with its name, its bytes, and the refusal ('' where it is read, with problems).

`python -m tests.forms_catalog.formats.hostile` reads each in a process of its own and prints the costs as JSON.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import multiprocessing.context
import resource
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from forms_catalog import formats
from forms_catalog.formats import UnreadableFile
from tests.forms_catalog.formats.workbooks import package, sheet

HEAD = b"Variable / Field Name,Form Name,Field Type,Field Label,Branching Logic (Show field only if...)\n"
ODM = b'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study OID="s"><MetaDataVersion OID="m" Name="m">%b'
ODM_END = b"</MetaDataVersion></Study></ODM>"
TABLE = b"ID,Question,Type,Choices\n"
MB = 1_000_000
CELL = b'<row r="1"><c r="A1"><v>1</v></c></row>'
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def entity_bomb() -> bytes:
    levels = b"".join(b'<!ENTITY a%d "%b">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    return b'<!DOCTYPE ODM [<!ENTITY a0 "ha">' + levels + b"]>" + ODM % b"&a9;" + ODM_END


def quadratic_bomb() -> bytes:
    return b'<!DOCTYPE ODM [<!ENTITY a "' + b"x" * 100_000 + b'">]>' + ODM % (b"&a;" * 100_000) + ODM_END


def outside(entity: bytes) -> bytes:
    return b"<!DOCTYPE ODM [" + entity + b"]>" + ODM % b"&x;" + ODM_END


def questionnaire(inner: bytes) -> bytes:
    return b'{"resourceType": "Questionnaire", "status": "draft", "item": [%b]}' % inner


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return out.getvalue()


def many_conditions() -> bytes:
    when = ",".join('{"question": "a", "operator": "=", "answerInteger": 1}' for _ in range(100_000))
    first = b'{"linkId": "a", "type": "integer"}'
    return questionnaire(first + b', {"linkId": "b", "type": "text", "enableWhen": [%b]}' % when.encode())


def cyclic_groups() -> bytes:
    groups = b"".join(
        b'<ItemGroupDef OID="g%d" Name="g" Repeating="No" Type="Form"><ItemGroupRef ItemGroupOID="g%d"/></ItemGroupDef>'
        % (n, (n + 1) % 3)
        for n in range(3)
    )
    return ODM.replace(b"v1.3", b"v2.0") % groups + ODM_END


def attributes() -> bytes:
    return ODM % (b"<ItemDef %b/>" % b" ".join(b'a%d="1"' % n for n in range(500_000))) + ODM_END


def tiny_items() -> bytes:
    return ODM % (b'<ItemDef OID="x1" Name="a" DataType="text"/>' * 200_000) + ODM_END


def empty_rows() -> bytes:
    return package(sheet(b"".join(b'<row r="%d" a="%x"/>' % (n, n * n) for n in range(1, 90_000))))


def merged() -> bytes:
    return package(sheet(CELL + b"".join(b'<mergeCell ref="A1:XFD%d"/>' % n for n in range(1, 100_000))))


def same_row() -> bytes:
    return package(sheet(CELL + b"".join(b'<row r="2"><c><v>%d</v></c></row>' % n for n in range(60_000))))


def shared_choices() -> bytes:
    concepts = ",".join(f'{{"code": "c{n}", "display": "Code {n}"}}' for n in range(10_000))
    value_set = '{"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": [' + concepts + "]}]}}"
    items = ",".join(f'{{"linkId": "i{n}", "type": "choice", "answerValueSet": "#v"}}' for n in range(5_000))
    head = b'{"resourceType": "Questionnaire", "status": "draft", "contained": [%b], "item": [%b]}'
    return head % (value_set.encode(), items.encode())


def lying_zip() -> bytes:
    """A bomb whose directory says it unpacks to nothing."""
    data = bytearray(package({"xl/worksheets/sheet1.xml": b"<a>" + b" " * 40 * MB + b"</a>"}))
    for at in range(len(data) - 46):
        if data[at : at + 4] == b"PK\x01\x02" and b"sheet1" in data[at + 46 : at + 90]:
            data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


CORPUS: dict[str, tuple[Callable[[], bytes], str]] = {
    "entities that multiply": (entity_bomb, "doctype"),
    "one long entity many times": (quadratic_bomb, "doctype"),
    "a file of the server": (lambda: outside(b'<!ENTITY x SYSTEM "file:///etc/passwd">'), "doctype"),
    "an address of the network": (lambda: outside(b'<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'), "doctype"),
    "a parameter entity": (lambda: outside(b'<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;'), "doctype"),
    "an inclusion": (
        lambda: ODM % b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hosts"/>' + ODM_END, ""),
    "deep XML": (lambda: b"<a>" * 100_000, "not_a_dictionary"),
    "deep JSON": (lambda: b'{"a":' * 100_000, "too_deep"),
    "deep JSON lists": (lambda: b"[" * 10 * MB, "too_large"),
    "deep items": (lambda: questionnaire(b'{"linkId":"x","type":"group","item":[' * 100_000), "too_large"),
    "not a number": (lambda: questionnaire(b'{"linkId": "x", "type": "decimal", "maxLength": NaN}'), "not_json"),
    "infinity": (lambda: questionnaire(b'{"linkId": "x", "type": "decimal", "maxLength": 1e999}'), ""),
    "a number of a million digits": (lambda: questionnaire(b'{"linkId": "x", "maxLength": %b}' % (b"9" * MB)), ""),
    "a giant row": (lambda: HEAD + b"a," * 2 * MB + b"\n", ""),
    "a giant cell": (lambda: HEAD + b"a,f,text," + b"x" * 8 * MB + b",\n", ""),
    "a quote over the whole file": (lambda: HEAD + b'a,f,text,"' + b"x,y,text,z,\n" * 40_000, "too_many_rows"),
    "a quote that each line opens anew": (lambda: HEAD + b'x","\n' * 45_000, "broken_quotes"),
    "a quote each line of a sheet opens anew": (lambda: TABLE + b'x","\n' * 45_000, "broken_quotes"),
    "a million small cells": (lambda: HEAD + (b"ab," * 30 + b"\n") * 45_000, "too_many_cells"),
    "a million small cells of a sheet": (lambda: TABLE + (b"ab," * 30 + b"\n") * 45_000, "too_many_cells"),
    "nothing but open tags": (lambda: HEAD + b"a,f,text," + b"<" * 900_000 + b",\n", ""),
    "two million choices": (lambda: TABLE + (b'q,Q,choice,"' + b"1=x|" * 20_000 + b'"\n') * 100, ""),
    "fifty thousand columns": (lambda: HEAD.strip() + b",x" * 50_000 + b"\na,f,text,A\n", ""),
    "NUL everywhere": (lambda: HEAD + b"\x00" * MB, "binary"),
    "a million lines": (lambda: HEAD + b"\n" * MB, "too_many_lines"),
    "a larger file than any": (lambda: b"<" + b"x" * 21 * MB, "too_large"),
    "half a character in UTF-16": (lambda: b"\xff\xfe" + HEAD.decode().encode("utf-16-le")[:-1], ""),
    "UTF-7": (lambda: b"+ADw-script+AD4-" * 1000, "not_a_dictionary"),
    "ten thousand brackets": (lambda: HEAD + b"a,f,text,A," + b"(" * 10_000 + b"\n", ""),
    "a hundred kilobytes of logic": (lambda: HEAD + b"a,f,text,A,\"" + b"[a] = '1' or " * 8_000 + b'"\n', ""),
    "HTML without end": (lambda: HEAD + b"a,f,text," + b"<b" * 400_000 + b",\n", ""),
    "comments without end": (lambda: HEAD + b"a,f,text," + b"<!--" * 200_000 + b",\n", ""),
    "spaces for slow patterns": (lambda: HEAD + b"a,f,text,(" + b" " * 400_000 + b"x,\n", ""),
    "a choice list without end": (lambda: TABLE + b'a,A,choice,"' + b"1=x|" * 200_000 + b'"\n', ""),
    "a hundred thousand conditions": (many_conditions, "too_large"),
    "choices shared by all questions": (shared_choices, ""),
    "groups in a circle": (cyclic_groups, ""),
    "two hundred thousand tiny items": (tiny_items, "too_many_elements"),
    "half a million attributes": (attributes, "too_many_elements"),
    "a zip bomb": (lambda: zipped("xl/workbook.xml", b"\x00" * 200 * MB), "zip_bomb"),
    "a zip that lies about its size": (lying_zip, "malformed"),
    "a zip in a zip": (lambda: zipped("a.zip", zipped("b.zip", b"\x00" * 50 * MB)), "not_a_workbook"),
    "a path out of the zip": (lambda: zipped("../../etc/passwd", b"x"), "unsafe_path"),
    "a cell at the far end": (lambda: package(sheet(FAR)), "not_a_dictionary"),
    "empty rows": (empty_rows, "not_a_dictionary"),
    "merged cells without end": (merged, "not_a_dictionary"),
    "the same row again and again": (same_row, "not_a_dictionary"),
    "a workbook with a DOCTYPE": (lambda: package({"xl/workbook.xml": entity_bomb()}), "doctype"),
    "many texts in a workbook": (
        lambda: package({"xl/sharedStrings.xml": b"<sst>" + b"<si><t>x</t></si>" * 600_000 + b"</sst>"}), "zip_bomb"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading one file came to: the refusal's code or '', seconds of a processor, peak memory in MB."""

    outcome: str
    seconds: float
    megabytes: float


def costs() -> Iterator[tuple[str, Cost]]:
    """Each file of the corpus read in a process of its own, forked from this one."""
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for name in CORPUS:
            _in(fork, _make, name, path)
            receiving, sending = fork.Pipe(duplex=False)
            _in(fork, _measure, path, sending)
            yield name, Cost(*receiving.recv())


def _in(fork: multiprocessing.context.ForkContext, target: Callable[..., None], *args: object) -> None:
    """Run in a process of its own; one that ends badly is the caller's error."""
    process = fork.Process(target=target, args=args)
    process.start()
    process.join(30)
    assert process.exitcode == 0, f"reading ended with {process.exitcode}"


def _make(name: str, path: Path) -> None:
    path.write_bytes(CORPUS[name][0]())


def _measure(path: Path, sending: Connection) -> None:
    start = time.process_time()
    found = outcome(path.read_bytes())
    seconds = time.process_time() - start
    sending.send((found, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000))


def outcome(data: bytes) -> str:
    """The refusal's code, '' where it was read. Anything else than UnreadableFile is raised."""
    try:
        found = formats.read(data, "hostile")
    except UnreadableFile as error:
        return error.code if error.message.endswith(".") else f"{error.code} without words"
    json.dumps(formats.summary(found))
    return ""


if __name__ == "__main__":
    print(json.dumps({what: astuple(cost) for what, cost in costs()}, indent=1))
