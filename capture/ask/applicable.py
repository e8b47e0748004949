"""Answers that a later correction rules out: kept as they are, not applicable now, neither known nor delivered. Pure.

An answer to a detail (the grade of a CRS) stands only while the answer above it, given at the same visit, allows it.
When that one is corrected back, the detail counts again. Called by load, slicing and the page of a submitted visit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from capture.ask.facts import Answer, PatientFacts
from capture.ask.questions import hiding
from forms_catalog.specs import ElementSpec


def of(patient: PatientFacts, elements: Mapping[str, ElementSpec]) -> PatientFacts:
    """The patient's facts without the answers that are ruled out now."""
    return without(patient, ruled_out(patient.answers, elements))


def without(patient: PatientFacts, out: Collection[Answer]) -> PatientFacts:
    """The patient's facts without these answers."""
    return replace(patient, answers=tuple(a for a in patient.answers if a not in out)) if out else patient


def ruled_out(answers: Sequence[Answer], elements: Mapping[str, ElementSpec]) -> tuple[Answer, ...]:
    """The answers that the answer above them, of the same visit, rules out; also what lies below those."""
    at_visit: dict[tuple[int, str], list[Answer]] = {}
    for answer in answers:
        if answer.visit_id is not None and not answer.qualifier:
            at_visit.setdefault((answer.visit_id, answer.element), []).append(answer)
    return tuple(a for a in answers if _out(a, at_visit, elements, ()))


def _out(
    answer: Answer,
    at_visit: Mapping[tuple[int, str], Sequence[Answer]],
    elements: Mapping[str, ElementSpec],
    below: tuple[str, ...],
) -> bool:
    element = elements.get(answer.element)
    if element is None or not element.detail_of or answer.visit_id is None or element.id in below:
        return False
    above = at_visit.get((answer.visit_id, element.detail_of), ())
    return bool(above) and all(
        _rules_out(a) or _out(a, at_visit, elements, (*below, element.id)) for a in _of_its_time(above, answer)
    )


def _of_its_time(above: Sequence[Answer], answer: Answer) -> Iterable[Answer]:
    """The answers about the same span of time, where the detail has one of its own and any of them matches."""
    same = [a for a in above if answer.covers_to is not None and a.covers_to == answer.covers_to]
    return same or above


def _rules_out(above: Answer) -> bool:
    return bool(above.missing) or above.value in hiding(above.element)
