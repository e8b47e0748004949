"""What can be exported, found in the database for a person: the catalog, one version of a program, a merged form.

Called by the export page, the API and manage.py export_dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms_catalog import exporting, formats, intake, mapping, seeding
from forms_catalog.exporting import Exported
from forms_catalog.formats import triggers
from forms_catalog.models import DictionaryVersion
from forms_catalog.specs import Loss, Written
from sites.models import Program

MOST_PROGRAMS = 20


class ExportError(LookupError):
    """There is nothing to export under that name; the message says what to do."""

    code = "nothing_to_export"


@dataclass(frozen=True, slots=True)
class Export:
    """A written dictionary: its bytes, its file name, what is in it and what could not be said."""

    written: Written
    file_name: str
    title: str
    fields: int
    losses: tuple[Loss, ...]


def catalog() -> Exported:
    """The released elements."""
    elements, closed = seeding.elements_and_closed()
    return exporting.catalog(e for key, e in elements.items() if key not in closed)


def program(of: Program, number: int | None = None) -> Exported:
    """One version of a program, the newest where none is named. Raises ExportError."""
    versions = DictionaryVersion.objects.filter(program=of).defer("original").order_by("-number")
    found = (versions if number is None else versions.filter(number=number)).first()
    if found is None:
        what = f"no version {number}" if number is not None else "no dictionary yet"
        raise ExportError(f"{of.code} has {what}. Choose another, or upload its dictionary first.")
    plan = intake.schedule_of(found)
    fields, entries = intake.fields_of(found), plan.entries if plan else ()
    triggered = triggers.of_rules(plan.rules) if plan else ()
    return exporting.program(of.code, of.title, found.number, fields, entries, triggered)


def merged(programs: Sequence[Program]) -> Exported:
    """The merged form of the newest versions of these programs. Raises ExportError."""
    if not programs or len(programs) > MOST_PROGRAMS:
        raise ExportError(f"Choose 1 to {MOST_PROGRAMS} programs for a merged form.")
    specs = []
    for one in programs:
        version = intake.latest(one)
        if version is None:
            raise ExportError(f"{one.code} has no dictionary yet. Upload it first, or leave the program out.")
        specs.append(mapping.decided(version))
    names = {s.element for p in specs for a in p.asks if a.mapping for s in a.mapping.sources}
    return exporting.merged(specs, seeding.elements(names))


def write(exported: Exported, format_name: str) -> Export:
    """The file. Raises ExportError where the format is not written here."""
    if format_name not in formats.writers():
        raise ExportError(f"'{format_name[:20]}' is not written here. Choose one of {', '.join(formats.writers())}.")
    written = formats.write(exported.spec, format_name)
    name = exporting.file_name(exported, written.extension)
    losses = (*exported.left_out, *written.losses)
    return Export(written, name, exported.spec.title, len(exported.spec.fields), losses)
