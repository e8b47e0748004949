"""What does reading a dictionary cost beside other readers of the same file, and storing it beside reading it?

Ours also places items, turns conditions round, checks logic and reports problems; odmlib and pyxform only build their
own objects. Storing runs on a database of its own (SQLite), or on the one that ASKONCE_TEST_POSTGRES names.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from odmlib.loader import ODMLoader
from odmlib.odm_loader import XMLODMLoader
from pyxform import xls2xform

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec, Option
from tests.forms_catalog.formats.workbooks import workbook


def study(number: int) -> bytes:
    """A study of so many items in forms of 50, one in three a choice, one in five under a condition."""
    fields = tuple(
        FieldSpec(
            path=f"I{n}",
            name=f"I{n}",
            form=f"form {n // 50}",
            label=f"Question number {n}?",
            kind="choice" if n % 3 == 0 else "decimal",
            order=n,
            line=0,
            options=(Option("1", "Yes"), Option("0", f"No {n}")) if n % 3 == 0 else (),
            unit="" if n % 3 == 0 else "kg",
            maximum="" if n % 3 == 0 else "200",
            branching=f"[I{n - n % 3}] = '1'" if n % 5 == 0 else "",
        )
        for n in range(number)
    )
    return formats.write(DictionarySpec("odm", "bench", fields, title="Bench", language="en"), "odm").data


def seconds(act: Callable[[], object], repeats: int) -> float:
    """Seconds of one core: the median of some runs."""
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        act()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def with_odmlib(path: Path) -> object:
    """odmlib's objects of the whole file."""
    loader = ODMLoader(XMLODMLoader())
    loader.open_odm_document(str(path))
    return loader.MetaDataVersion()


def workbook_of(number: int) -> bytes:
    """An XLSForm of so many questions in groups of 50, one in three a choice, one in five under a condition."""
    rows: list[list[str]] = [["type", "name", "label", "relevant"]]
    for n in range(number):
        if n % 50 == 0:
            rows += [["end group", "", "", ""]] * bool(n) + [["begin group", f"g{n}", f"Group {n}", ""]]
        kind = "select_one yesno" if n % 3 == 0 else "decimal"
        rows.append(
            [kind, f"q{n}", f"Question number {n}?", f"${{q{n - n % 3}}} = '1'" if n % 5 == 0 and n % 3 else ""]
        )
    rows.append(["end group", "", "", ""])
    choices = [["list_name", "name", "label"], ["yesno", "1", "Yes"], ["yesno", "0", "No"]]
    return workbook({"survey": rows, "choices": choices, "settings": [["form_title", "form_id"], ["Bench", "bench"]]})


def with_pyxform(path: Path) -> object:
    """pyxform's XForm of the whole file, without its Java check."""
    return xls2xform.convert(str(path), validate=False)


def with_fhir_resources(path: Path) -> object:
    """The validated model of the whole file."""
    from fhir.resources.R4B.questionnaire import Questionnaire

    return Questionnaire.model_validate_json(path.read_bytes())


def compare(title: str, path: Path, other: Callable[[Path], object], name: str, repeats: int) -> None:
    """One line: ours beside the other on the same file."""
    ours = seconds(lambda: formats.read(path.read_bytes()), repeats)
    theirs = seconds(lambda: other(path), repeats)
    print(f"{title:34} {ours:7.3f}s {name:>14} {theirs:7.3f}s   ratio {theirs / ours:5.1f}")


def storing(fields: int, repeats: int, own: list[Path]) -> None:
    """Read, and read and store, REDCap files: seconds, their ratio, and the queries of storing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    made = formats.write(formats.read(study(fields)), "redcap").data
    for title, data in [(f"REDCap, {fields} fields", made), *((p.name, p.read_bytes()) for p in own)]:
        reading = seconds(lambda data=data: formats.read(data), repeats)  # type: ignore[misc]
        taken = [stored(data) for _ in range(repeats)]
        median = statistics.median(t for t, _ in taken)
        print(f"{title:34} {reading:7.3f}s {'and stored':>14} {median:7.3f}s   {taken[0][1]} queries")


def stored(data: bytes) -> tuple[float, int]:
    """(seconds by the clock, queries) of intake.receive on an empty database."""
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from forms_catalog import intake
    from sites.models import Program, Sponsor
    from sites.trail import system

    call_command("migrate", verbosity=0)
    sponsor, _ = Sponsor.objects.get_or_create(code="bench", defaults={"name": "Bench"})
    program = Program.objects.create(code=f"b{Program.objects.count()}", title="Bench", sponsor=sponsor, kind="study")
    with CaptureQueriesContext(connection) as queries:
        start = time.perf_counter()
        intake.receive(program, data, "bench.csv", actor=system("bench"))
        return time.perf_counter() - start, len(queries)


def main() -> None:
    """Print one line a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--odm", nargs="*", type=Path, default=[], help="more ODM 1.3 files to compare")
    parser.add_argument("--redcap", nargs="*", type=Path, default=[], help="more REDCap dictionaries to store")
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ASKONCE_VAR"] = folder
        odm, form, fhir = (Path(folder) / name for name in ("study.xml", "form.xlsx", "questionnaire.json"))
        odm.write_bytes(study(given.items))
        fhir.write_bytes(formats.write(formats.read(study(given.items)), "fhir").data)
        form.write_bytes(workbook_of(given.items))
        for path in [odm, *given.odm]:
            compare(f"ODM, {path.name}"[:34], path, with_odmlib, "odmlib", given.repeats)
        compare(f"XLSForm, {given.items} questions", form, with_pyxform, "pyxform", given.repeats)
        compare(f"FHIR, {given.items} items", fhir, with_fhir_resources, "fhir.resources", given.repeats)
        storing(1_903, given.repeats, given.redcap)


if __name__ == "__main__":
    main()
