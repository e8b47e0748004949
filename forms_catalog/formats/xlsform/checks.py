"""What is odd about an XLSForm once its rows are fields: names, calculations, what expressions read. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from forms_catalog.formats.logic_checks import check_logic
from forms_catalog.formats.problems import Findings
from forms_catalog.specs import FieldSpec

_NAME = re.compile(r"[^\W\d][\w.-]*")


def check_fields(fields: tuple[FieldSpec, ...], unreadable: Collection[tuple[str, str]], findings: Findings) -> None:
    """Report what a sponsor should correct. `unreadable` logic, as (path, what), is reported already."""
    _check_names(fields, findings)
    for field in fields:
        if field.field_type == "calculate" and not field.calculation:
            message = "The field has no calculation. Fill in that column."
            findings.error(field.line, field.path, "calculation_missing", message)
    check_logic((_readable(field, unreadable) for field in fields), findings)


def _readable(field: FieldSpec, unreadable: Collection[tuple[str, str]]) -> FieldSpec:
    """The field without logic that is in another language still."""
    if not any((field.path, what) in unreadable for what in ("branching", "calculation")):
        return field
    branching, calculation = (
        "" if (field.path, what) in unreadable else getattr(field, what) for what in ("branching", "calculation")
    )
    return replace(field, branching=branching, calculation=calculation)


def _check_names(fields: Iterable[FieldSpec], findings: Findings) -> None:
    for field in fields:
        if not _NAME.fullmatch(field.name):
            message = f"XLSForm does not take the name {field.name[:60]!r}: use letters, digits and _, a letter first."
            findings.warning(field.line, field.path, "bad_name", message)
