"""Which sources of a mapping still have to be asked, given what is known. Called by the ask sheet and the estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from forms_catalog.specs import MappingSpec, Source
from forms_catalog.transforms.answers import Answer

Known = Mapping[Source, Answer]
Sources = tuple[Source, ...]


def sources_needed(mapping: MappingSpec, answers: Sequence[Answer]) -> Sources:
    """The sources without an answer that the mapping still needs; () where its value can be worked out already.

    Most mappings need all their sources. `first_known` needs one, `of_scale` the scale and then that scale's grade,
    `qualified` its extra question only where the element's own answer leaves it open.
    """
    known = {Source(a.element, a.qualifier): a for a in answers if a.answered}
    first = mapping.transform[0] if mapping.transform else None
    rule = RULES.get(str(first.args.get("name", ""))) if first and first.op == "rollup" else None
    if rule is None or first is None:
        return _open(mapping.sources, known)
    return rule(first.args, mapping.sources, known)


def looks_back(mapping: MappingSpec) -> bool:
    """Whether its value rests on earlier periods too: a roll-up over all time or over months of its own."""
    rollups = [step.args for step in mapping.transform if step.op == "rollup"]
    return any(args.get("name") in ("ever", "count_before") or args.get("scope") == "ever" for args in rollups)


def _open(sources: Sources, known: Known) -> Sources:
    return tuple(s for s in sources if s not in known)


def _first_known(args: Mapping[str, Any], sources: Sources, known: Known) -> Sources:
    return () if any(s in known for s in sources) else sources[:1]


def _qualified(args: Mapping[str, Any], sources: Sources, known: Known) -> Sources:
    base = known.get(sources[0])
    if base is None:
        return sources[:1]
    settled = base.missing or base.value in args.get("carry", ("no", "unknown"))
    return () if settled else _open(sources[1:], known)


def _any_of(args: Mapping[str, Any], sources: Sources, known: Known) -> Sources:
    """In order: a yes settles it, so an extra question comes only after the questions before it are answered."""
    yes = args.get("yes", ("yes",))
    if any(a.value in yes for a in known.values()):
        return ()
    elements = tuple(s for s in sources if not s.qualifier)
    return _open(elements, known) or _open(sources, known)


def _of_scale(args: Mapping[str, Any], sources: Sources, known: Known) -> Sources:
    selector = Source(args["selector"])
    if selector not in known:
        return (selector,)
    grade = Source(dict(args["pick"]).get(known[selector].value, ""))
    return (grade,) if grade in sources and grade not in known else ()


def _if_else(args: Mapping[str, Any], sources: Sources, known: Known) -> Sources:
    """The open sources of the rules up to the first one that fires."""
    needed: list[Source] = []
    for rule in args.get("rules", ()):
        source = Source(rule["source"])
        if source not in known:
            needed.append(source)
        elif known[source].value in rule["is"]:
            break
    return tuple(dict.fromkeys(needed))


def _ever(args: Mapping[str, Any], sources: Sources, known: Known) -> Sources:
    """The question about the period; its records add to the answer but are never a question of their own."""
    return _open(sources[:1], known)


RULES: dict[str, Callable[[Mapping[str, Any], Sources, Known], Sources]] = {
    "first_known": _first_known,
    "qualified": _qualified,
    "any_of": _any_of,
    "of_scale": _of_scale,
    "if_else": _if_else,
    "ever": _ever,
}
