"""A candidate of the matcher as the decision it stands for: value map, unit, date format, which record. Pure.

Called by proposing (the machine confirms some) and by the review page (a person starts from it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_catalog.decision_checks import CODED
from forms_catalog.drafts import draft_id
from forms_catalog.matching import units
from forms_catalog.matching.values import answer
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec, Relation, Source, Step

DIRECT: frozenset[Relation] = frozenset({"exact", "recode", "unit_conversion"})
DATES = frozenset({"date", "datetime"})
# how programs word a missing answer (in one wording, see matching.values) → our missing code
MISSING = {"unknown": "unknown", "not done": "not-done", "not applicable": "not-applicable", "not reported": "unknown"}


def suggest(
    program: str, field: FieldSpec, element: ElementSpec, relation: Relation, value_map: Mapping[str, str]
) -> MappingSpec:
    """The decision on `field` that answers it from `element`. A person may have to complete it."""
    if relation == "new":
        return new(program, field)
    steps = [*_records(field, element), *_rollup(field, element, relation)]
    if field.kind in CODED:
        steps.append(Step("recode", {"map": dict(value_map), **_missing(field)}))
    if relation == "unit_conversion" and (unit := units.stated(field.unit, field.label)):
        steps.append(Step("unit", {"from": element.unit, "to": unit.ucum}))
    if element.datatype in DATES:
        steps += _date(field)
    return MappingSpec(program, field.path, relation, (Source(element.id),), tuple(steps))


def _date(field: FieldSpec) -> list[Step]:
    """A date in the program's own format; answers are kept in one of ours, also to a question only one program has."""
    return [Step("date", {"format": field.date_format or "ymd"})] if field.kind in DATES else []


def new(program: str, field: FieldSpec) -> MappingSpec:
    """The decision that no element fits: a draft element asks for this program only."""
    return MappingSpec(program, field.path, "new", (Source(draft_id(program, field.path)),), tuple(_date(field)))


def complete(field: FieldSpec, element: ElementSpec, relation: Relation) -> bool:
    """Whether the suggestion leaves nothing to a person: a direct relation, and no record to choose."""
    return relation in DIRECT and not _records(field, element)


def _records(field: FieldSpec, element: ElementSpec) -> list[Step]:
    """A plain field on an element with records takes one of them; the first of the period is the usual wish."""
    if element.reuse != "record" or field.repeating:
        return []
    return [Step("rollup", {"name": "first_of", "scope": "interval"})]


def _rollup(field: FieldSpec, element: ElementSpec, relation: Relation) -> list[Step]:
    if relation != "broader":
        return []
    if field.kind not in CODED and element.options:
        return [Step("rollup", {"name": "label_of"})]
    if element.datatype in DATES and field.date_format == "my":
        return [Step("rollup", {"name": "month_year_of"})]
    return []


def _missing(field: FieldSpec) -> dict[str, Any]:
    """The program's own codes for answers that are missing, by what their labels say."""
    found = {MISSING[answer(o.label)]: o.code for o in field.options if answer(o.label) in MISSING}
    return {"missing": found} if found else {}
