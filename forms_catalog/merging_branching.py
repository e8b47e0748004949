"""Conditions that cannot do what their program means: unreadable, circular, or reading what is not there. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeVar

from forms_catalog.language import FieldRef, LogicError, parse, references
from forms_catalog.merging_sides import Asked, of_element, of_field
from forms_catalog.specs import AskSpec, Conflict, ProgramSpec, ReleaseSpec

Node = TypeVar("Node", bound=Hashable)
Graph = Mapping[Node, frozenset[Node]]


def branching(release: ReleaseSpec) -> Iterator[Conflict]:
    """All conflicts of conditions: each program's own, then circles over elements that programs share."""
    for program in release.programs.values():
        named = _named(program)
        for ask in program.asks:
            if ask.field.branching:
                yield from _condition(Asked(program.code, ask), program, named)
        yield from _cycles(program, named)
    yield from _loops(release)


@lru_cache(maxsize=4096)
def _refs(text: str) -> frozenset[FieldRef]:
    """The fields a condition reads. Raises LogicError."""
    return frozenset(r for r in references(parse(text)) if not r.smart)


def _read(ask: AskSpec) -> frozenset[FieldRef]:
    """The same, nothing where it cannot be read."""
    try:
        return _refs(ask.field.branching) if ask.field.branching else frozenset()
    except LogicError:
        return frozenset()


def _named(program: ProgramSpec) -> dict[str, AskSpec]:
    """The fields by path, and by name where that is another."""
    return {a.field.name: a for a in program.asks} | {a.field.path: a for a in program.asks}


def _condition(x: Asked, program: ProgramSpec, named: Mapping[str, AskSpec]) -> Iterator[Conflict]:
    says = f"shown if {x.ask.field.branching}"
    try:
        names = sorted({r.name for r in _refs(x.ask.field.branching)})
    except LogicError as error:
        text = f"The condition of {x.place} cannot be read: {error.message}"
        yield of_field("branching_unreadable", x, text, says)
        return
    if unknown := [n for n in names if n not in named]:
        text = f"The condition of {x.place} reads {_list(unknown)}, which is not in its dictionary. Correct the file."
        yield of_field("branching_unknown", x, text, says)
    if nobody := [n for n in names if n in named and not _answered(named[n])]:
        text = f"The condition of {x.place} reads {_list(nobody)}, which nobody answers here; it is shown always."
        yield of_field("branching_unanswered", x, text, says)
    for entries, missing in _elsewhere(x.ask, program, named).items():
        text = f"The condition of {x.place} reads {_list(missing)}, which is on no form of {', '.join(entries)}."
        yield of_field("branching_elsewhere", x, text, f"{says}; at {', '.join(entries)} without {_list(missing)}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"[{n}]" for n in names)


def _answered(ask: AskSpec) -> bool:
    """Whether somebody answers the field here; what only its own system works out, or is held, nobody does."""
    return ask.field.asks and ask.mapping is not None


def _elsewhere(
    ask: AskSpec, program: ProgramSpec, named: Mapping[str, AskSpec]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The entries that have the field but not what its condition reads, with that; one row for all of them."""
    read = {r.name: named[r.name].field.form for r in _read(ask) if r.name in named and _answered(named[r.name])}
    due = [e for e in program.entries if ask.field.form in e.forms]
    missing = {n: [e.code for e in due if form not in e.forms] for n, form in read.items()}
    names = tuple(sorted(n for n, entries in missing.items() if entries))
    entries = tuple(dict.fromkeys(e.code for e in due if any(e.code in missing[n] for n in names)))
    return {entries: names} if names else {}


def _cycles(program: ProgramSpec, named: Mapping[str, AskSpec]) -> Iterator[Conflict]:
    """Fields of one program that wait for each other, or for themselves."""
    graph = {
        a.field.path: frozenset(named[r.name].field.path for r in _read(a) if r.name in named and not r.event)
        for a in program.asks
    }
    for circle in circles(graph):
        fields = [Asked(program.code, a) for a in program.asks if a.field.path in circle]
        names = ", ".join(x.ask.field.path for x in fields)
        text = f"The conditions of {names} of {program.code} wait for each other; none of them would ever be shown."
        sides = [x.says(f"shown if {x.ask.field.branching}") for x in fields]
        place = f"{program.code}.{fields[0].ask.field.path}"
        yield of_element("branching_cycle", place, text, sides)


def _loops(release: ReleaseSpec) -> Iterator[Conflict]:
    """Elements that wait for each other only because programs share them."""
    whole = _empty()
    own: list[frozenset[str]] = []
    for program in release.programs.values():
        graph = _over_elements(program)
        own += circles(graph)
        for element, others in graph.items():
            whole[element] |= others
    for circle in circles({e: frozenset(others) for e, others in whole.items()}):
        if len(circle) > 1 and not any(circle <= mine for mine in own):
            yield _loop(circle, release)


def _loop(circle: frozenset[str], release: ReleaseSpec) -> Conflict:
    names = sorted(circle)
    fields = [
        Asked(p.code, a)
        for p in release.programs.values()
        for a in p.asks
        if a.field.branching and a.mapping and a.mapping.sources[0].element in circle
    ]
    text = f"Over shared questions the conditions of {', '.join(names)} form a circle across programs."
    sides = [x.says(f"shown if {x.ask.field.branching}") for x in fields]
    return of_element("branching_loop", names[0], text, sides, " ".join(names))


def _over_elements(program: ProgramSpec) -> Graph[str]:
    """Element → the elements whose answers decide whether this program shows it."""
    named, graph = _named(program), _empty()
    for ask in program.asks:
        if ask.mapping is not None:
            read = (named[r.name].mapping for r in _read(ask) if r.name in named and not r.event)
            graph[ask.mapping.sources[0].element] |= {s.element for m in read if m is not None for s in m.sources}
    return {element: frozenset(others - {element}) for element, others in graph.items()}


def _empty() -> dict[str, set[str]]:
    return defaultdict(set)


def circles(graph: Graph[Node]) -> list[frozenset[Node]]:
    """The strongly connected parts of a graph that hold a circle, in the order of the graph (Tarjan, without
    recursion)."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    found: list[frozenset[Node]] = []
    for start in graph:
        work = [(start, iter(sorted(graph.get(start, ()), key=str)))] if start not in index else []
        while work:
            node, others = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
            step = next(others, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = stack[stack.index(node) :]
                    del stack[stack.index(node) :]
                    if len(part) > 1 or node in graph.get(node, ()):
                        found.append(frozenset(part))
            elif step not in index:
                work.append((step, iter(sorted(graph.get(step, ()), key=str))))
            elif step in stack:
                low[node] = min(low[node], index[step])
    return found
