"""Conditions over the questions of a visit: whatever is typed, the tree says what the whole ask sheet says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from capture.ask import branching, sheet, terms
from capture.ask.asksheet import Question
from capture.ask.branching import Rule
from capture.ask.cases import MISSING, Reader, Unsound
from capture.ask.entered import overlay
from capture.ask.facts import Answer, Entered, EnteredRecord, Entry, Occasion, PatientFacts, VisitFacts
from forms_catalog import language, transforms
from forms_catalog.language import FieldRef, holds
from forms_catalog.specs import AskSpec, Option, ReleaseSpec, Step
from tests.occasions import answer, day, gate, occasion, record, visit
from tests.releases import ALL, CAR, HEMO, SCD, release_of
from tests.sizes import size

SETS = (*((code,) for code in ALL), CAR, HEMO, SCD, ALL)
FREE = {"date": ("2025-06-01", "2025-06"), "integer": ("0", "3", "70"), "decimal": ("0.5", "12"), "text": ("1:20", "x")}


def made(programs: Sequence[str], chance: random.Random) -> VisitFacts:
    """A visit at one follow-up of each program, with earlier answers, records and reports by chance."""
    release = release_of(*programs)
    occasions = [_occasion(release, program, chance) for program in programs]
    answers = [_earlier(release, occasions, chance) for _ in range(chance.choice((0, 10, 60)))]
    groups = chance.sample(sorted(release.groups), min(3, len(release.groups)))
    records = [record(n, g, **{release.groups[g].date: str(day(150))}) for n, g in enumerate(groups, 1)]
    patient = PatientFacts(1, tuple({a.key: a for a in answers}.values()), tuple(records))
    return visit(release, *occasions, patient=patient)


def _occasion(release: ReleaseSpec, program: str, chance: random.Random) -> Occasion:
    entry = chance.choice([e for e in release.programs[program].entries if e.kind != "triggered"])
    return occasion(release, program, entry.code, 400, last=chance.choice((None, 100, 300)))


def _earlier(release: ReleaseSpec, occasions: Sequence[Occasion], chance: random.Random) -> Answer:
    """An answer of an earlier visit."""
    if chance.random() < 0.2:
        return gate(chance.choice(sorted(release.groups)), -1, chance.choice((100, 300, 400)))
    element = chance.choice([e for e in release.elements.values() if not e.summary_of and not e.group])
    entry, on = _entry(element.datatype, element.options, chance), chance.choice((100, 300, 395))
    if not element.reuse.startswith("from-") and entry.given:
        found = answer(release, element.id, entry.value, chance.choice(occasions), on=on, missing=entry.missing)
        return replace(found, covers_from=day(chance.choice((-1, 100))), covers_to=day(on))
    return gate("infection", -1, 100)


def _entry(datatype: str, options: Sequence[Option], chance: random.Random) -> Entry:
    kind, codes = chance.random(), [o.code for o in options]
    if kind < 0.15:
        return Entry()
    if kind < 0.3:
        return Entry(missing=chance.choice(tuple(transforms.MISSING_CODES)))
    if datatype == "multichoice":
        return Entry("|".join(chance.sample(codes, chance.randint(1, min(3, len(codes))))))
    return Entry(chance.choice(codes or FREE.get(datatype, ("x",))))


def typed(facts: VisitFacts, questions: Sequence[Question], chance: random.Random) -> Entered:
    """Something typed, or not, into every question, hidden ones too; one record a group."""
    filled = {q.key: _entry(q.datatype, q.options, chance) for q in questions if q.kind != "field"}
    groups = {q.group for q in questions if q.kind == "field"}
    dates = {g: facts.release.groups[g].date for g in groups if chance.random() < 0.5}
    records = tuple(EnteredRecord("new-1", g, {d: Entry(str(day(350)))}) for g, d in dates.items())
    return Entered({k: e for k, e in filled.items() if e.given}, records)


def read(ref: FieldRef, answers: Mapping[str, Entry]) -> str:
    """What the page gives a tree: the value where no missing reason is chosen, or that reason."""
    entry = answers.get(ref.name, Entry())
    return entry.missing if ref.modifier == MISSING else "" if entry.missing else entry.value


def wrong(rules: Mapping[str, Rule], found: Sequence[Question], entered: Entered) -> list[str]:
    """The questions whose tree says otherwise than the sheet."""
    bad = []
    for question in found:
        rule = rules[question.key]
        says = holds(rule.shown, lambda ref: read(ref, entered.answers))
        if (says and not question.visible) or (rule.sure and says != question.visible):
            bad.append(f"{question.key}: tree {says}, sheet {question.visible}")
    return bad


@pytest.mark.thorough
@pytest.mark.parametrize("programs", SETS, ids="+".join)
def test_a_question_is_shown_by_its_tree_as_by_the_whole_sheet(programs: tuple[str, ...]) -> None:
    chance = random.Random("+".join(programs))
    for _ in range(size(1, 20)):
        facts = made(programs, chance)
        rules = branching.rules(facts)
        assert rules
        questions = sheet.build(facts).questions
        for _ in range(size(1, 30)):
            entered = typed(facts, questions, chance)
            assert wrong(rules, sheet.build(facts, entered).questions, entered) == []


@pytest.mark.thorough
@pytest.mark.parametrize("programs", SETS, ids="+".join)
def test_a_condition_over_questions_holds_when_its_program_shows_the_field(programs: tuple[str, ...]) -> None:
    chance = random.Random("-".join(programs))
    compared = 0
    for _ in range(size(1, 20)):
        facts = made(programs, chance)
        needs = sheet.needs_of(facts)
        reader = Reader(facts, needs)
        questions = sheet.build(facts).questions
        asked = [(o, a) for o in facts.occasions for a in o.asks if a.field.branching]
        trees = [(o, a, tree) for o, a in asked if (tree := _tree(a, o, reader)) is not None]
        for _ in range(size(1, 30)):
            entered = typed(facts, questions, chance)
            view = overlay(facts, entered, needs)
            for at, ask, tree in trees:
                says = holds(tree, lambda ref: read(ref, entered.answers))  # noqa: B023
                assert says == terms.shows(ask, at, view.patient, facts.release), ask.field.path
                compared += 1
    assert compared or not trees


def _tree(ask: AskSpec, at: Occasion, reader: Reader) -> language.Node | None:
    try:
        return branching.condition(ask, at, reader)
    except Unsound:
        return None


def test_39_of_the_63_conditions_are_followed_and_the_others_read_dated_records() -> None:
    said = [_said(code, ask) for code in ALL for ask in release_of(code).programs[code].asks if ask.field.branching]
    assert Counter(said) == {"followed": 39, "it reads dated records that may be typed at this visit": 24}


def _said(program: str, ask: AskSpec) -> str:
    """Whether a field's condition is followed at the first visit that asks it, or why not."""
    release = release_of(program)
    every = (occasion(release, program, e.code, 400) for e in release.programs[program].entries)
    at = next(o for o in every if any(a.field.path == ask.field.path for a in o.asks))
    facts = visit(release, at)
    try:
        branching.condition(ask, at, Reader(facts, sheet.needs_of(facts)))
    except Unsound as reason:
        return str(reason)
    return "followed"


def test_every_rule_of_which_answers_are_still_needed_has_a_tree() -> None:
    assert set(branching.DECIDES) == set(transforms.needs.RULES)


def test_a_field_hidden_by_its_own_rule_reads_as_blank_in_the_rules_of_others() -> None:
    release = release_of("car_registry_eu")
    asks = {a.field.name: a for a in release.programs["car_registry_eu"].asks}
    chained = replace(asks["crs_max"], field=replace(asks["crs_max"].field, branching="[perf_ecog] = '1'"))
    at = replace(occasion(release, "car_registry_eu", "D100", 100), asks=(chained,))
    view = overlay(visit(release, at), Entered({}), {})
    scale, grade = (
        answer(release, e, v, at, visit=7, on=100) for e, v in (("performance-scale-used", "karnofsky"), ("ecog", "1"))
    )
    shown = replace(view.patient, answers=(replace(scale, value="ecog"), grade))
    hidden = replace(view.patient, answers=(scale, grade))
    assert terms.shows(chained, at, shown, release)
    assert not terms.shows(chained, at, hidden, release)


def test_a_lowest_value_over_the_period_is_asked_by_its_draws_and_the_trees_follow() -> None:
    release = release_of("car_registry_na")
    elements = release.elements
    program = release.programs["car_registry_na"]
    measured = [
        a
        for a in program.asks
        if a.mapping and elements[a.mapping.sources[0].element].reuse == "measured" and len(a.mapping.sources) == 1
    ]
    grouped = next(a for a in measured if a.mapping and elements[a.mapping.sources[0].element].group)
    assert grouped.mapping is not None
    lowest = replace(grouped.mapping, transform=(Step("select", {"rule": "minimum"}), *grouped.mapping.transform))
    at = occasion(release, "car_registry_na", "M6", 200, last=100)
    facts = visit(release, replace(at, asks=(replace(grouped, mapping=lowest),)))
    group = elements[grouped.mapping.sources[0].element].group
    rules = branching.rules(facts)
    assert set(rules) == set(sheet.needs_of(facts))
    assert any(key.startswith(f"any-new~{group}~") for key in rules)
