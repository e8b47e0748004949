"""What a decision will cost its program, said to the curator before it is taken: codes, limits, precision. Pure.

Called by the review page. What is warned of here stands as a note on the receipt when it happens (transforms, limits).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources

from forms_catalog.decision_checks import CODED
from forms_catalog.merging_ranges import NUMBERS, limits_of
from forms_catalog.readiness import unmatched
from forms_catalog.specs import ElementSpec, FieldSpec, MappingSpec, Step
from forms_catalog.transforms import ROLLUPS, codes_without_target
from forms_catalog.transforms.units import plain

FULL_DATES = frozenset({"ymd", "dmy", "mdy"})
HARMLESS = "Nothing"  # a roll-up that loses nothing says so


@cache
def _losses() -> Mapping[str, str]:
    """Roll-up → what it loses, from content/rollups.json."""
    text = resources.files("forms_catalog.content").joinpath("rollups.json").read_text(encoding="utf-8")
    return {row["name"]: row["loses"] for row in json.loads(text)["rollups"] if row["name"] in ROLLUPS}


def warnings(spec: MappingSpec, field: FieldSpec, elements: Mapping[str, ElementSpec]) -> tuple[str, ...]:
    """Sentences on what will be delivered blank, held back or coarser; () where nothing is lost.

    `elements` holds the decision's sources.
    """
    element = elements.get(spec.sources[0].element) if spec.sources else None
    if element is None or spec.relation == "new":
        return ()
    found = (*_codes(spec, field, element), *_limits(spec, field, element), *_precision(spec, element))
    return (*found, *_condition(spec))


def _codes(spec: MappingSpec, field: FieldSpec, element: ElementSpec) -> Iterator[str]:
    if field.kind not in CODED:
        return
    lost = codes_without_target(spec, element, [o.code for o in field.options])
    labels = {o.code: o.label for o in element.options}
    if lost:
        names = ", ".join(labels.get(c, c) for c in lost)
        yield f"No code for: {names}. Such an answer is delivered blank, with a note on the receipt."
    never = unmatched(spec, field)
    if never:
        yield f"Never delivered from here: {', '.join(o.label for o in never)}. It can only be chosen in the target."


def _limits(spec: MappingSpec, field: FieldSpec, element: ElementSpec) -> Iterator[str]:
    """Numbers that the form takes and the program does not, in the element's own unit."""
    low, high = limits_of(field, spec.transform, element) if element.datatype in NUMBERS else (None, None)
    said = [f"below {plain(low)}"] if low is not None and _outside(element.minimum, low, below=True) else []
    said += [f"above {plain(high)}"] if high is not None and _outside(element.maximum, high, below=False) else []
    if said:
        unit = f" {element.unit}" if element.unit and not element.unit.startswith("{") else ""
        yield f"A number {' or '.join(said)}{unit} is taken by the form and holds back this program's slice."


def _outside(own: float | None, limit: Decimal, *, below: bool) -> bool:
    if own is None:
        return True
    return Decimal(str(own)) < limit if below else Decimal(str(own)) > limit


def _precision(spec: MappingSpec, element: ElementSpec) -> Iterator[str]:
    for step in spec.transform:
        yield from _step(step, element)


def _step(step: Step, element: ElementSpec) -> Iterator[str]:
    loses = _losses().get(str(step.args.get("name", "")), "") if step.op == "rollup" else ""
    if loses and not loses.startswith(HARMLESS):
        yield f"Not delivered: {loses[0].lower()}{loses[1:]}"
    if step.op == "unit" and "decimals" in step.args:
        places = int(step.args["decimals"])
        yield f"Rounded to {f'{places} decimals' if places else 'a whole number'}, with a note where that changes it."
    if step.op == "date" and str(step.args.get("format", "ymd")) in FULL_DATES and element.datatype == "date":
        yield "A date known to the month or year only is delivered blank, with a note: dates are never filled in."


def _condition(spec: MappingSpec) -> Iterator[str]:
    if spec.condition:
        yield f"Delivered only where {spec.condition}; else blank, with a note."
