"""Matching, step 5: how an element could answer a field: the relation proposed, the value map, the unit rule."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from forms_catalog.specs import Relation

from . import recall, units, values
from .guards import Hit
from .profiles import ElementProfile, QueryProfile

CONSTANT = re.compile(r"x([*/][0-9.eE+-]+)?")


@dataclass(frozen=True)
class Proposal:
    """A relation with what it needs. `fits` says that class, options and unit raise no question of their own."""

    relation: Relation
    fits: bool
    reasons: tuple[str, ...] = ()
    value_map: dict[str, str] | None = None
    factor: str | None = None
    hits: tuple[Hit, ...] = field(default=())


def propose(query: QueryProfile, element: ElementProfile, hits: tuple[Hit, ...]) -> Proposal:
    """The relation for one pair; `hits` are the guards that already fired."""
    plain = _by_class(query, element)
    wanted = next((hit.relation for hit in (*plain.hits, *hits) if hit.relation in ("broader", "narrower")), "")
    if not wanted or plain.relation in ("broader", "narrower"):
        return plain
    relation: Relation = "broader" if wanted == "broader" else "narrower"
    return Proposal(relation, False, plain.reasons, plain.value_map, plain.factor, plain.hits)


def period_hits(query: QueryProfile, element: ElementProfile) -> tuple[Hit, ...]:
    """The recall guard: periods that differ, or an unusual one the field does not name."""
    asked, own = query.recall, element.recall
    if asked and own and recall.apart(asked, own):
        said = f"the field asks about {recall.SAY[asked]}, the element about {recall.SAY.get(own, own)}"
        return (Hit("recall", "conflict", f"Period: {said}.", recall.relation(asked, own)),)
    if not asked and own and recall.unusual(own):
        return (Hit("recall", "element", f"Period: the element is about {recall.SAY[own]}, the field does not say."),)
    return ()


def _by_class(query: QueryProfile, element: ElementProfile) -> Proposal:
    asked, own = query.value_class, element.value_class
    if asked in ("yesno", "list") and own in ("yesno", "list"):
        return _options(query, element)
    if asked == "number" and own == "list":
        return _number_over_list(element)
    if asked in ("yesno", "list") and own in ("number", "text", "date", "time"):
        return _choice_over_value(query, element)
    if asked == "text" and own in ("list", "yesno"):
        return Proposal("broader", False, ("Free text can be filled with the label of the element's answer.",))
    if _coarser_date(query, element):
        return Proposal("broader", False, ("The field takes a coarser date than the element holds.",))
    if asked and own and asked != own and "text" not in (asked, own):
        return _other_class(asked, own)
    return _measured(query, element)


def _options(query: QueryProfile, element: ElementProfile) -> Proposal:
    ours, theirs = element.entry.options, query.query.options
    found = values.align(ours, theirs)
    wanted = [option for option in theirs if values.answer(option.label) not in values.MISSING]
    matched = sum(option.code in found.values() for option in wanted)
    reason = f"{matched} of {len(wanted)} answers line up."
    if query.value_class == "yesno" and element.value_class == "list" and matched < len(wanted):
        return _yes_no_over_list(query, element, found)
    if not theirs and ours:
        return Proposal("exact", True, ("The field lists no answers of its own.",))
    same_codes = found and all(a == b for a, b in found.items()) and len(found) == len(theirs)
    full = matched == len(wanted)
    if element.value_class == "yesno" and not {"yes", "no"} & {values.answer(o.label) for o in theirs}:
        return Proposal("narrower", False, ("The field lists kinds, the element only says yes or no.",), found)
    return Proposal("exact" if same_codes else "recode", full, (reason,), found)


def _yes_no_over_list(query: QueryProfile, element: ElementProfile, found: dict[str, str]) -> Proposal:
    told = [o for o in element.entry.options if values.answer(o.label) not in values.MISSING | {"none", "other"}]
    named = values.named(query.text, told)
    if named and len(told) > 2:
        return Proposal("broader", False, (f"The field asks yes or no for one answer: {named}.",), found)
    if len(told) > 2 and len(element.entry.options) > 4:
        return Proposal("broader", False, ("The field asks yes or no where the element has more answers.",), found)
    return Proposal("recode", False, ("Yes and no have to be laid over the element's answers by a person.",), found)


def _number_over_list(element: ElementProfile) -> Proposal:
    if all(re.fullmatch(r"-?\d+(\.\d+)?", option.code) for option in element.entry.options):
        return Proposal("exact", True, ("The element's answers are numbers.",))
    return _other_class("number", "list")


def _choice_over_value(query: QueryProfile, element: ElementProfile) -> Proposal:
    answers = {values.answer(option.label) for option in query.query.options} - values.MISSING
    two_way = answers <= {"yes", "no", "positive", "negative"}
    if element.value_class == "text" and not two_way:
        return Proposal("recode", False, ("The element is free text; each of the field's answers needs a rule.",))
    reason = "The field asks for a class, the element holds the value."
    hit = Hit("value class", "conflict", reason, "broader")
    return Proposal("broader", False, (reason,), hits=(hit,) if element.value_class != "text" else ())


def _other_class(asked: str, own: str) -> Proposal:
    say = {"yesno": "yes or no", "list": "one of a list", "number": "a number", "date": "a date", "time": "a time"}
    reason = f"The field asks for {say[asked]}, the element holds {say[own]}."
    return Proposal("narrower", False, (reason,), hits=(Hit("value class", "conflict", reason, "narrower"),))


def _coarser_date(query: QueryProfile, element: ElementProfile) -> bool:
    coarse = query.query.date_format == "my" or "date precision" in query.said
    return element.value_class == "date" and coarse and "date precision" not in element.said


def _measured(query: QueryProfile, element: ElementProfile) -> Proposal:
    rule = units.factor(query.unit, element.unit, element.entry.convertible)
    soft = "text" in (query.value_class, element.value_class) and query.value_class != element.value_class
    if rule is None and query.unit and element.unit:
        reason = f"Unit: {query.unit.ucum} cannot become {element.unit.ucum}."
        return Proposal("narrower", False, (reason,), hits=(Hit("unit", "conflict", reason, "narrower"),))
    if rule and query.unit and element.unit:
        reason = f"Unit: {query.unit.ucum} becomes {element.unit.ucum} by {rule}."
        ready = CONSTANT.fullmatch(units.listed(query.unit, element.entry.convertible)) is not None
        more = () if ready else ("The element does not list this conversion yet, or it needs more than a number.",)
        return Proposal("unit_conversion", ready, (reason, *more), factor=rule)
    if element.unit and element.unit.scale and not query.unit:
        return Proposal("exact", False, (f"Unit: the element is in {element.unit.ucum}, the field states none.",))
    return Proposal("exact", not soft, ("The units agree.",) if query.unit and element.unit else ())
