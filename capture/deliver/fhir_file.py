"""A slice as a FHIR R4 QuestionnaireResponse under the linkIds of the program's exported Questionnaire.

Pure; called by data_files. A form that repeats is its group once a repeat, in instance order, whose `id` is
"form-instance"; the numbers are those of the import file. The encounter names the report, where its entry has several
as "entry#number". Blanks are left out. A report that was entered in error holds nothing and says so as its status.
The same slice gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from capture.deliver import limits
from capture.deliver.slices import CellOut, Row, Slice, check_places
from forms_catalog.formats.fhir.parts import OWN, Json
from forms_catalog.formats.fhir.writing import Outline, outline
from forms_catalog.formats.fhir.writing_items import answer_of
from forms_catalog.specs import DictionarySpec, FieldSpec


def write(slice_: Slice, spec: DictionarySpec, *, identifier: str, authored: datetime) -> bytes:
    """One QuestionnaireResponse. `spec` is the program's dictionary as it is exported (exporting.program), `identifier`
    names the delivery, `authored` knows its zone.

    Raises ValueError, naming what to do, where the program's own number is missing or `spec` has no place for a value.
    """
    if authored.tzinfo is None:
        raise ValueError("The time a file is made at needs its zone.")
    check_places(slice_, {f.path for f in spec.fields})
    known = outline(spec)
    items = [] if slice_.withdrawn else list(_Answers(known).items(known.items, slice_.rows))
    body: Json = {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"value": identifier},
        "questionnaire": known.address,
        "status": "entered-in-error" if slice_.withdrawn else "completed",
        "subject": {"type": "Patient", "identifier": {"value": slice_.subject_id}},
        "encounter": {"identifier": {"value": slice_.report}, "display": slice_.label or slice_.entry_code},
        "authored": authored.isoformat(timespec="seconds"),
    }
    return json.dumps(body | ({"item": items} if items else {}), ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True, slots=True)
class _Answers:
    """Fills the items of a Questionnaire from rows; what holds no answer is left out."""

    known: Outline

    def items(self, asked: Sequence[Json], rows: Sequence[Row]) -> Iterator[Json]:
        for item in asked:
            if item["type"] == "group":
                yield from self._group(item, rows)
            elif answers := self._answers(self.known.fields[item["linkId"]], item["linkId"], rows):
                yield {"linkId": item["linkId"], "answer": answers}

    def _group(self, item: Json, rows: Sequence[Row]) -> Iterator[Json]:
        form = next((e["valueString"] for e in item.get("extension", ()) if e["url"] == f"{OWN}form"), "")
        mine = [row for row in rows if not form or row.form == form]
        for part in [[row] for row in mine] if item.get("repeats") else [mine]:
            if inside := list(self.items(item["item"], part)):
                named = {"id": _id(form or item["linkId"], part[0])} if item.get("repeats") else {}
                yield named | {"linkId": item["linkId"], "item": inside}

    def _answers(self, field: FieldSpec, link: str, rows: Sequence[Row]) -> list[Json]:
        """The answers of every row where the field repeats by itself, each named by its repeat; else of the first."""
        given = [(row, c) for row in rows for c in row.cells if c.path == field.path and c.value]
        if not field.repeating or len(rows) == 1:
            return [answer for _, cell in given[:1] for answer in self._values(field, cell)]
        return [{"id": _id(link, row)} | answer for row, cell in given for answer in self._values(field, cell)]

    def _values(self, field: FieldSpec, cell: CellOut) -> list[Json]:
        texts = cell.value.split("|") if cell.multiple else [limits.iso(cell.value, cell.date_format)]
        return [answer_of(field, text, self.known.names) for text in texts]


def _id(name: str, row: Row) -> str:
    """FHIR takes no spaces in an id."""
    return re.sub(r"\s+", "_", f"{name}-{row.instance or '1'}")
