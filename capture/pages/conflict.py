"""Both sides of a conflict, and the read-only record of a submitted visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from capture.ask import applicable, charges, load
from capture.ask.asksheet import AskSheet
from capture.enter import opening
from capture.enter.drafts import Typed
from capture.models import Delivery, Response, SetAsideValue, Submission, Visit
from forms_catalog import publishing
from forms_catalog.specs import ElementSpec
from forms_catalog.transforms import MISSING_CODES


@dataclass(frozen=True, slots=True)
class Difference:
    """One question with two values: what stands now and what this person typed."""

    label: str
    theirs: str
    theirs_by: str
    mine: str


@dataclass(frozen=True, slots=True)
class Given:
    """One submitted answer, in words."""

    response: Response
    label: str
    value: str
    section: str
    applies: bool = True  # False: another answer of the visit rules it out now


def context(visit: Visit, typed: Typed, error: Exception) -> dict[str, Any]:
    """What the conflict page shows: every question where the two sides differ."""
    return {"visit": visit, "message": str(error), "differences": differences(visit, typed)}


def differences(visit: Visit, typed: Typed) -> list[Difference]:
    """Typed answers that differ from what stands; nothing of either side is lost."""
    elements = _elements(visit)
    standing = {f"{r.element}~{r.qualifier}~{r.context}": r for r in _answers(visit)}
    found = []
    for key, entry in typed.entered.answers.items():
        theirs = standing.get(key)
        mine = entry.value or entry.missing
        if (theirs.value or theirs.missing) != mine if theirs else True:
            element = elements.get(key.split("~")[0])
            there = words(element, theirs.value, theirs.missing) if theirs else ""
            by = theirs.author if theirs else ""
            found.append(Difference(_label(element, key), there, by, words(element, entry.value, entry.missing)))
    return found


def submitted_context(visit: Visit) -> dict[str, Any]:
    """The submitted visit: answers by section, its submission, its deliveries."""
    elements = _elements(visit)
    rows = _answers(visit)
    out = {a.id for a in applicable.ruled_out([load.answer_of(r) for r in rows], elements)}
    given = [
        Given(
            r,
            _label(elements.get(r.element), r.element, r.qualifier),
            _value(elements, r),
            _section(elements, r),
            str(r.uuid) not in out,
        )
        for r in rows
    ]
    order = {e: i for i, e in enumerate(elements)}
    given.sort(key=lambda g: (order.get(g.response.element, 9999), g.response.context))
    deliveries = Delivery.objects.filter(timepoint__visit=visit).select_related("timepoint__enrollment__program")
    return {
        "visit": visit,
        "answers": given,
        "submission": visit.submissions.order_by("-revision").first(),
        "deliveries": deliveries,
        "set_aside": SetAsideValue.objects.filter(visit=visit),
    }


def _elements(visit: Visit) -> Mapping[str, ElementSpec]:
    """The elements as the visit's own form has them: what was retired since still reads as it did."""
    release = opening.release_of(visit)
    return publishing.spec_of(release).elements if release else {}


def frozen_sheet(submission: Submission) -> AskSheet:
    """The ask sheet as it was frozen at submit."""
    return charges.thaw(submission.sheet)[0]


def _answers(visit: Visit) -> list[Response]:
    return list(Response.objects.filter(visit=visit, is_current=True).select_related("replaces"))


def words(element: ElementSpec | None, value: str, missing: str) -> str:
    """A value as a person reads it: option labels, unit, or the missing reason."""
    if missing:
        return MISSING_CODES.get(missing, missing)
    labels = {o.code: o.label for o in element.options} if element else {}
    text = ", ".join(labels.get(code, code) for code in value.split("|"))
    return f"{text} {element.unit}" if element and element.unit and not element.unit.startswith("{") else text


def _value(elements: Any, response: Response) -> str:
    return words(elements.get(response.element), response.value, response.missing)


def _label(element: ElementSpec | None, key: str, qualifier: str = "") -> str:
    label = element.label if element else key.replace("any-new", "Anything new")
    return f"{label} ({qualifier.replace('-', ' ')})" if qualifier else label


def _section(elements: Any, response: Response) -> str:
    element = elements.get(response.element)
    return element.section if element else "records"
