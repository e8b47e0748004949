"""XLSForm to DictionarySpec. Called by formats.read; nothing is refused whole for a bad row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms_catalog.formats.identity import content_version
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.formats.xlsform import sheets as forms
from forms_catalog.formats.xlsform.checks import check_fields
from forms_catalog.formats.xlsform.choices import ChoiceList, lists_of
from forms_catalog.formats.xlsform.fields import Reader, options_of
from forms_catalog.formats.xlsform.logic import Expressions
from forms_catalog.formats.xlsform.sheets import NO_TABLE, Table
from forms_catalog.formats.xlsform.structure import Placed, placed
from forms_catalog.formats.xlsx_input import Sheet, read_workbook
from forms_catalog.language.xpath import Question
from forms_catalog.specs import DictionarySpec, FieldSpec

FORMAT = "xlsform"
MAX_ROWS = 8_000  # four times the largest dictionary seen
_HEAD = 20  # rows that are looked at to recognise the format


@dataclass(frozen=True, slots=True)
class Form:
    """What an XLSForm says: fields, title and language; and the logic that could not be read, as (path, what)."""

    fields: tuple[FieldSpec, ...]
    title: str
    language: str
    unreadable: frozenset[tuple[str, str]]


def looks_like(data: bytes) -> bool:
    """Whether the workbook has a sheet 'survey' with columns type and name or label. Raises UnreadableFile."""
    survey = forms.find(read_workbook(data, Findings(), _HEAD), "survey")
    names = {column.name for column in forms.table(survey, Findings()).columns}
    return "type" in names and bool(names & {"name", "label"})


def read(data: bytes, name: str = "") -> DictionarySpec:
    """The dictionary with every problem found. Raises UnreadableFile where the workbook is no XLSForm."""
    findings = Findings()
    sheets = read_workbook(data, findings)
    if forms.find(sheets, "survey") is None:
        raise UnreadableFile("no_survey", "The workbook has no sheet called 'survey'. Export the XLSForm again.")
    form = form_of(sheets, findings)
    check_fields(form.fields, form.unreadable, findings)
    return DictionarySpec(
        format=FORMAT,
        version=content_version(data),
        fields=form.fields,
        problems=findings.all(),
        title=form.title or name,
        language=form.language,
    )


def form_of(sheets: tuple[Sheet, ...], findings: Findings) -> Form:
    """The sheets as fields. The writer reads its own rows with it. Raises UnreadableFile('too_many_rows')."""
    survey, choices, settings = (
        forms.table(forms.find(sheets, n), findings) for n in ("survey", "choices", "settings")
    )
    said = settings.lines[0].cells if settings.lines else {}
    main = _main_language(survey, said.get("default_language", ""))
    lists = lists_of(choices, main, findings)
    if len(survey.lines) > MAX_ROWS:
        raise UnreadableFile("too_many_rows", f"The form has more than {MAX_ROWS} rows. Split it.")
    name = said.get("form_id") or said.get("form_title") or "form"
    rows = placed(survey, main, name, findings)
    reader = Reader(main, _languages(survey, choices, main), lists, Expressions(_questions(rows, lists)), findings)
    fields = tuple(reader.field(row, order) for order, row in enumerate(rows))
    return Form(fields, said.get("form_title", ""), main, frozenset(reader.unreadable))


def _main_language(survey: Table, default: str) -> str:
    """The default language of the settings, else that of the first label column; '' where labels name none."""
    found = survey.languages()
    wanted = forms.language_of(default) if default and default.lower() != "default" else ""
    if wanted in found or "" in found:
        return wanted
    return found[0] if found else wanted


def _languages(survey: Table, choices: Table, main: str) -> tuple[str, ...]:
    """Every further language."""
    found = [*survey.languages("label"), *survey.languages("hint"), *(choices or NO_TABLE).languages("label")]
    return tuple(language for language in dict.fromkeys(found) if language and language != main)


def _questions(rows: tuple[Placed, ...], lists: Mapping[str, ChoiceList]) -> dict[str, Question]:
    """What expressions must know about the questions; of two with one name the first is meant."""
    found: dict[str, Question] = {}
    for row in rows:
        options = options_of(row.type, lists.get(row.type.list_name))
        found.setdefault(row.name, Question(row.type.kind, tuple(option.code for option in options)))
    return found
