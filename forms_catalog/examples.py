"""Examples for a decision that is being taken: what an answer of the catalog would become in the program. Pure.

Called by the review page. The values come out of the real transforms, so what is shown is what would be delivered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from forms_catalog.specs import ElementSpec, MappingSpec, Source
from forms_catalog.transforms import Answer, Facts, Inputs, Outcome, Record, deliver

DAY = "2026-03-14"
AFTER, AS_OF = date(2026, 1, 1), date(2026, 3, 31)  # the example's day lies in this interval
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Example:
    """`given` in the catalog's words, `value` as the program gets it ('' = blank), `note` why it is blank."""

    given: str
    value: str
    note: str


def examples(spec: MappingSpec, elements: Mapping[str, ElementSpec]) -> tuple[Example, ...]:
    """Up to SHOWN answers and a missing one, delivered; () where a source is not in the catalog."""
    sources = [elements.get(s.element) for s in spec.sources]
    first = next(iter(sources), None)
    if first is None or None in sources:
        return ()
    return tuple(_example(spec, elements, given, value, missing) for given, value, missing in _samples(first))


def _example(spec: MappingSpec, elements: Mapping[str, ElementSpec], given: str, value: str, missing: str) -> Example:
    facts = Facts(as_of=AS_OF, after=AFTER, elements=elements)
    answers = [_answer(spec.sources[0], elements[spec.sources[0].element], value, missing)]
    for source in spec.sources[1:]:
        element = elements[source.element]
        other = spec.qualifier_options[0].code if source.qualifier and spec.qualifier_options else _first(element)
        answers.append(_answer(source, element, other, ""))
    return _said(given, deliver(spec, Inputs(tuple(answers), facts)))


def _said(given: str, outcome: Outcome) -> Example:
    return Example(given, "" if outcome.refusal else outcome.value, outcome.refusal or outcome.note)


def _answer(source: Source, element: ElementSpec, value: str, missing: str) -> Answer:
    """The answer to one source, a record where the element has records."""
    if element.reuse == "record" and not source.qualifier:
        return Answer(element.id, records=(Record(value, DAY, occurrence="1", missing=missing),))
    return Answer(source.element, source.qualifier, value, missing)


def _samples(element: ElementSpec) -> Iterator[tuple[str, str, str]]:
    """(in words, value, missing code): some answers that a site may give to the element."""
    for option in element.options[:SHOWN]:
        yield option.label, option.code, ""
    if not element.options:
        unit = f" {element.unit}" if element.unit and element.unit != "1" else ""
        yield f"{_first(element)}{unit}", _first(element), ""
    if all(o.code != "unknown" for o in element.options):
        yield "Unknown", "", "unknown"


def _first(element: ElementSpec) -> str:
    """A plain value of the element: its first choice, a day, a number within its limits, or words."""
    if element.options:
        return element.options[0].code
    if element.datatype in ("date", "datetime"):
        return DAY
    if element.datatype in ("integer", "decimal"):
        low, high = element.minimum or 0.0, element.maximum
        middle = low + 12 if high is None or low + 12 <= high else (low + high) / 2
        return f"{middle:.0f}" if element.datatype == "integer" else f"{middle:g}"
    return "as written"
