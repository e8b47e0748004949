"""Runs a mapping's steps over canonical answers. Called by slicing (deliveries), previews and the curator's checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from forms_catalog.specs import ElementSpec, MappingSpec, Step
from forms_catalog.transforms.answers import Answer, Facts, Inputs, Outcome, Record, Refusal
from forms_catalog.transforms.conditions import why_not
from forms_catalog.transforms.dates import apply_date
from forms_catalog.transforms.recode import apply_recode, joined, without_code
from forms_catalog.transforms.reported import apply_reported
from forms_catalog.transforms.rollup import apply_rollup
from forms_catalog.transforms.select import apply_select
from forms_catalog.transforms.units import apply_unit

AFTER_CODES = ("reported",)  # steps that only exchange one of the program's codes for another
VERSION = "2"  # kept on every delivery beside the mapping's own version

Operation = Callable[[Mapping[str, Any], tuple[Answer, ...], Facts], Answer]
OPERATIONS: dict[str, Operation] = {
    "recode": apply_recode,
    "unit": apply_unit,
    "rollup": apply_rollup,
    "date": apply_date,
    "select": apply_select,
    "reported": apply_reported,
}


def forward(steps: tuple[Step, ...], inputs: Inputs) -> Outcome:
    """Canonical answers to the program's value: a value, a blank with a note, or a refusal with a reason."""
    state = tuple(_from_facts(a, inputs.facts) for a in inputs.answers)
    if not state:
        return Outcome(refusal="this mapping reads no element")
    before = state[0]
    try:
        for step in steps:
            before = before if step.op in AFTER_CODES else state[0]
            state = (_run(step, state, inputs.facts),)
        _refuse_records(state[0], inputs.facts)
    except Refusal as refused:
        return Outcome(refusal=str(refused))
    return _outcome(state[0], before, tuple(s for s in steps if s.op not in AFTER_CODES))


def deliver(mapping: MappingSpec, inputs: Inputs) -> Outcome:
    """`forward` for a mapping, after its condition: where that does not hold the field stays blank with a note."""
    try:
        reason = why_not(mapping.condition, {a.element: a.value for a in inputs.answers if not a.qualifier})
    except Refusal as refused:
        return Outcome(refusal=str(refused))
    return Outcome(note=reason) if reason else forward(mapping.transform, inputs)


def _run(step: Step, state: tuple[Answer, ...], facts: Facts) -> Answer:
    operation = OPERATIONS.get(step.op)
    if operation is None:
        raise Refusal("unknown_step", f"'{step.op}' is not a step; use {', '.join(OPERATIONS)}.")
    if step.op != "rollup":
        _refuse_records(state[0], facts)
    return operation(step.args, state, facts)


def _refuse_records(answer: Answer, facts: Facts) -> None:
    """A plain field must say which of several records it takes; earlier answers to a question are no such records."""
    element = facts.elements.get(answer.element)
    if element is not None and element.reuse == "record" and answer.records:
        raise Refusal("records_without_rollup", f"'{answer.element}' has records; name a roll-up such as first_of.")


def _from_facts(answer: Answer, facts: Facts) -> Answer:
    """What is never typed: the timepoint's label is its entry code, its visit date the as-of date."""
    if answer.answered:
        return answer
    if answer.element == "visit-label":
        return replace(answer, value=facts.entry_code)
    if answer.element == "visit-date" and facts.as_of:
        return replace(answer, value=facts.as_of.isoformat())
    return answer


def _outcome(answer: Answer, before: Answer, steps: tuple[Step, ...]) -> Outcome:
    if answer.missing:
        note = joined(answer.note, f"{answer.missing}: this program has no code for it")
        return Outcome(note=note, no_target=answer.missing)
    lost = _lost(before, steps)
    if not answer.value:
        return Outcome(note=answer.note or "not answered", no_target=lost)
    return Outcome(value=answer.value, note=answer.note, no_target=lost)


def _lost(before: Answer, steps: tuple[Step, ...]) -> str:
    """The first canonical code the last step, a recode, had no program code for."""
    if not steps or steps[-1].op != "recode" or before.missing:
        return ""
    return next(iter(without_code(steps[-1].args, [c for c in before.value.split("|") if c])), "")


def codes_without_target(mapping: MappingSpec, element: ElementSpec, target_codes: Sequence[str] = ()) -> list[str]:
    """The element's option codes that would end blank in this program, so that a curator is warned beforehand.

    With the field's own `target_codes` also those that would be delivered as a code the field does not have.
    """
    return [o.code for o in element.options if _lost_on_the_way(_probe(mapping, element, o.code), target_codes)]


def _lost_on_the_way(outcome: Outcome, target_codes: Sequence[str]) -> bool:
    foreign = bool(target_codes) and any(v not in target_codes for v in outcome.value.split("|") if v)
    return bool(outcome.no_target) or foreign


def _probe(mapping: MappingSpec, element: ElementSpec, code: str) -> Outcome:
    """What one code alone would deliver, as the answer or as the one record that passes the filters."""
    filters = {e: codes[0] for s in mapping.transform for e, codes in dict(s.args.get("where", {})).items()}
    answers = tuple(_probe_answer(s.element, element, code, filters) for s in mapping.sources)
    return forward(mapping.transform, Inputs(answers, Facts(elements={element.id: element})))


def _probe_answer(name: str, element: ElementSpec, code: str, filters: Mapping[str, str]) -> Answer:
    value = code if name == element.id else filters.get(name, "")
    if element.reuse == "record" and value:
        return Answer(name, records=(Record(value, "2000-01-01", occurrence="1"),))
    return Answer(name, value=value)
