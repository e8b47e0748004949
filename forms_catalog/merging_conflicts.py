"""What merging will not guess, as Conflicts with what a curator can do. Pure; called by merging.merge.

`Conflict.element` is the element's id, or `program.path` where no element is involved. The words are in conflict_kinds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from forms_catalog.merging_branching import branching
from forms_catalog.merging_options import identifiers, options, required, units
from forms_catalog.merging_ranges import ranges
from forms_catalog.merging_sides import Asked, asked_of, decided, of_element, of_field
from forms_catalog.specs import Conflict, MappingSpec, ProgramSpec, ReleaseSpec, Wording
from forms_catalog.transforms import Refusal, conditions

PICKS = frozenset({"first_of", "last_of", "union"})


def find(release: ReleaseSpec) -> tuple[Conflict, ...]:
    """All conflicts of a release: by kind in the order below, then by program and dictionary order."""
    asked = asked_of(release)
    return (
        *_undecided(asked),
        *_unknown_elements(asked, release),
        *_conditions(asked),
        *units(asked, release),
        *_without_rollup(asked, release),
        *_asked_twice(asked, release),
        *_selections(asked),
        *ranges(asked, release.elements),
        *required(asked, release),
        *options(asked, release),
        *identifiers(asked, release),
        *branching(release),
        *_forms(release),
        *_parents(asked, release),
    )


def _undecided(asked: list[Asked]) -> Iterator[Conflict]:
    for x in asked:
        if x.ask.mapping is None:
            text = f"{x.place} has no decision. Confirm a mapping; until then it is held and never delivered."
            yield of_field("undecided", x, text, "no decision")


def _unknown_elements(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    for x, mapping in decided(asked):
        for element in dict.fromkeys(s.element for s in mapping.sources if s.element not in release.elements):
            text = f"{x.place} reads {element}, which the catalog does not have. Choose another element."
            yield of_element("unknown_element", element, text, [x.says(f"reads {element}")], f"{x.place} {element}")


def _conditions(asked: list[Asked]) -> Iterator[Conflict]:
    """Conditions of decisions on elements that the decision does not read: they never hold."""
    for x, mapping in decided(asked):
        try:
            read = {clause.element for clause in conditions.parse(mapping.condition)}
        except Refusal as refused:
            yield of_field("condition_unread", x, f"{x.place}: {refused}", mapping.condition)
            continue
        for name in sorted(read - {s.element for s in mapping.sources if not s.qualifier})[:1]:
            text = f"{x.place} is delivered only where {mapping.condition}, but its decision does not read {name}."
            yield of_field("condition_unread", x, text, f"delivered where {mapping.condition}")


def _without_rollup(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    for x, mapping in decided(asked):
        element = release.elements.get(mapping.sources[0].element)
        plain = element is not None and element.reuse == "record" and not x.ask.field.repeating
        if plain and not any(s.op == "rollup" for s in mapping.transform):
            name = mapping.sources[0].element
            text = f"{x.place} is a plain field on {name}, which has records. Say which it takes."
            yield of_field("records_without_rollup", x, text, "one value of several records", name)


def _asked_twice(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """Two exact fields of one program on one element, due at the same schedule entry, taking the same value."""
    found: dict[tuple[str, str, str], list[Asked]] = defaultdict(list)
    for x, mapping in decided(asked):
        if mapping.relation == "exact":
            found[(x.program, mapping.sources[0].element, _pick(mapping))].append(x)
    for (program, element, pick), fields in found.items():
        due = _together(release.programs[program], fields)
        if len(due) > 1:
            names = " and ".join(x.ask.field.path for x in due)
            text = f"{names} of {program} both take {element}. Check that they mean the same."
            place = f"{program} {element} {pick}".strip()
            yield of_element("asked_twice", element, text, [x.says(f"takes {element}") for x in due], place)


def _together(program: ProgramSpec, fields: list[Asked]) -> tuple[Asked, ...]:
    """Those fields that are due at one schedule entry, for the entry with most of them."""
    due = [tuple(x for x in fields if x.ask.field.form in e.forms) for e in program.entries]
    return max(due, key=len, default=())


def _pick(mapping: MappingSpec) -> str:
    """Which record a mapping takes: '' for a plain answer, else such as 'first_of ever'."""
    first = mapping.transform[0] if mapping.transform else None
    if first is None or first.op != "rollup" or first.args.get("name") not in PICKS:
        return ""
    where = [f"{e} {' or '.join(codes)}" for e, codes in dict(first.args.get("where", {})).items()]
    where += [f"{e} not {' or '.join(codes)}" for e, codes in dict(first.args.get("where_not", {})).items()]
    return ", ".join((f"{first.args['name']} {first.args.get('scope', 'interval')}", *where))


def _selections(asked: list[Asked]) -> Iterator[Conflict]:
    """Fields that take different records of one element: right where intended, so a curator looks once."""
    found: dict[str, dict[str, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    for x, mapping in decided(asked):
        if _pick(mapping) and mapping.relation == "exact":
            found[mapping.sources[0].element][_pick(mapping)].append(x)
    for element, picks in found.items():
        if len(picks) > 1:
            parts = (f"{', '.join(x.place for x in fields)} ({pick})" for pick, fields in picks.items())
            sides = [x.says(f"takes {pick}") for pick, fields in picks.items() for x in fields]
            yield of_element("selection_differs", element, f"Different records are taken: {'; '.join(parts)}.", sides)


def _forms(release: ReleaseSpec) -> Iterator[Conflict]:
    for program in release.programs.values():
        forms = dict.fromkeys(a.field.form for a in program.asks if a.field.asks)
        planned = dict.fromkeys(f for e in program.entries for f in e.forms)
        for form in planned:
            if form not in forms:
                text = f"The schedule of {program.code} names the form {form}, which asks nothing."
                yield _form("form_missing", program.code, form, text)
        for form in forms:
            if form not in planned:
                text = f"The form {form} of {program.code} is at no schedule entry, so it is never due."
                yield _form("form_never_due", program.code, form, text)


def _form(kind: str, program: str, form: str, text: str) -> Conflict:
    place = f"{program}.{form}"
    return Conflict(kind, place, (program,), text, place, (Wording(program, "", "", f"form {form}"),))


def _parents(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """A detail whose parent question nobody asks is always shown: worth knowing, nothing needs doing."""
    sources = {s.element for _, m in decided(asked) for s in m.sources}
    for element in sorted(sources):
        spec = release.elements.get(element)
        parent = spec.detail_of if spec else ""
        if parent and parent not in sources:
            sides = [
                x.says(f"without {parent}") for x, m in decided(asked) if element in {s.element for s in m.sources}
            ]
            text = f"{element} is a detail of {parent}, which no program asks; it is shown without it."
            yield of_element("parent_not_asked", element, text, sides)
