"""What may happen to an element, what an edit may not change, and what to say of one that cannot be chosen. Pure.

draft → released → retired, and back to released with a reason; nothing else. Called by governing and mapping_checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from forms_catalog.drafts import is_draft
from forms_catalog.specs import ElementSpec
from forms_catalog.transforms import unit_lists

DRAFT, RELEASED, RETIRED = "draft", "released", "retired"
ACTS: Mapping[str, tuple[str, str]] = {  # act → (from, to)
    "release": (DRAFT, RELEASED),
    "retire": (RELEASED, RETIRED),
    "restore": (RETIRED, RELEASED),
}
DATATYPES = ("text", "notes", "integer", "decimal", "date", "datetime", "time", "choice", "multichoice", "file")
SCOPES = ("patient", "treatment", "visit", "program")
REUSES = {
    "static": "true until corrected, never asked again",
    "cumulative": "a date or a yes is known once given",
    "confirm": "the last value is offered, kept with one key",
    "period": "what happened since the last report",
    "fixed-period": "only for the same period",
    "measured": "a dated series",
    "never": "asked each time",
    "record": "once for each dated record of its group",
    "program": "one answer a program",
    "from-timepoint": "never typed: from the timepoint",
    "from-treatment": "never typed: from the treatment",
    "from-events": "never typed: from the patient's events",
}
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
MEANING = {
    "datatype": "kind of answer",
    "unit": "unit",
    "scope": "reach (scope)",
    "recall": "period (recall)",
    "group": "record group",
    "identifier": "mark as identifier",
}
WORDS = {
    **MEANING,
    "label": "label",
    "definition": "definition",
    "reuse": "rule for using it again",
    "section": "section",
    "source": "where it is found",
    "options": "choices",
    "convertible_units": "units also taken in",
    "minimum": "lowest value",
    "maximum": "highest value",
    "effort_seconds": "seconds to enter",
    "do_not_merge_with": "never the same as",
    "bindings": "codes",
    "note": "note",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An element that is not simply released: its state and the key of its replacement ('' = none)."""

    state: str
    replaced_by: str = ""


def unusable(key: str, standing: Standing | None, *, own_draft: bool = False) -> str:
    """Why a new mapping cannot use the element, with what to do; '' where it can. None means released."""
    if standing is None or standing.state == RELEASED or (own_draft and standing.state == DRAFT):
        return ""
    if standing.state == DRAFT:
        return f"'{key}' is a draft; release it in the catalog first."
    instead = (
        f"choose '{standing.replaced_by}', which replaces it" if standing.replaced_by else "choose another element"
    )
    return f"'{key}' is retired; {instead}."


def successor(key: str, standings: Mapping[str, Standing]) -> str:
    """The end of the chain of replacements from a retired element; '' where it has none that is released."""
    passed = {key}
    while (found := standings.get(key)) is not None and found.state == RETIRED:
        key = found.replaced_by
        if not key or key in passed:
            return ""
        passed.add(key)
    return key if found is None or found.state == RELEASED else ""


def replacement_problem(key: str, wanted: str, standings: Mapping[str, Standing], known: bool) -> str:
    """Why `wanted` cannot replace `key`, in words; '' where it can. `known`: whether the catalog has `wanted`."""
    if wanted == key:
        return "An element cannot replace itself."
    if not known:
        return f"There is no element '{wanted}'."
    if wanted in standings:
        state = standings[wanted].state
        return f"'{wanted}' is {'a draft' if state == DRAFT else state}; a replacement has to be released."
    return ""


def changes(before: ElementSpec, after: ElementSpec) -> tuple[str, ...]:
    """What differs, in words: ("label", "choices"). () where nothing does."""
    old, new = asdict(before), asdict(after)
    return tuple(WORDS.get(name, name.replace("_", " ")) for name in old if old[name] != new[name])


def meaning_changes(before: ElementSpec, after: ElementSpec) -> tuple[str, ...]:
    """Changes after which earlier answers would say something else: a new element is needed for them."""
    found = [words for name, words in MEANING.items() if getattr(before, name) != getattr(after, name)]
    gone = [o.code for o in before.options if o.code not in {x.code for x in after.options}]
    return (*found, *(f"choice {code} removed" for code in gone))


def edit_problems(before: ElementSpec, after: ElementSpec, state: str) -> tuple[str, ...]:
    """Why this cannot be the next version of an element in that state, in words."""
    if is_draft(before.id):
        return (f"'{before.id}' is the draft of one program: promote it, then edit the element.",)
    wrong = spec_problems(after)
    meaning = meaning_changes(before, after) if state != DRAFT else ()
    if meaning:
        text = f"This changes what answers mean ({', '.join(meaning)}). Make a new element and retire this one for it."
        return (*wrong, text)
    return wrong


def spec_problems(spec: ElementSpec) -> tuple[str, ...]:
    """Why this cannot be an element of the catalog, in words."""
    return tuple(_spec_problems(spec))


def _spec_problems(spec: ElementSpec) -> Iterator[str]:
    if not KEY.fullmatch(spec.id):
        yield f"'{spec.id[:60]}' is no id: use letters, digits, '-', '_' and '.', at most 120, a letter or digit first."
    for name in ("label", "definition"):
        if not getattr(spec, name).strip():
            yield f"The {name} is missing."
    if spec.datatype not in DATATYPES:
        yield f"'{spec.datatype}' is not a kind of answer: use one of {', '.join(DATATYPES)}."
    if spec.scope not in SCOPES:
        yield f"'{spec.scope}' is not a scope: use one of {', '.join(SCOPES)}."
    if spec.reuse not in REUSES:
        yield f"'{spec.reuse}' is not a rule for using it again: use one of {', '.join(REUSES)}."
    codes = [o.code for o in spec.options]
    if spec.datatype in ("choice", "multichoice") and not codes:
        yield "A choice needs its choices."
    if double := {c for c in codes if codes.count(c) > 1}:
        yield f"The code {', '.join(sorted(double))} stands for two choices."
    if any("|" in code for code in codes):
        yield "A code of a choice cannot hold '|', which joins several."
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        yield "The lowest value is above the highest."
    yield from unit_lists.contradictions(spec)
