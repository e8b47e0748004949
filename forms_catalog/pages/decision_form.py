"""The review form as a decision. Texts are written as in the decision files (forms_catalog/decisions)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from forms_catalog import narrowing, rollups, suggesting
from forms_catalog.mapping import MappingError
from forms_catalog.reviewing import FieldRow, Proposed
from forms_catalog.specs import ElementSpec, MappingSpec, Option, Relation, Source, Step

MAP = "map:"  # inputs of the table of answers are named map:<code of the element>


def read(post: Mapping[str, str], program: str, row: FieldRow, elements: Mapping[str, ElementSpec]) -> MappingSpec:
    """The decision a person filled in. Raises MappingError with what to correct."""
    relation, path = post.get("relation", ""), row.field.path
    if relation == "new":
        return suggesting.new(program, row.field)
    key = post.get("element", "").strip()
    if key not in elements:
        raise MappingError(f"{path}: choose an element of the catalog; '{key}' is not one.", "element_unknown")
    spec = MappingSpec(
        program=program,
        path=path,
        relation=cast(Relation, relation),
        sources=(Source(key), *_sources(post.get("further", ""))),
        transform=rollups.applied(_steps(post, path), post.get("rollup", "")),
        condition=post.get("condition", "").strip(),
        qualifier_question=post.get("question", "").strip(),
        qualifier_options=_options(post.get("choices", "")) if post.get("question", "").strip() else (),
    )
    return narrowing.completed(spec, elements[key])


def as_proposed(program: str, row: FieldRow) -> MappingSpec:
    """The best candidate's decision. Raises MappingError where there is none."""
    best = next((p for p in row.proposals if p.spec is not None), None)
    if best is None or row.nothing_fits:
        raise MappingError(
            f"{row.field.path}: no element is proposed. Choose one, or say that it is new.", "no_candidate"
        )
    return of_proposed(program, row, best)


def of_proposed(program: str, row: FieldRow, best: Proposed) -> MappingSpec:
    """The decision a candidate stands for."""
    element, relation = cast(ElementSpec, best.spec), cast(Relation, best.relation)
    return suggesting.suggest(program, row.field, element, relation, best.value_map)


def _sources(text: str) -> tuple[Source, ...]:
    parts = (part.strip().partition("#") for part in text.split("|") if part.strip())
    return tuple(Source(element.strip(), qualifier.strip()) for element, _, qualifier in parts)


def _options(text: str) -> tuple[Option, ...]:
    pairs = (part.strip().partition(",") for part in text.split("|") if part.strip())
    return tuple(Option(code.strip(), label.strip() or code.strip()) for code, _, label in pairs)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _steps(post: Mapping[str, str], path: str) -> tuple[Step, ...]:
    """The steps as written, the recode completed by the table of answers."""
    try:
        found = json.loads(post.get("steps", "").strip() or "[]", parse_constant=_no_number)
        steps = [Step(str(step["op"]), dict(step.get("args", {}))) for step in found]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        text = f'{path}: the steps are not a list such as [{{"op": "date", "args": {{"format": "ymd"}}}}].'
        raise MappingError(text, "steps_unreadable") from error
    table = {name.removeprefix(MAP): code for name, code in post.items() if name.startswith(MAP)}
    if not table:
        return tuple(steps)
    chosen = {code: target for code, target in table.items() if target}
    if not any(s.op == "recode" for s in steps):
        steps.append(Step("recode", {}))
    return tuple(replace(s, args={"map": chosen, **s.args}) if s.op == "recode" else s for s in steps)
