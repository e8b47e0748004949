"""What is odd about a REDCap dictionary once its rows are fields: names, forms, choices, limits, logic."""

from __future__ import annotations

import re
from collections.abc import Iterable

from forms_catalog.formats.logic_checks import check_logic
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.redcap.kinds import CHOICES, is_known
from forms_catalog.language import number_of
from forms_catalog.specs import FieldSpec

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}.*", re.DOTALL)


def check_fields(fields: tuple[FieldSpec, ...], findings: Findings) -> None:
    """Report what a sponsor should correct; no field is changed."""
    _check_names(fields, findings)
    _check_forms(fields, findings)
    for field in fields:
        _check_words(field, findings)
        _check_limits(field, findings)
    check_logic(fields, findings)


def _check_names(fields: Iterable[FieldSpec], findings: Findings) -> None:
    first: dict[str, int] = {}
    for field in fields:
        if field.name in first:
            message = (
                f"The name {field.name[:60]!r} is already used in line {first[field.name]}. Give each field its own."
            )
            findings.error(field.line, field.path, "duplicate_name", message)
        elif not _NAME.fullmatch(field.name):
            message = f"REDCap does not take the name {field.name[:60]!r}: use a-z, 0-9 and _, a letter first."
            findings.warning(field.line, field.path, "bad_name", message)
        first.setdefault(field.name, field.line)


def _check_forms(fields: Iterable[FieldSpec], findings: Findings) -> None:
    seen: set[str] = set()
    last = ""
    for field in fields:
        if field.form != last and field.form in seen:
            message = f"Form {field.form[:60]!r} goes on here after another form. Put all its fields together."
            findings.warning(field.line, field.path, "form_not_contiguous", message)
        seen.add(field.form)
        last = field.form


def _check_words(field: FieldSpec, findings: Findings) -> None:
    line, path = field.line, field.path
    if field.field_type in CHOICES and not field.options:
        findings.error(line, path, "missing_choices", "The question has no choices. Add them as 'code, label | …'.")
    if field.field_type == "sql":
        message = "Its choices come from the program's own database. Ask the program for the list."
        findings.info(line, path, "choices_elsewhere", message)
    if field.field_type == "descriptive" and dict(field.original).get("required_field"):
        findings.warning(
            line, path, "required_display", "A text that is only shown cannot be required. Clear the mark."
        )
    if field.field_type == "text" and not is_known(field.validation):
        message = f"Validation {field.validation[:40]!r} is not one of REDCap's own; the answer is taken as text."
        findings.info(line, path, "unknown_validation", message)


def _check_limits(field: FieldSpec, findings: Findings) -> None:
    low, high = field.minimum, field.maximum
    if field.kind in ("integer", "decimal"):
        for limit in (low, high):
            if limit and number_of(limit) is None and "[" not in limit:
                message = f"The limit {limit[:40]!r} is not a number and is not checked. Correct it."
                findings.warning(field.line, field.path, "bad_limit", message)
    first, second = number_of(low), number_of(high)
    numbers_wrong = first is not None and second is not None and first > second
    dates_wrong = bool(_DATE.fullmatch(low) and _DATE.fullmatch(high)) and low > high
    if numbers_wrong or dates_wrong:
        message = f"The minimum {low[:40]} is above the maximum {high[:40]}: no answer fits. Correct one of them."
        findings.error(field.line, field.path, "min_above_max", message)
