"""What merging will not guess, as Conflicts with what a curator can do. Pure; called by merging.merge.

`Conflict.element` is the element's id, or `program.path` where no element is involved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from forms_catalog.language import LogicError, parse, references
from forms_catalog.merging_ranges import ranges
from forms_catalog.specs import AskSpec, Conflict, MappingSpec, ProgramSpec, ReleaseSpec
from forms_catalog.transforms import codes_without_target

CODED = frozenset({"choice", "multichoice"})
PICKS = frozenset({"first_of", "last_of", "union"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its program."""

    program: str
    ask: AskSpec

    @property
    def place(self) -> str:
        """program.path, as people read it."""
        return f"{self.program}.{self.ask.field.path}"


def find(release: ReleaseSpec) -> tuple[Conflict, ...]:
    """All conflicts of a release: by kind in the order below, then by program and dictionary order."""
    asked = [Asked(p.code, a) for p in release.programs.values() for a in p.asks if a.field.asks]
    return (
        *_undecided(asked),
        *_unknown_elements(asked, release),
        *_without_rollup(asked, release),
        *_asked_twice(asked, release),
        *_selections(asked),
        *ranges([(x.program, x.ask) for x in asked], release.elements),
        *_without_target(asked, release),
        *_branching(release),
        *_forms(release),
        *_parents(asked, release),
    )


def _undecided(asked: list[Asked]) -> Iterator[Conflict]:
    for x in asked:
        if x.ask.mapping is None:
            text = f"{x.place} has no decision. Confirm a mapping; until then it is held and never delivered."
            yield Conflict("undecided", x.place, (x.program,), text)


def _decided(asked: list[Asked]) -> Iterator[tuple[Asked, MappingSpec]]:
    return ((x, x.ask.mapping) for x in asked if x.ask.mapping is not None)


def _unknown_elements(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    for x, mapping in _decided(asked):
        for source in mapping.sources:
            if source.element not in release.elements:
                text = f"{x.place} reads {source.element}, which the catalog does not have. Choose another element."
                yield Conflict("unknown_element", source.element, (x.program,), text)


def _without_rollup(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    for x, mapping in _decided(asked):
        element = release.elements.get(mapping.sources[0].element)
        plain = element is not None and element.reuse == "record" and not x.ask.field.repeating
        if plain and not any(s.op == "rollup" for s in mapping.transform):
            text = f"{x.place} is a plain field on {mapping.sources[0].element}, which has records. Say which it takes."
            yield Conflict("records_without_rollup", mapping.sources[0].element, (x.program,), text)


def _asked_twice(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """Two exact fields of one program on one element, due at the same schedule entry, taking the same value."""
    found: dict[tuple[str, str, str], list[Asked]] = defaultdict(list)
    for x, mapping in _decided(asked):
        if mapping.relation == "exact":
            found[(x.program, mapping.sources[0].element, _pick(mapping))].append(x)
    for (program, element, _), fields in found.items():
        due = _together(release.programs[program], fields)
        if len(due) > 1:
            text = f"{' and '.join(due)} of {program} both take {element}. Check that they mean the same."
            yield Conflict("asked_twice", element, (program,), text)


def _together(program: ProgramSpec, fields: list[Asked]) -> tuple[str, ...]:
    """The paths of those fields that are due at one schedule entry, for the entry with most of them."""
    due = [tuple(x.ask.field.path for x in fields if x.ask.field.form in e.forms) for e in program.entries]
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
    for x, mapping in _decided(asked):
        if _pick(mapping) and mapping.relation == "exact":
            found[mapping.sources[0].element][_pick(mapping)].append(x)
    for element, picks in found.items():
        if len(picks) > 1:
            parts = (f"{', '.join(x.place for x in fields)} ({pick})" for pick, fields in picks.items())
            programs = tuple(sorted({x.program for fields in picks.values() for x in fields}))
            yield Conflict("selection_differs", element, programs, f"Different records are taken: {'; '.join(parts)}.")


def _without_target(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    for x, mapping in _decided(asked):
        element = release.elements.get(mapping.sources[0].element)
        if element is None or x.ask.field.kind not in CODED or mapping.relation == "new":
            continue
        codes = codes_without_target(mapping, element, [o.code for o in x.ask.field.options])
        if codes:
            text = f"{x.place} has no code for {', '.join(codes)}; such an answer is delivered blank with a note."
            yield Conflict("no_target", element.id, (x.program,), text)


def _branching(release: ReleaseSpec) -> Iterator[Conflict]:
    for program in release.programs.values():
        names = {a.field.name for a in program.asks} | {a.field.path for a in program.asks}
        for ask in program.asks:
            if ask.field.branching:
                yield from _logic(Asked(program.code, ask), names)


def _logic(x: Asked, names: set[str]) -> Iterator[Conflict]:
    try:
        used = references(parse(x.ask.field.branching))
    except LogicError as error:
        text = f"The condition of {x.place} cannot be read: {error.message}"
        yield Conflict("branching_unreadable", x.place, (x.program,), text)
        return
    for name in sorted({r.name for r in used if not r.smart} - names):
        text = f"The condition of {x.place} reads [{name}], which is not in its dictionary. Correct the file."
        yield Conflict("branching_unknown", x.place, (x.program,), text)


def _forms(release: ReleaseSpec) -> Iterator[Conflict]:
    for program in release.programs.values():
        forms = dict.fromkeys(a.field.form for a in program.asks if a.field.asks)
        planned = dict.fromkeys(f for e in program.entries for f in e.forms)
        for form in planned:
            if form not in forms:
                text = f"The schedule of {program.code} names the form {form}, which asks nothing."
                yield Conflict("form_missing", f"{program.code}.{form}", (program.code,), text)
        for form in forms:
            if form not in planned:
                text = f"The form {form} of {program.code} is at no schedule entry, so it is never due."
                yield Conflict("form_never_due", f"{program.code}.{form}", (program.code,), text)


def _parents(asked: list[Asked], release: ReleaseSpec) -> Iterator[Conflict]:
    """A detail whose parent question nobody asks is always shown: worth knowing, nothing needs doing."""
    sources = {s.element for _, m in _decided(asked) for s in m.sources}
    for element in sorted(sources):
        spec = release.elements.get(element)
        parent = spec.detail_of if spec else ""
        if parent and parent not in sources:
            programs = tuple(sorted({x.program for x, m in _decided(asked) for s in m.sources if s.element == element}))
            text = f"{element} is a detail of {parent}, which no program asks; it is shown without it."
            yield Conflict("parent_not_asked", element, programs, text)
