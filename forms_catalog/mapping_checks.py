"""What is wrong with a decision before it is taken: unknown elements and codes, steps that cannot work. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from forms_catalog import decision_checks
from forms_catalog.decision_checks import CODED
from forms_catalog.drafts import PREFIX, is_draft
from forms_catalog.lifecycle import Standing, unusable
from forms_catalog.specs import DELIVERS, DictionarySpec, ElementSpec, FieldSpec, MappingSpec
from forms_catalog.transforms import Refusal, conditions


def problems(
    spec: MappingSpec,
    field: FieldSpec,
    elements: Mapping[str, ElementSpec],
    standings: Mapping[str, Standing] = MappingProxyType({}),
) -> tuple[str, ...]:
    """Why the decision cannot be taken, in words; () where nothing speaks against it.

    `elements` holds its sources; `standings` those that are not released (see lifecycle).
    """
    return tuple(dict.fromkeys([*_problems(spec, field, elements), *_unusable(spec, standings)]))


def _unusable(spec: MappingSpec, standings: Mapping[str, Standing]) -> Iterator[str]:
    for name in sorted(named(spec)):
        own = is_draft(name) and _own(name, spec.program)
        if text := unusable(name, standings.get(name), own_draft=own):
            yield text


def named(spec: MappingSpec) -> frozenset[str]:
    """The ids of the elements a decision reads: its sources and those of a condition that can be read."""
    try:
        clauses = conditions.parse(spec.condition)
    except Refusal:
        clauses = ()
    return frozenset({s.element for s in spec.sources} | {c.element for c in clauses})


def _problems(spec: MappingSpec, field: FieldSpec, elements: Mapping[str, ElementSpec]) -> Iterator[str]:
    if spec.relation not in DELIVERS:
        yield f"'{spec.relation}' is not a relation that delivers."
    if not spec.sources:
        yield "choose an element of the catalog."
        return
    for name in sorted(named(spec) - set(elements)):
        if not is_draft(name):
            yield f"there is no element '{name}'."
    foreign = [s.element for s in spec.sources if is_draft(s.element) and not _own(s.element, spec.program)]
    for name in foreign:
        yield f"'{name}' is the draft of another program; release it first."
    dictionary = DictionarySpec(format="", version="", fields=(field,))
    yield from (p.message for p in decision_checks.mappings([spec], dictionary, elements))
    if field.kind in CODED:
        yield from _targets(spec, field)


def _own(draft: str, program: str) -> bool:
    return draft.startswith(f"{PREFIX}{program}:")


def _targets(spec: MappingSpec, field: FieldSpec) -> Iterator[str]:
    """Codes a recode would write that the program does not have."""
    known = {o.code for o in field.options}
    for step in spec.transform:
        if step.op != "recode":
            continue
        written = {str(v) for name in ("map", "missing") for v in dict(step.args.get(name, {})).values()}
        written |= {str(step.args["else"])} if step.args.get("else") else set()
        for code in sorted(written - known):
            yield f"'{code}' is not a code of {field.path}."
