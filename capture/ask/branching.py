"""Rule 4 over the questions of a visit: when a field is asked, and so when a question is shown, as trees over what is
typed. Called by the visit form, which sends the trees to the browser.

A program's condition goes back through its mappings: every answer that can be typed is run forward, and those that make
the condition true are its inverse. Where that is not sound there is no tree but a reason, and the server alone says.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from capture.ask import questions, sheet, terms
from capture.ask.cases import FALSE, TRUE, Case, Cases, Reader, Unsound, all_of, any_of, classed, decide, typed
from capture.ask.facts import Occasion, VisitFacts, gate_key
from capture.ask.known import Need, resolve
from forms_catalog import transforms
from forms_catalog.language import Call, FieldRef, LogicError, Node, Op, Ref, Text, Truth, evaluate, is_true, references
from forms_catalog.specs import AskSpec, MappingSpec, Source

OWN_VALUE = frozenset({"static", "program", "confirm", "never", "measured", "cumulative", "fixed-period"})


@dataclass(frozen=True, slots=True)
class Rule:
    """When a question is shown. Not `sure`: the tree says when it certainly is; where it does not hold, ask the server.

    `why_not` are the reasons, one for each ask that has no tree.
    """

    shown: Node
    sure: bool
    why_not: tuple[str, ...] = ()


def rules(facts: VisitFacts) -> Mapping[str, Rule]:
    """Question key → when it is shown. `facts` must not hold this visit's own answers."""
    asked = [(o, a) for o in facts.occasions for a in o.asks if a.field.asks and terms.decided(a)]
    periods = sheet.collect_periods(asked, facts)
    needs = sheet.needs_of(facts)
    reader = Reader(facts, needs)
    found: dict[str, list[Node | Unsound]] = {key: [] for key in needs}
    for occasion, ask in asked:
        own = _tried(partial(condition, ask, occasion, reader))
        rule = transforms.selection_of(ask.mapping)
        for source in ask.mapping.sources if ask.mapping else ():
            for need in resolve(source, occasion, facts, periods, rule).needs:
                found[need.key].append(_tried(partial(_shown, own, ask, occasion, source, need, reader)))
    return {key: _rule(needs[key], nodes, facts) for key, nodes in found.items()}


def condition(ask: AskSpec, occasion: Occasion, reader: Reader) -> Node:
    """The field's own condition over the visit's questions: `terms.shows` for whatever is typed. Raises Unsound."""
    return _condition(ask, reader.asks(occasion), occasion, reader, ())


def _tried(make: Callable[[], Node]) -> Node | Unsound:
    try:
        return make()
    except Unsound as reason:
        return reason


def _rule(need: Need, nodes: Sequence[Node | Unsound], facts: VisitFacts) -> Rule:
    sound = [node for node in nodes if not isinstance(node, Unsound)]
    reasons = tuple(dict.fromkeys(str(node) for node in nodes if isinstance(node, Unsound)))
    shown = any_of(sound)
    if need.kind == "field":
        shown = all_of([Op("=", (typed(gate_key(need.group, facts.visit_id)), Text("yes"))), shown])
    return Rule(shown, not reasons or shown == TRUE, reasons)


def _shown(own: Node | Unsound, ask: AskSpec, occasion: Occasion, source: Source, need: Need, reader: Reader) -> Node:
    """When this ask needs this question: shown by its program, not settled by other answers, not ruled out above it."""
    if isinstance(own, Unsound):
        raise own
    if own == FALSE or ask.mapping is None:
        return FALSE
    return all_of([own, _needed(ask.mapping, source, occasion, reader), _parent_allows(need, occasion, reader)])


def _condition(
    ask: AskSpec, asks: Mapping[str, AskSpec], occasion: Occasion, reader: Reader, above: tuple[str, ...]
) -> Node:
    tree = terms.rule(ask.field.branching, asks)
    if tree is None or ask.field.name in above:
        return TRUE
    return _rewritten(tree, _Fields(asks, occasion, reader, (*above, ask.field.name)))


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one program's condition at one occasion; `above` are the fields whose own rules are being read."""

    asks: Mapping[str, AskSpec]
    occasion: Occasion
    reader: Reader
    above: tuple[str, ...]

    def cases(self, name: str) -> list[Cases]:
        """The cases of every source of a field, those alike in answer as one."""
        mapping = self.asks[name].mapping
        sources, rule = mapping.sources if mapping else (), transforms.selection_of(mapping)
        return [classed(self.reader.cases(s, self.occasion, rule), lambda c: (c.answer, c.free)) for s in sources]

    def value(self, name: str, given: Sequence[Case]) -> Node:
        """The program's value of a field where these cases hold."""
        ask = self.asks[name]
        if free := [case for case in given if case.free]:
            return self._free(ask, free[0])
        return Text(terms.delivered(ask, [c.answer for c in given], self.occasion, self.reader.facts.release).value)

    def _free(self, ask: AskSpec, case: Case) -> Node:
        """A number, date or text as typed, where the program takes it as it is."""
        mapping, element = ask.mapping, self.reader.facts.release.elements[case.answer.element]
        plain = mapping and not mapping.transform and not mapping.condition and len(mapping.sources) == 1
        if not plain or element.reuse not in OWN_VALUE:
            raise Unsound("it reads a number, date, text or several choices that the program gets in another form")
        return typed(case.free)

    def shown(self, name: str) -> Node:
        """When the field itself is shown: what is hidden reads as blank."""
        return _condition(self.asks[name], self.asks, self.occasion, self.reader, self.above)


def _rewritten(node: Node, fields: _Fields) -> Node:
    """The same truth over question keys."""
    match node:
        case Op("and", args):
            return all_of([_rewritten(arg, fields) for arg in args])
        case Op("or", args):
            return any_of([_rewritten(arg, fields) for arg in args])
        case Op("not", (inner,)):
            made = _rewritten(inner, fields)
            return Truth(not made.value) if isinstance(made, Truth) else Op("not", (made,))
    names = sorted({ref.name for ref in references(node)})
    hidden = {name: fields.shown(name) for name in names}
    found = [fields.cases(name) for name in names]
    several, counts = [cases for one in found for cases in one], [len(one) for one in found]

    def leaf(given: tuple[Case, ...]) -> Node:
        parts = iter(given)
        values = {n: fields.value(n, [next(parts) for _ in range(c)]) for n, c in zip(names, counts, strict=True)}
        return _with(node, values)

    if all(isinstance(shown, Truth) for shown in hidden.values()):
        blank = {n for n, shown in hidden.items() if shown == FALSE}
        return decide(several, lambda given: _with(node, dict.fromkeys(blank, Text(""))) if blank else leaf(given))
    raise Unsound("it reads a field that its program hides by another answer")


def _with(node: Node, values: Mapping[str, Node]) -> Node:
    """The part of a condition with these values; settled where all of them are known."""
    free = {value for value in values.values() if not isinstance(value, Text)}
    if free and any(ref.code for ref in references(node)):
        raise Unsound("it reads one of several choices")
    if free:
        return _substituted(node, values)

    def lookup(ref: FieldRef) -> str:
        value = values[ref.name]
        return terms.coded(value.value if isinstance(value, Text) else "", ref)

    try:
        return Truth(is_true(evaluate(node, lookup)))
    except LogicError:
        raise Unsound("it is too large") from None


def _substituted(node: Node, values: Mapping[str, Node]) -> Node:
    match node:
        case Ref(ref):
            return values[ref.name]
        case Op(op, args):
            return Op(op, tuple(_substituted(arg, values) for arg in args))
        case Call(name, args):
            return Call(name, tuple(_substituted(arg, values) for arg in args))
    return node


# What of an answer decides which sources are still needed (transforms/needs.py), by roll-up; None: nothing of it.
Args = Mapping[str, Any]
DECIDES: dict[str, Callable[[Args, Case], Hashable]] = {
    "first_known": lambda args, case: case.answer.answered,
    "any_of": lambda args, case: (case.answer.answered, _among(case, args.get("yes", ("yes",)))),
    "qualified": lambda args, case: (
        None if case.answer.qualifier else (case.answer.answered, case.answer.missing, _carried(args, case))
    ),
    "of_scale": lambda args, case: (case.answer.answered, case.answer.value) if _selects(args, case) else None,
    "if_else": lambda args, case: (
        case.answer.answered,
        tuple(_among(case, rule["is"]) for rule in args.get("rules", ()) if rule["source"] == case.answer.element),
    ),
    "ever": lambda args, case: None,
}


def _carried(args: Args, case: Case) -> bool:
    return _among(case, args.get("carry", ("no", "unknown")))


def _selects(args: Args, case: Case) -> bool:
    return case.answer.element == str(args["selector"])


def _among(case: Case, codes: Sequence[str]) -> bool:
    if case.free and case.answer.value == "x":
        raise Unsound("it turns on a text or on one of several choices")
    return case.answer.value in codes


def _needed(mapping: MappingSpec, source: Source, occasion: Occasion, reader: Reader) -> Node:
    """When the mapping still needs a source, given the answers to its others."""
    first = mapping.transform[0] if mapping.transform else None
    name = str(first.args.get("name", "")) if first and first.op == "rollup" else ""
    if first is None or name not in transforms.needs.RULES:
        return TRUE
    if name not in DECIDES:
        raise Unsound(f"the roll-up {name} is not known here")
    others, rule = [s for s in mapping.sources if s != source], transforms.selection_of(mapping)
    several = [_deciding(DECIDES[name], first.args, s, occasion, reader, rule) for s in others]
    return decide(
        several, lambda given: Truth(source in transforms.sources_needed(mapping, [case.answer for case in given]))
    )


def _deciding(
    kind: Callable[[Args, Case], Hashable],
    args: Args,
    source: Source,
    occasion: Occasion,
    reader: Reader,
    rule: transforms.Selection,
) -> Cases:
    base = Case(TRUE, reader.now(source, occasion, rule), rest=True)
    if kind(args, base) is None:
        return (base,)
    return classed(reader.cases(source, occasion, rule), lambda case: kind(args, case))


def _parent_allows(need: Need, occasion: Occasion, reader: Reader) -> Node:
    """When the element above has no answer that rules this one out; over cases what questions._visible says."""
    release = reader.facts.release
    element = release.elements.get(need.element)
    if element is None or need.kind != "plain" or need.qualifier:
        return TRUE
    if element.datatype == "date":
        reader.refuse_standing(element, occasion)
    outside = not occasion.window_start <= occasion.as_of <= occasion.window_end
    parent = release.elements.get(element.detail_of)
    if parent is None or (element.id == questions.MISSED and outside):
        return TRUE
    asked = any(n.element == parent.id for n in reader.needs.values())
    codes = questions.hiding(parent.id)

    def allows(case: Case) -> bool:
        return not _among(case, codes) if case.answer.value else not (asked or case.answer.missing)

    return decide([classed(reader.cases(Source(parent.id), occasion), allows)], lambda given: Truth(allows(given[0])))
