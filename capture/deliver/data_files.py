"""A delivery as ODM, FHIR or XForm data, under the names of the dictionary its slice was cut by.

The file page and the API call it.
"""

from __future__ import annotations

from capture.deliver import fhir_file, odm_file, sending, slices, xform_file
from capture.models import Delivery
from forms_catalog import exporting, publishing, triggering
from forms_catalog.specs import DictionarySpec

TYPES = {  # media type and file ending
    "odm": ("application/xml", "xml"),
    "fhir": ("application/fhir+json", "json"),
    "xform": ("text/xml", "xform.xml"),
}


def write(row: Delivery, to: str) -> bytes:
    """The whole report as it stands in this revision; the same delivery gives the same bytes. Up to 4 queries.

    `to` is a key of TYPES. Raises ValueError, in words for a person, where the slice does not fit the dictionary.
    """
    slice_, spec = slices.load(row.payload), dictionary_of(row)
    if to == "odm":
        return odm_file.write(slice_, spec, file_oid=f"AskOnce.delivery.{row.uuid}", created=row.prepared_at)
    if to == "xform":
        last = sending.last_that_left(row)
        return xform_file.write(slice_, spec, instance=str(row.uuid), replaces=str(last.uuid) if last else "")
    return fhir_file.write(slice_, spec, identifier=str(row.uuid), authored=row.prepared_at)


def named(row: Delivery, to: str) -> tuple[bytes, str, str]:
    """The file, its media type and its ending. Raises ValueError, in words, also where `to` is none of TYPES."""
    if to not in TYPES:
        raise ValueError(f"A delivery is not written as '{to[:20]}'. Choose one of {', '.join(TYPES)}.")
    return write(row, to), *TYPES[to]


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
