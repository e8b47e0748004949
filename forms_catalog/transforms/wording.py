"""Steps that decide which fact a program is told, each in one sentence for the curator. Called by the review page."""

from __future__ import annotations

from collections.abc import Iterable

from forms_catalog.specs import Step
from forms_catalog.transforms import reported, select
from forms_catalog.transforms.answers import Refusal


def sentences(steps: Iterable[Step]) -> list[str]:
    """One sentence for each select and reported step that can be read; the checks name what is wrong with others."""
    return [said for step in steps if (said := _said(step))]


def _said(step: Step) -> str:
    if step.op == "reported":
        return reported.in_words(step.args)
    if step.op != "select":
        return ""
    try:
        return select.in_words(select.read(step.args))
    except Refusal:
        return ""
