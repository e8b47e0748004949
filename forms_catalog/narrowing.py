"""A narrower decision completed from its extra question: the further source, and the steps that read both. Pure.

Called by the review page, so that a curator writes the one sentence that sites will read and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import replace

from forms_catalog.specs import ElementSpec, MappingSpec, Option, Source, Step

YES = "yes"
CHOICES = (Option("yes", "Yes"), Option("no", "No"), Option("unknown", "Unknown"))
WORDS_IN_NAME = 6


def extra_choices(draft: MappingSpec) -> tuple[Option, ...]:
    """The choices an extra question usually has; () for a decision that asks none."""
    return CHOICES if draft.relation == "narrower" else ()


def completed(spec: MappingSpec, element: ElementSpec) -> MappingSpec:
    """The decision with its extra question as a source of its own. Untouched where a person named sources or roll-ups,
    or where the element is not answered with yes or no: then only a person knows which answers need the question."""
    codes = [o.code for o in element.options]
    by_hand = len(spec.sources) > 1 or any(s.op == "rollup" for s in spec.transform)
    if spec.relation != "narrower" or not spec.qualifier_question or by_hand or YES not in codes:
        return spec
    carry = [c for c in codes if c != YES]
    steps = (Step("rollup", {"name": "qualified", "carry": carry}), *spec.transform)
    extra = Source(element.id, named(spec.qualifier_question))
    return replace(spec, sources=(*spec.sources, extra), transform=steps)


def named(question: str) -> str:
    """The short name of an extra question, out of its own words."""
    words = re.findall(r"[a-z0-9]+", question.casefold())
    return "-".join(words[:WORDS_IN_NAME]) or "extra"
