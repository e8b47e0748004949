"""A request sheet to DictionarySpec: ids made up, kinds guessed and said so, nothing refused whole for a bad row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.identity import content_version, paths_of
from forms_catalog.formats.logic_checks import check_logic
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.formats.table import columns, visits
from forms_catalog.formats.table.answers import kind_of, options_of, says_yes
from forms_catalog.formats.table.sheets import Sheet, in_file
from forms_catalog.formats.units_in_labels import unit_of
from forms_catalog.specs import YES_NO, DictionarySpec, EventSpec, FieldSpec, Option

FORMAT = "table"
MAX_ROWS = 20_000
LONGEST_ID = 60
HEADING = "heading"
KEPT = ("why", "from", "until", "reuse window")  # stand in `original` under these names, whatever the column is called
CODES = {
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
    "ncit": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "umls": "http://terminology.hl7.org/CodeSystem/umls",
    "cde": "https://cadsr.cancer.gov",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One row with a question: where it stands, its cells by what they say, all its cells as written, its visits."""

    line: int
    form: str
    name: str
    said: dict[str, str]
    original: tuple[tuple[str, str], ...]
    visits: tuple[str, ...] = ()

    def cell(self, what: str) -> str:
        return self.said.get(what, "")


def looks_like(data: bytes) -> bool:
    """Whether a row near the top names a question column and one that says more about it. Raises UnreadableFile."""
    return bool(in_file(data, Findings(), columns.HEADER_ROWS))


def read(data: bytes, name: str = "") -> DictionarySpec:
    """Every question of every sheet, with what was guessed about it. Raises UnreadableFile."""
    findings = Findings()
    sheets = in_file(data, findings)
    if not sheets:
        raise UnreadableFile("no_header", "No row names a question column. Give the sheet a header row.")
    for sheet in sheets:
        columns.report(sheet.header, findings, sheet.where)
    asked = [row for sheet in sheets for row in _rows(sheet, findings)]
    if len(asked) > MAX_ROWS:
        raise UnreadableFile("too_many_rows", f"The file has more than {MAX_ROWS} questions. Split it by form.")
    if not asked:
        findings.error(0, "", "no_fields", "The sheet has a header and no questions. Check that it is complete.")
    asked = _by_visits(_named(asked, findings), findings)
    fields = _fields(asked, findings)
    check_logic(fields, findings)
    version = content_version(data)
    return DictionarySpec(FORMAT, version, fields, findings.all(), name, events=_events(asked))


def _rows(sheet: Sheet, findings: Findings) -> Iterator[_Asked]:
    form = section = ""
    for row in sheet.rows:
        cells = [c.strip() for c in row.cells]
        if not any(cells):
            continue
        pairs = list(zip(sheet.header.names, sheet.header.written, cells, strict=False))
        said = {what: cell for what, _, cell in pairs if what and cell}
        form = said.get("form", form) or sheet.name or "request"
        section = said.get("section", "" if "section" in sheet.header.names else section)
        if sum(map(bool, cells)) == 1 and len(cells) > 3 and "form" not in said:
            section = plain(next(filter(None, cells)))
            said = {"label": section, "type": HEADING}
            text = f"{sheet.where}{section[:60]!r} stands alone in its row; it is shown as a heading."
            findings.warning(row.line, "", "taken_as_heading", f"{text[0].upper()}{text[1:]} A question needs a type.")
        label = said.get("label") or (said.get("note", "") if "label" not in sheet.header.names else "")
        if not plain(label):
            if list(said) != ["form"]:
                _without_question(row.line, sheet.where, cells, findings)
            continue
        original = tuple((what if what in KEPT else written or "unnamed", c) for what, written, c in pairs if c)
        yield _Asked(row.line, form, said.get("id", ""), {**said, "label": label, "section": section}, original)


def _without_question(line: int, where: str, cells: list[str], findings: Findings) -> None:
    shown = " | ".join(c for c in cells if c)[:60]
    text = f"{where}this row ({shown!r}) asks no question and was left out. Write the question or clear the row."
    findings.error(line, "", "missing_question", text[0].upper() + text[1:])


def _named(asked: list[_Asked], findings: Findings) -> list[_Asked]:
    """Each row with a name: its id, else one made of its question. A name used twice is reported."""
    taken = {row.name for row in asked if row.name}
    first: dict[str, int] = {}
    named = []
    for row in asked:
        name = row.name or _slug(row.cell("label"), taken)
        if name in first:
            text = f"The id {name[:60]!r} is already used in line {first[name]}. Give each question its own."
            findings.error(row.line, name, "duplicate_name", text)
        first.setdefault(name, row.line)
        taken.add(name)
        named.append(replace(row, name=name, visits=visits.names_of(row.cell("visits"))))
    made = sum(not row.name for row in asked)
    if made:
        text = f"{made} questions have no id; one was made of their wording. Ids of your own survive a rewording."
        findings.info(0, "", "id_made_up", text)
    return named


def _slug(label: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", plain(label).lower()).strip("_")[:LONGEST_ID].strip("_") or "question"
    base = base if base[0].isalpha() else f"q_{base}"
    number = 2
    name = base
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _by_visits(asked: list[_Asked], findings: Findings) -> list[_Asked]:
    """A form is due as a whole: questions of one form asked at different visits become forms of their own."""
    everywhere = tuple(dict.fromkeys(v for row in asked for v in row.visits if not visits.EVERY.fullmatch(v)))
    whole = [replace(row, visits=visits.written_out(row.visits, everywhere)) for row in asked]
    sets: dict[str, dict[tuple[str, ...], str]] = {}
    for row in whole:
        known = sets.setdefault(row.form, {})
        known.setdefault(row.visits, _part(row, set(known.values())))
    for form, found in sets.items():
        if len(found) > 1:
            text = f"The questions of form {form[:60]!r} are asked at different visits; it was split into {len(found)}."
            findings.info(0, "", "form_split", f"{text} A question is asked only where its row says so.")
    return [replace(row, form=sets[row.form][row.visits]) if len(sets[row.form]) > 1 else row for row in whole]


def _part(row: _Asked, taken: set[str]) -> str:
    """The name of a part of a form: the form with its visits, numbered where two sets read alike."""
    name = f"{row.form} ({visits.short(row.visits)})"
    return name if name not in taken else f"{name} {len(taken) + 1}"


def _events(asked: list[_Asked]) -> tuple[EventSpec, ...]:
    return visits.events_of({row.form: row.visits for row in asked})


def _fields(asked: list[_Asked], findings: Findings) -> tuple[FieldSpec, ...]:
    paths = paths_of((row.form, row.name) for row in asked)
    return tuple(_field(row, path, at, findings) for at, (row, path) in enumerate(zip(asked, paths, strict=True)))


def _field(row: _Asked, path: str, order: int, findings: Findings) -> FieldSpec:
    label, note = plain(row.cell("label")), plain(row.cell("note"))
    options = options_of(row.cell("options"), row.line, path, findings) if row.cell("options") else ()
    kind, date_format, guess = kind_of(row.cell("type"), label, row.cell("unit"), bool(options))
    if guess:
        text = f"The sheet names no type that is known here; {kind} was taken from {guess}. Fill in a type."
        findings.info(row.line, path, "kind_guessed", text)
    options, kind, asks = _answered(options, kind, row, path, findings)
    return FieldSpec(
        path=path,
        name=row.name,
        form=row.form,
        label=label,
        kind=kind,
        order=order,
        line=row.line,
        section=plain(row.cell("section")),
        note=note if note != label else "",
        field_type=row.cell("type"),
        options=options,
        unit=row.cell("unit") or (unit_of(label, note, number=kind != "text") if kind in _MEASURED else ""),
        date_format=date_format,
        minimum=row.cell("minimum"),
        maximum=row.cell("maximum"),
        branching=row.cell("branching"),
        required=asks and says_yes(row.cell("required")),
        identifier=says_yes(row.cell("identifier")),
        asks=asks,
        repeating=says_yes(row.cell("repeating")),
        codes=tuple(_codes(row)),
        original=row.original,
    )


_MEASURED = ("integer", "decimal", "text")


def _answered(
    options: tuple[Option, ...], kind: str, row: _Asked, path: str, findings: Findings
) -> tuple[tuple[Option, ...], str, bool]:
    """(choices, kind of FieldSpec, whether a person answers)."""
    if kind == "yesno":
        return YES_NO, "choice", True
    if kind == "calculated":
        return (), "decimal", False
    if kind in ("choice", "multichoice") and not options:
        text = "The question has no list of choices. Add them as '1=Yes | 0=No'."
        findings.error(row.line, path, "missing_choices", text)
    return (options if kind in ("choice", "multichoice") else ()), kind, kind != "display"


def _codes(row: _Asked) -> Iterator[tuple[str, str, str]]:
    for what, system in CODES.items():
        version = row.cell("cde_version") if what == "cde" else ""
        for code in re.split(r"[,;|\s]+", row.cell(what)):
            if code:
                yield system, f"{code}v{version}" if version else code, ""
