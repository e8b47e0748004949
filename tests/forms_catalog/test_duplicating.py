"""Which pairs of an installation a person is shown: not what is united already, not what curators hold apart."""

from __future__ import annotations

from dataclasses import replace

from forms_catalog import duplicating, starter
from forms_catalog.duplicating import Ask
from forms_catalog.matching import Query

ELEMENTS = starter.elements()
DEATH = Query(label="Date of death", kind="date")


def ask(program: str, query: Query = DEATH, *elements: str, seconds: float = 15, yearly: float = 2) -> Ask:
    return Ask(program, query.label, "m", query, frozenset(elements), seconds=seconds, yearly=yearly, visits=10)


def test_the_same_ask_of_two_programs_that_nobody_united_is_found() -> None:
    found = duplicating.asks([ask("a"), ask("b")], ELEMENTS)
    assert [(one.first, one.second, one.kind) for one in found] == [(0, 1, "same")]


def test_it_costs_what_the_rarer_ask_costs_a_year() -> None:
    found = duplicating.asks([ask("a", yearly=4), ask("b", seconds=10)], ELEMENTS)[0]
    assert (found.patient, found.network) == (2000, 10_000)


def test_what_one_element_answers_is_no_finding() -> None:
    assert duplicating.asks([ask("a", DEATH, "death-date"), ask("b", DEATH, "death-date")], ELEMENTS) == []


def test_what_was_marked_as_not_the_same_is_no_finding() -> None:
    marked = replace(ask("a"), refused=frozenset({"death-date"}))
    assert duplicating.asks([marked, ask("b", DEATH, "death-date")], ELEMENTS) == []


def test_elements_that_must_stay_apart_keep_their_asks_apart() -> None:
    key = next(key for key, spec in ELEMENTS.items() if spec.do_not_merge_with)
    other = ELEMENTS[key].do_not_merge_with[0]
    assert duplicating.asks([ask("a", DEATH, key), ask("b", DEATH, other)], ELEMENTS) == []


def test_one_program_is_told_only_of_the_same_ask_twice() -> None:
    yes = Query(label="Death", kind="yesno")
    assert [f.kind for f in duplicating.asks([ask("a"), ask("a", replace(DEATH)), ask("a", yes)], ELEMENTS)] == ["same"]


def test_the_costliest_pair_comes_first() -> None:
    weight = Query(label="Body weight (kg)", kind="decimal")
    dear = [ask("a", weight, seconds=90), ask("b", weight, seconds=90)]
    found = duplicating.asks([ask("a"), ask("b"), *dear], ELEMENTS)
    assert [(one.first, one.second) for one in found] == [(2, 3), (0, 1)]


def test_a_copy_of_an_element_is_its_twin() -> None:
    specs = [*ELEMENTS.values(), replace(ELEMENTS["ecog"], id="ecog-2", do_not_merge_with=())]
    found = duplicating.twins([replace(s, do_not_merge_with=()) if s.id == "ecog" else s for s in specs])
    assert ("ecog", "ecog-2") in [(specs[f.first].id, specs[f.second].id) for f in found]


def test_a_form_is_counted_over_the_follow_up_visits() -> None:
    schedule = starter.schedule("car_pass_sponsor")
    form = schedule.entries[-1].forms[0]
    often, share = duplicating.yearly(schedule, form)
    assert 0 < share <= 1
    assert often > 0
    assert duplicating.yearly(None, form) == (0.0, 0.0)
