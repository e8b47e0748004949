"""Builds the AskSheet of a visit: which question, for whom, why, at what cost. The one place where this is decided.

Called by the form, autosave, submit (final=True freezes every ask in one of seven states), estimates and previews.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from capture.ask import questions, reasons, terms, values
from capture.ask.asksheet import AskSheet, Line, Question
from capture.ask.entered import overlay
from capture.ask.facts import GATE, Entered, Occasion, VisitFacts
from capture.ask.known import Need, Periods, Resolution, asked_period, group_of, period_key, resolve
from capture.ask.periods import Interval
from capture.ask.questions import Asking
from forms_catalog import language, transforms
from forms_catalog.specs import AskSpec, Source
from sites.burden import cost

SETTLED = ("known", "derived")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one ask stands: its sources' resolutions, whether its own branching shows it, which questions it needs."""

    occasion: Occasion
    ask: AskSpec
    resolutions: tuple[Resolution, ...]
    shown_by_rule: bool
    needs: tuple[Need, ...]

    @property
    def held(self) -> bool:
        return self.ask.mapping is None or self.ask.mapping.relation == "not_same"


def build(facts: VisitFacts, entered: Entered | None = None, *, final: bool = False) -> AskSheet:
    """The sheet of a visit with what is typed so far. `facts` must not hold this visit's own answers."""
    typed = entered or Entered()
    asked = [(o, a) for o in facts.occasions for a in o.asks if a.field.asks]
    periods = collect_periods(asked, facts)
    resolved = [tuple(_resolved(a, o, facts, periods)) for o, a in asked]
    needs = {n.key: n for rs in resolved for r in rs for n in r.needs}
    view = overlay(facts, typed, needs)
    stands = [_stand(o, a, rs, view) for (o, a), rs in zip(asked, resolved, strict=True)]
    found = questions.collect([_asking(s) for s in stands], needs, view, facts, typed)
    by_key = {q.key: q for q in found}
    settled = {(s.occasion.uuid, s.ask.field.name) for s in stands if _how(s.resolutions) in SETTLED}
    lines = tuple(_line(s, by_key, typed, view, settled, final) for s in stands)
    return AskSheet(facts.visit_uuid, found, lines)


def needs_of(facts: VisitFacts) -> Mapping[str, Need]:
    """Every question any ask of the visit may need, by key: what a posted value is allowed to answer."""
    asked = [(o, a) for o in facts.occasions for a in o.asks if a.field.asks]
    periods = collect_periods(asked, facts)
    resolved = [r for o, a in asked for r in _resolved(a, o, facts, periods)]
    return {n.key: n for r in resolved for n in r.needs}


def _resolved(ask: AskSpec, occasion: Occasion, facts: VisitFacts, periods: Periods) -> Iterator[Resolution]:
    rule = transforms.selection_of(ask.mapping)
    return (resolve(s, occasion, facts, periods, rule) for s in _sources(ask))


def collect_periods(asked: Sequence[tuple[Occasion, AskSpec]], facts: VisitFacts) -> Periods:
    """The periods of every asker, by element (or by record group), so that intervals are cut the same for all."""
    found: dict[str, list[Interval]] = {}
    for occasion, ask in asked:
        rule = transforms.selection_of(ask.mapping)
        for source in _sources(ask):
            element = facts.release.elements[source.element]
            group = "" if source.qualifier else group_of(element, rule)
            key = f"{GATE}~{group}" if group else period_key(source)
            found.setdefault(key, []).append(asked_period(element, occasion, rule))
    return found


def _sources(ask: AskSpec) -> tuple[Source, ...]:
    return ask.mapping.sources if ask.mapping and ask.mapping.relation != "not_same" else ()


def _stand(occasion: Occasion, ask: AskSpec, resolutions: tuple[Resolution, ...], view: VisitFacts) -> Stand:
    shown = terms.shows(ask, occasion, view.patient, view.release)
    return Stand(occasion, ask, resolutions, shown, _needed(occasion, ask, resolutions, view))


def _needed(
    occasion: Occasion, ask: AskSpec, resolutions: tuple[Resolution, ...], view: VisitFacts
) -> tuple[Need, ...]:
    """The questions of the sources this ask still depends on, given the answers to its other sources."""
    if ask.mapping is None:
        return ()
    rule = transforms.selection_of(ask.mapping)
    answers = {s: values.seen(s, occasion, view.patient, view.release, rule).answer for s in ask.mapping.sources}
    needs: list[Need] = []
    for source, resolution in zip(ask.mapping.sources, resolutions, strict=True):
        others = [a for s, a in answers.items() if s != source]
        if resolution.needs and source in transforms.sources_needed(ask.mapping, others):
            needs.extend(resolution.needs)
    return tuple(dict.fromkeys(needs))


def _asking(stand: Stand) -> Asking:
    return Asking(stand.occasion, stand.ask, stand.needs if stand.shown_by_rule and not stand.held else ())


def _how(resolutions: Sequence[Resolution]) -> str:
    hows = [r.how for r in resolutions]
    if not hows or "ask" in hows:
        return "ask"
    return "derived" if "derived" in hows else "known"


def _line(
    stand: Stand,
    by_key: Mapping[str, Question],
    typed: Entered,
    view: VisitFacts,
    settled: set[tuple[str, str]],
    final: bool,
) -> Line:
    found = terms.cell(stand.ask, stand.occasion, view.patient, view.release)
    outcome = found.outcome
    state, why = _state(stand, by_key, typed, settled, final, found, view)
    note = outcome.note if outcome.no_target and not outcome.no_target.startswith("not-a") else ""
    needed = [n.key for n in stand.needs]
    field = stand.ask.field
    return Line(
        stand.occasion.uuid,
        stand.occasion.program,
        stand.occasion.entry_code,
        field.path,
        field.label,
        state,
        why,
        tuple(needed),
        tuple(s.element for s in _sources(stand.ask)),
        _alone(stand, by_key, view),
        note,
    )


def _alone(stand: Stand, by_key: Mapping[str, Question], view: VisitFacts) -> int:
    """Centiseconds this ask would cost a person if it were typed for its program alone."""
    elements = [view.release.elements[s.element] for s in _sources(stand.ask)]
    return sum(cost.question(e.datatype, e.effort_seconds) for e in elements if not e.reuse.startswith("from-"))


def _state(
    stand: Stand,
    by_key: Mapping[str, Question],
    typed: Entered,
    settled: set[tuple[str, str]],
    final: bool,
    found: terms.Cell,
    view: VisitFacts,
) -> tuple[str, str]:
    """`found`: what the program gets. Where no question is visible, it is an earlier value that still holds."""
    if stand.held:
        return "held", "No decided mapping yet: it is neither asked nor delivered."
    if not stand.shown_by_rule:
        return _hidden(stand, settled, final)
    if _how(stand.resolutions) in SETTLED or not stand.needs:
        return _settled(stand, found, view)
    visible = [by_key[n.key] for n in stand.needs if by_key[n.key].visible]
    if not visible and found.outcome.value and final:
        return "known", reasons.stands(reasons.newest(found.used, view), stand.occasion, view)
    if not visible:
        why = reasons.ruled_out(by_key[stand.needs[0].key], stand.occasion, view)
        return ("ruled_out" if final else "conditional"), why
    if not final:
        return "offered", stand.resolutions[0].why
    return _asked(stand, visible, typed, view)


def _settled(stand: Stand, found: terms.Cell, view: VisitFacts) -> tuple[str, str]:
    settled = [r for r in stand.resolutions if r.how in SETTLED]
    how = "derived" if any(r.how == "derived" for r in settled) else "known"
    others = reasons.from_others(reasons.newest(found.used, view), stand.occasion, view)
    return how, settled[0].why if settled else others


def _hidden(stand: Stand, settled: set[tuple[str, str]], final: bool) -> tuple[str, str]:
    rule = stand.ask.field.branching
    tree = terms.parsed(rule)
    refs = _names(tree) if tree is not None else set()
    certain = all((stand.occasion.uuid, name) in settled for name in refs)
    return ("ruled_out" if final or certain else "conditional"), f"Its program asks it only if {rule}."


def _names(tree: language.Node) -> set[str]:
    """The field names an expression reads."""
    return {ref.name for ref in language.references(tree)}


def _asked(stand: Stand, visible: Sequence[Question], typed: Entered, view: VisitFacts) -> tuple[str, str]:
    """shown, confirmed or shared: the first asker of a question has it shown, the others share it."""
    me = (stand.occasion.uuid, stand.ask.field.path)
    mine = [q for q in visible if (q.askers[0].occasion, q.askers[0].path) == me]
    if not mine:
        return "shared", reasons.shared(visible[0].askers[0], view)
    entries = [typed.answers.get(q.key) for q in mine]
    if all(e is not None and e.confirmed for e in entries):
        return "confirmed", f"Kept with one key: {mine[0].offer_value} of {mine[0].offer_on}."
    return "shown", stand.resolutions[0].why
