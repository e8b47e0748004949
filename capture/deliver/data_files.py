"""A delivery as ODM or FHIR data, under the names of the dictionary its slice was cut by. The file page calls it."""

from __future__ import annotations

from capture.deliver import fhir_file, odm_file, slices
from capture.models import Delivery
from forms_catalog import exporting, publishing, triggering
from forms_catalog.specs import DictionarySpec

TYPES = {"odm": ("application/xml", "xml"), "fhir": ("application/fhir+json", "json")}  # media type and file ending


def write(row: Delivery, to: str) -> bytes:
    """The whole report as it stands in this revision; the same delivery gives the same bytes. Up to 3 queries.

    `to` is a key of TYPES. Raises ValueError, in words for a person, where the slice does not fit the dictionary.
    """
    slice_, spec = slices.load(row.payload), dictionary_of(row)
    if to == "odm":
        return odm_file.write(slice_, spec, file_oid=f"AskOnce.delivery.{row.uuid}", created=row.prepared_at)
    return fhir_file.write(slice_, spec, identifier=str(row.uuid), authored=row.prepared_at)


def dictionary_of(row: Delivery) -> DictionarySpec:
    """The program's dictionary, as the export page gives it, of the release the slice was cut by.

    Raises ValueError where that release does not hold the program.
    """
    release = publishing.spec_of(row.submission.release) if row.submission else publishing.current_spec()
    program = row.timepoint.enrollment.program
    spec = release.programs.get(program.code)
    if spec is None:
        raise ValueError(f"The release in force does not hold {program.code}. Accept the program first.")
    fields = [ask.field for ask in spec.asks]
    return exporting.program(
        program.code, program.title, int(spec.version), fields, spec.entries, triggering.of_program(spec)
    ).spec
