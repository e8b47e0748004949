"""Turns needs into questions: who asks, whether it is visible now, what is offered, what it costs. Called by sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from capture.ask import values
from capture.ask.asksheet import Asker, Question
from capture.ask.facts import GATE, Entered, Occasion, VisitFacts, gate_key
from capture.ask.known import Need
from capture.ask.prefill import Offer, offer_for
from capture.ask.standing import follows_parent, since_infusion
from forms_catalog.merging_rulings import optional
from forms_catalog.specs import AskSpec, ElementSpec, Option, Source
from sites.burden import cost

MISSED = "missed-visit-reason"  # also asked where the report speaks for a day outside its window
YES_NO = (Option("yes", "Yes"), Option("no", "No"))


@dataclass(frozen=True, slots=True)
class Asking:
    """One ask and the questions it needs now; none where its own branching hides it."""

    occasion: Occasion
    ask: AskSpec
    needs: tuple[Need, ...]

    @property
    def asker(self) -> Asker:
        field = self.ask.field
        return Asker(self.occasion.uuid, self.occasion.program, field.path, field.label, field.required)


def collect(
    asking: Sequence[Asking], needs: Mapping[str, Need], view: VisitFacts, base: VisitFacts, typed: Entered
) -> tuple[Question, ...]:
    """Every question, in catalog order, with the askers whose rules show it; hidden ones have `visible` False."""
    askers: dict[str, list[Asking]] = {key: [] for key in needs}
    for one in asking:
        for need in one.needs:
            askers[need.key].append(one)
    order = {element: i for i, element in enumerate(view.release.elements)}
    asked = {n.element for n in needs.values()}
    made = [_question(need, askers[key], view, base, typed, asked) for key, need in needs.items()]
    ranked = sorted(zip(made, needs.values(), strict=True), key=lambda pair: _rank(pair[1], order, view))
    return tuple(question for question, _ in ranked)


def _rank(need: Need, order: Mapping[str, int], view: VisitFacts) -> tuple[int, int, str]:
    if need.group:
        group = view.release.groups[need.group]
        first = min(order.get(e, 9999) for e in (*group.summaries, *group.fields))
        inside = 0 if need.kind == "gate" else 1 + group.fields.index(need.element)
        return first, inside, need.context
    return order.get(need.element, 9999), 0, need.context


def _question(
    need: Need, asking: Sequence[Asking], view: VisitFacts, base: VisitFacts, typed: Entered, asked: set[str]
) -> Question:
    visible = any(_visible(need, one.occasion, view, typed, asked) for one in asking)
    offer = offer_for(need, [a.occasion for a in asking], view.patient, view.release) if base else None
    askers = tuple(dict.fromkeys(a.asker for a in asking))
    if need.kind == "gate":
        return _gate(need, askers, visible, view)
    made = _of_element(need, view.release.elements[need.element], askers, visible, offer, asking)
    return replace(made, required=False) if need.element in optional(view.release) else made


def _visible(need: Need, occasion: Occasion, view: VisitFacts, typed: Entered, asked: set[str]) -> bool:
    if need.kind == "field":
        gate = typed.answers.get(gate_key(need.group, view.visit_id))
        return bool(gate and gate.value == "yes")
    if need.kind == "gate":
        return True
    element = view.release.elements[need.element]
    if need.qualifier:
        return True
    if need.key not in typed.answers and _stands(element, occasion, view):
        return False
    if element.id == MISSED and not occasion.window_start <= occasion.as_of <= occasion.window_end:
        return True
    return not element.detail_of or not _parent_rules_out(element, occasion, view, asked)


def _stands(element: ElementSpec, occasion: Occasion, view: VisitFacts) -> bool:
    """Whether an earlier answer about a best or worst still holds, because that has not changed."""
    if element.datatype != "date" or not follows_parent(element, view.release):
        return False
    found = since_infusion(element, occasion, view.patient, view.release)
    return found is not None and found.visit_id != view.visit_id


def _parent_rules_out(element: ElementSpec, occasion: Occasion, view: VisitFacts, asked: set[str]) -> bool:
    """True where the parent says no, or is asked here and has no answer yet."""
    parent = view.release.elements.get(element.detail_of)
    if parent is None:
        return False
    answer = values.seen(Source(parent.id), occasion, view.patient, view.release).answer
    if answer.value:
        return answer.value in hiding(parent.id)
    return parent.id in asked or bool(answer.missing)


def hiding(parent: str) -> tuple[str, ...]:
    """The answers to a parent question that hide its details."""
    return hiding_codes().get(parent, hiding_codes()[""])


@lru_cache(maxsize=1)
def hiding_codes() -> Mapping[str, tuple[str, ...]]:
    """Parent element → the codes that hide its details; '' holds the codes of every other parent."""
    text = resources.files("forms_catalog.content").joinpath("details.json").read_text(encoding="utf-8")
    return {parent: tuple(codes) for parent, codes in json.loads(text)["hide"].items()}


def _since(need: Need, view: VisitFacts) -> str:
    """The last covered day in words; before the first report that is the infusion."""
    start = need.covers.after if need.covers else view.planned_on
    first = min((o.treatment.infusion_on for o in view.occasions), default=start)
    return "the infusion" if start < first else start.isoformat()


def _gate(need: Need, askers: tuple[Asker, ...], visible: bool, view: VisitFacts) -> Question:
    group = view.release.groups[need.group]
    date_element = view.release.elements[group.date]
    return Question(
        key=need.key,
        element=GATE,
        qualifier=need.qualifier,
        context=need.context,
        kind="gate",
        group=group.id,
        section=date_element.section,
        label=f"{group.definition}: anything new since {_since(need, view)}?",
        definition=group.definition,
        datatype="choice",
        options=YES_NO,
        unit="",
        minimum=None,
        maximum=None,
        askers=askers,
        visible=visible,
        required=True,
        identifier=False,
        covers_from=need.covers.after if need.covers else None,
        covers_to=need.covers.upto if need.covers else None,
        offer_value="",
        offer_on=None,
        offer_source="",
        centiseconds=cost.question("choice", None),
    )


def _of_element(
    need: Need,
    element: ElementSpec,
    askers: tuple[Asker, ...],
    visible: bool,
    offer: Offer | None,
    asking: Sequence[Asking],
) -> Question:
    label, options, datatype = element.label, element.options, element.datatype
    if need.qualifier and asking and asking[0].ask.mapping:
        mapping = asking[0].ask.mapping
        label, options = mapping.qualifier_question, mapping.qualifier_options or YES_NO
        datatype = "choice"
    return Question(
        key=need.key,
        element=element.id,
        qualifier=need.qualifier,
        context=need.context,
        kind=need.kind,
        group=need.group,
        section=element.section,
        label=label,
        definition=element.definition,
        datatype=datatype,
        options=options,
        unit="" if need.qualifier else element.unit,
        minimum=element.minimum,
        maximum=element.maximum,
        askers=askers,
        visible=visible,
        required=any(a.required for a in askers),
        identifier=element.identifier,
        covers_from=need.covers.after if need.covers else None,
        covers_to=need.covers.upto if need.covers else None,
        offer_value=offer.value if offer else "",
        offer_on=offer.observed_on if offer else None,
        offer_source=offer.source if offer else "",
        centiseconds=cost.question(datatype, None if need.qualifier else element.effort_seconds),
        parent=element.detail_of,
    )
