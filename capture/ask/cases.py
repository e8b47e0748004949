"""What a source's answer can become at a visit, case by case: each case has a test over the questions typed there.

Called by branching. A test is a tree over question keys: [key] is the typed or kept value in canonical codes, '' where
nothing or a missing reason is given; [key:missing] is that reason. Cases of a source exclude each other and leave none
out. A value together with a missing reason is no case: submit refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from capture.ask import standing, terms, values
from capture.ask.entered import overlay
from capture.ask.facts import GATE, Entered, Entry, Occasion, VisitFacts
from capture.ask.known import Need
from forms_catalog import transforms
from forms_catalog.language import FieldRef, Node, Op, Ref, Text, Truth
from forms_catalog.specs import AskSpec, ElementSpec, MappingSpec, Option, Source
from forms_catalog.transforms import MISSING_CODES, PLAIN, Selection

MISSING = "missing"  # the modifier of a reference to a question's missing reason
MOST = 400  # combinations that one decision may try
PROBES = {"date": "2000-01-01", "integer": "7", "decimal": "7"}
YES_NO = (Option("yes", "Yes"), Option("no", "No"))
TRUE, FALSE = Truth(True), Truth(False)


class Unsound(Exception):
    """What is typed cannot be followed back to this: the server alone says. The message is the reason."""


@dataclass(frozen=True, slots=True)
class Case:
    """One answer and when it is given; `rest` is the case where nothing is typed.

    `free` names the question whose value may be any: then `answer` holds an example, not the value.
    """

    test: Node
    answer: transforms.Answer
    rest: bool = False
    free: str = ""


Cases = tuple[Case, ...]


class Reader:
    """The cases of every source at one visit. `facts` must not hold what is typed there; `needs` are its questions."""

    def __init__(self, facts: VisitFacts, needs: Mapping[str, Need]) -> None:
        self.facts, self.needs = facts, needs
        self._keys: dict[Source, list[str]] = {}
        for key, need in needs.items():
            self._keys.setdefault(Source(need.element, need.qualifier), []).append(key)
        self._options = dict(_qualifier_options(a.mapping for o in facts.occasions for a in o.asks if a.mapping))
        self._asks = {o.program: terms.decided_asks(o, facts.release) for o in facts.occasions}
        self._found: dict[tuple[Source, str, Selection], Cases | Unsound] = {}

    def cases(self, source: Source, occasion: Occasion, selection: Selection = PLAIN) -> Cases:
        """The cases of a source's answer as an occasion sees it, by a request's rule for a series. Raises Unsound."""
        place = (source, occasion.uuid, selection)
        if place not in self._found:
            try:
                self._found[place] = self._cases(source, occasion, selection)
            except Unsound as reason:
                self._found[place] = reason
        found = self._found[place]
        if isinstance(found, Unsound):
            raise found
        return found

    def asks(self, occasion: Occasion) -> Mapping[str, AskSpec]:
        """What conditions of the occasion's program may read."""
        return self._asks[occasion.program]

    def now(self, source: Source, occasion: Occasion, selection: Selection = PLAIN) -> transforms.Answer:
        """The answer where nothing is typed."""
        return self._seen(source, occasion, {}, selection)

    def _cases(self, source: Source, occasion: Occasion, selection: Selection) -> Cases:
        element = self.facts.release.elements[source.element]
        recorded = element.reuse in ("record", "measured")
        group = "" if source.qualifier else element.summary_of or (element.group if recorded else "")
        if group and any(n.element == GATE and n.qualifier == group for n in self.needs.values()):
            raise Unsound("it reads dated records that may be typed at this visit")
        if not source.qualifier:
            self.refuse_standing(element, occasion)
        keys = self._keys.get(source, [])
        if len(keys) > 1:
            raise Unsound("its question is asked for several spans of time at once")
        rest = Case(TRUE if not keys else _nothing(keys[0]), self.now(source, occasion, selection), rest=True)
        if not keys:
            return (rest,)
        entries = self._entries(source, element)
        return (rest, *(self._typed(source, occasion, keys[0], entry, selection) for entry in entries))

    def refuse_standing(self, element: ElementSpec, occasion: Occasion) -> None:
        """An earlier date of a best or worst stands until that changes: two answers at once, so the server says."""
        if not standing.follows_parent(element, self.facts.release):
            return
        prefix = f"t{occasion.treatment.id}/"
        if standing.latest(self.facts.patient.answers, element, prefix, occasion):
            raise Unsound("an earlier answer may still stand, by what is said of the answer above it")

    def _entries(self, source: Source, element: ElementSpec) -> Iterable[Entry]:
        codes = self._options.get(source, ()) if source.qualifier else element.options
        if element.datatype == "choice" or source.qualifier:
            yield from (Entry(option.code) for option in codes)
        else:
            yield Entry(PROBES.get(element.datatype, "x"), unit="any")
        yield from (Entry(missing=code) for code in MISSING_CODES)

    def _typed(self, source: Source, occasion: Occasion, key: str, entry: Entry, selection: Selection) -> Case:
        free = key if entry.unit == "any" else ""
        entry = replace(entry, unit="")
        return Case(_test(key, entry, free), self._seen(source, occasion, {key: entry}, selection), free=free)

    def _seen(
        self, source: Source, occasion: Occasion, entries: Mapping[str, Entry], selection: Selection
    ) -> transforms.Answer:
        patient = self.facts.patient
        own = replace(patient, answers=tuple(a for a in patient.answers if a.element in (source.element, GATE)))
        view = overlay(replace(self.facts, patient=own), Entered(entries), self.needs) if entries else None
        patient = view.patient if view else own
        return values.seen(source, occasion, patient, self.facts.release, selection).answer


def _qualifier_options(mappings: Iterable[MappingSpec]) -> Iterable[tuple[Source, tuple[Option, ...]]]:
    for mapping in mappings:
        for source in mapping.sources:
            if source.qualifier:
                yield source, mapping.qualifier_options or YES_NO


def typed(key: str) -> Node:
    """The value typed for a question, or kept with one key."""
    return Ref(FieldRef(key))


def _test(key: str, entry: Entry, free: str) -> Node:
    if entry.missing:
        return Op("=", (Ref(FieldRef(key, modifier=MISSING)), Text(entry.missing)))
    return Op("<>", (typed(key), Text(""))) if free else Op("=", (typed(key), Text(entry.value)))


def _nothing(key: str) -> Node:
    missing = Ref(FieldRef(key, modifier=MISSING))
    return Op("and", (Op("=", (typed(key), Text(""))), Op("=", (missing, Text("")))))


def classed(cases: Cases, kind: Callable[[Case], Hashable]) -> Cases:
    """The cases with those of one kind made one; its answer is an example of the kind."""
    groups: dict[Hashable, list[Case]] = {}
    for case in cases:
        groups.setdefault(kind(case), []).append(case)
    return tuple(replace(g[0], test=when(cases, g), rest=any(c.rest for c in g)) for g in groups.values())


def when(cases: Sequence[Case], chosen: Collection[Case]) -> Node:
    """The test for one of the chosen cases; the shorter way round, over what is typed."""
    if len(chosen) == len(cases):
        return TRUE
    if any(case.rest for case in chosen):
        return negated(any_of([case.test for case in cases if case not in chosen]))
    return any_of([case.test for case in chosen])


def decide(several: Sequence[Cases], leaf: Callable[[tuple[Case, ...]], Node]) -> Node:
    """The tree that is `leaf(cases)` for whichever combination of cases holds. Raises Unsound beyond MOST of them."""
    size = 1
    for cases in several:
        size *= len(cases)
    if size > MOST:
        raise Unsound("it depends on too many answers at once")
    return _decide(several, leaf, ())


def _decide(several: Sequence[Cases], leaf: Callable[[tuple[Case, ...]], Node], given: tuple[Case, ...]) -> Node:
    if not several:
        return leaf(given)
    cases, *rest = several
    groups: dict[Node, list[Case]] = {}
    for case in cases:
        groups.setdefault(_decide(rest, leaf, (*given, case)), []).append(case)
    return any_of([all_of([when(cases, group), node]) for node, group in groups.items()])


def any_of(nodes: Sequence[Node]) -> Node:
    """An or without what is settled."""
    left = tuple(dict.fromkeys(n for n in nodes if n != FALSE))
    if TRUE in left:
        return TRUE
    return Op("or", left) if len(left) > 1 else left[0] if left else FALSE


def all_of(nodes: Sequence[Node]) -> Node:
    """An and without what is settled."""
    left = tuple(dict.fromkeys(n for n in nodes if n != TRUE))
    if FALSE in left:
        return FALSE
    return Op("and", left) if len(left) > 1 else left[0] if left else TRUE


def negated(node: Node) -> Node:
    """A not, without two in a row."""
    if isinstance(node, Truth):
        return Truth(not node.value)
    return node.args[0] if isinstance(node, Op) and node.op == "not" else Op("not", (node,))
