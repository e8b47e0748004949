"""What is odd about the items of a Questionnaire: types, labels, choices kept elsewhere, limits, logic."""

from __future__ import annotations

from dataclasses import replace

from forms_catalog.formats.fhir.choices import Choices
from forms_catalog.formats.fhir.kinds import CHOOSING, is_known, is_open, units_of
from forms_catalog.formats.fhir.logic import Logic
from forms_catalog.formats.fhir.parts import Json, is_true, text
from forms_catalog.formats.logic_checks import check_logic
from forms_catalog.formats.problems import Findings
from forms_catalog.language import number_of
from forms_catalog.specs import FieldSpec

_CONSEQUENCE = ("The question is then always asked.", "The text is kept and not computed.")


def check_field(
    field: FieldSpec, node: Json, choices: Choices, logic: tuple[Logic, Logic], findings: Findings
) -> FieldSpec:
    """The field, with a label where it had none; what a sponsor should know or correct becomes a finding."""
    line, path = field.line, field.path
    _check_type(field, node, findings)
    _check_choices(field, node, choices, findings)
    for what, found, so in zip(("branching", "calculation"), logic, _CONSEQUENCE, strict=True):
        if found.error and getattr(field, what) == found.text:
            findings.warning(line, path, f"{what}_unreadable", f"{found.error} {so}")
    units = units_of(node)
    if len(units) > 1:
        message = (
            f"The answer may be given in {len(units)} units ({', '.join(units[:5])[:100]}); none is taken as the one."
        )
        findings.info(line, path, "several_units", message)
    low, high = number_of(field.minimum), number_of(field.maximum)
    if low is not None and high is not None and low > high:
        message = f"The minimum {field.minimum[:40]} is above the maximum {field.maximum[:40]}: no answer fits."
        findings.error(line, path, "min_above_max", f"{message} Correct one of them.")
    if field.label or not field.asks:
        return field
    findings.warning(line, path, "missing_label", "The question has no text; its linkId is shown instead. Add a text.")
    return replace(field, label=field.name)


def _check_type(field: FieldSpec, node: Json, findings: Findings) -> None:
    type_ = text(node.get("type"))
    if not type_:
        message = "The item has no type; it is asked as text. Give it one of FHIR's item types."
        findings.error(field.line, field.path, "missing_type", message)
    elif not is_known(type_):
        message = f"Item type {type_[:40]!r} is not one of FHIR's; it is asked as text. Correct the type."
        findings.error(field.line, field.path, "unknown_type", message)
    if field.kind == "display" and is_true(node.get("required")):
        message = "A text that is only shown cannot be required. Clear the mark."
        findings.warning(field.line, field.path, "required_display", message)


def _check_choices(field: FieldSpec, node: Json, choices: Choices, findings: Findings) -> None:
    if choices.elsewhere:
        message = f"Its choices are kept elsewhere ({choices.elsewhere[:120]}). Ask the program for the list."
        findings.info(field.line, field.path, "choices_elsewhere", message)
    elif text(node.get("type")) in CHOOSING and not field.options and not is_open(node):
        message = "The question has no choices. Add them as answerOption."
        findings.error(field.line, field.path, "missing_choices", message)
    if is_open(node):
        message = "An answer in other words than the list is allowed there; here the list alone is offered."
        findings.info(field.line, field.path, "open_choice", message)


def check_fields(fields: tuple[FieldSpec, ...], findings: Findings) -> None:
    """Findings about the fields together; logic that could not be translated has been reported already."""
    if not fields:
        message = "The Questionnaire has no items that are questions. Check that the export is complete."
        findings.error(0, "", "no_fields", message)
    failed = findings.paths("branching_unreadable"), findings.paths("calculation_unreadable")
    check_logic((_without(field, *failed) for field in fields), findings)


def _without(field: FieldSpec, branching: set[str], calculation: set[str]) -> FieldSpec:
    if field.path not in branching and field.path not in calculation:
        return field
    return replace(
        field,
        branching="" if field.path in branching else field.branching,
        calculation="" if field.path in calculation else field.calculation,
    )
