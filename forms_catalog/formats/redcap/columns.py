"""Recognise the header of a REDCap data dictionary: verbose or API names, any number and order of columns."""

from __future__ import annotations

from collections.abc import Iterable

from forms_catalog.formats.csv_rows import Row
from forms_catalog.formats.headers import Header, key
from forms_catalog.formats.problems import Findings

# API name -> the verbose names REDCap has used for it, newest first.
COLUMNS: dict[str, tuple[str, ...]] = {
    "field_name": ("Variable / Field Name", "Variable Name", "Variable"),
    "form_name": ("Form Name", "Instrument Name"),
    "section_header": ("Section Header",),
    "field_type": ("Field Type",),
    "field_label": ("Field Label",),
    "select_choices_or_calculations": (
        "Choices, Calculations, OR Slider Labels",
        "Choices or Calculations",
        "Choices OR Slider Labels",
        "Choices",
    ),
    "field_note": ("Field Note",),
    "text_validation_type_or_show_slider_number": (
        "Text Validation Type OR Show Slider Number",
        "Text Validation Type",
    ),
    "text_validation_min": ("Text Validation Min",),
    "text_validation_max": ("Text Validation Max",),
    "identifier": ("Identifier?",),
    "branching_logic": ("Branching Logic (Show field only if...)", "Branching Logic"),
    "required_field": ("Required Field?",),
    "custom_alignment": ("Custom Alignment",),
    "question_number": ("Question Number (surveys only)", "Question Number"),
    "matrix_group_name": ("Matrix Group Name",),
    "matrix_ranking": ("Matrix Ranking?",),
    "field_annotation": ("Field Annotation",),
}
ESSENTIAL = ("form_name", "field_type", "field_label")
HEADER_ROWS = 10  # a title or blank lines may stand above the header


_BY_KEY = {key(name): api for api, names in COLUMNS.items() for name in (api, *names)}


def find_header(rows: Iterable[Row]) -> Header | None:
    """The header among the first rows, or None where none looks like REDCap's."""
    for count, row in enumerate(rows):
        if count >= HEADER_ROWS:
            return None
        names = tuple(_BY_KEY.get(key(cell), "") for cell in row.cells)
        if _is_redcap(names):
            return Header(row.line, tuple(row.cells), _first_mended(names))
    return None


def _is_redcap(names: tuple[str, ...]) -> bool:
    known = {name for name in names if name}
    return (
        len(known) >= 3
        and bool(known & {"field_type", "select_choices_or_calculations"})
        and ("field_name" in known or (names[0] == "" and "field_label" in known))
    )


def _first_mended(names: tuple[str, ...]) -> tuple[str, ...]:
    """The name column is always the first: a damaged first cell (a lost letter, a stray mark) is taken as that."""
    return names if "field_name" in names else ("field_name", *names[1:])


def report(header: Header, findings: Findings) -> None:
    """Problems of the header itself: damaged first cell, double, missing and unknown columns."""
    line = header.line
    if _BY_KEY.get(key(header.written[0])) != header.names[0]:
        found = header.written[0][:60]
        message = f"The first header cell {found!r} is damaged; it was taken as 'Variable / Field Name'."
        findings.info(line, "", "damaged_header", message)
    seen: set[str] = set()
    for written, name in zip(header.written, header.names, strict=True):
        if name and name in seen:
            findings.warning(line, "", "duplicate_column", f"Column {written[:60]!r} is there twice; the first counts.")
        elif not name and written.strip():
            findings.info(line, "", "unknown_column", f"Column {written[:60]!r} is not REDCap's; it is kept, unused.")
        seen.add(name)
    for name in ESSENTIAL:
        if name not in seen:
            findings.warning(line, "", "missing_column", f"There is no column {COLUMNS[name][0]!r}. Add it if you can.")
