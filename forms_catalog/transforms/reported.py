"""What a program wants to read where it has had the fact already: the `reported` step. Called by the pipeline.

Only a field that has a code for it ("previously reported") has the step; without it a fact is told as it is, each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from forms_catalog.specs import Step
from forms_catalog.transforms.answers import Answer, Facts, Refusal

WHEN: Mapping[str, str] = {
    "before": "an earlier report of this kind told it",
    "elsewhere": "a person says that it was told on a form of its own",
}
ARGS = {"when", "of", "as"}
EXAMPLE = 'write {"op":"reported","args":{"when":"before","of":["yes"],"as":"previously"}}.'


def apply_reported(args: Mapping[str, Any], state: tuple[Answer, ...], facts: Facts) -> Answer:
    """An answer among `of` becomes `as` where the program has had it; `when` says which way of having it counts."""
    for problem in _problems(args):
        raise Refusal("reported_unreadable", problem)
    answer = state[0]
    told = answer.reported == args["when"] and answer.value in args["of"]
    return replace(answer, value=str(args["as"])) if told else answer


def step_problems(steps: Sequence[Step]) -> Iterator[str]:
    """What is wrong with the `reported` steps of a transform."""
    for step in steps:
        if step.op == "reported":
            yield from _problems(step.args)


def _problems(args: Mapping[str, Any]) -> Iterator[str]:
    if args.get("when") not in WHEN:
        yield f"'{args.get('when')}' is no way of having had it; use {' or '.join(WHEN)}: {EXAMPLE}"
    codes = args.get("of")
    if not isinstance(codes, list | tuple) or not codes or not all(isinstance(c, str) for c in codes):
        yield f"'of' is a list of the answers that are not told again: {EXAMPLE}"
    if not isinstance(args.get("as"), str) or not args.get("as"):
        yield f"'as' is the code for what was reported before: {EXAMPLE}"
    if stray := sorted(set(args) - ARGS):
        yield f"a reported step has no '{stray[0]}'; it has {', '.join(sorted(ARGS))}."


def in_words(args: Mapping[str, Any]) -> str:
    """The step as one sentence for curators."""
    if any(_problems(args)):
        return ""
    return f"Tells {' or '.join(args['of'])} as '{args['as']}' where {WHEN[str(args['when'])]}."
