"""Whatever becomes of a form, each typed value is typed or set aside afterwards; random values, forms and pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from capture.ask import aside, form_changes
from capture.ask.aside import Typing
from capture.ask.facts import Entered, Entry
from capture.ask.form_changes import Asked, Form
from forms_catalog.specs import Option

PLACES = (
    "igg~~v1",
    "ecog~~v1",
    "crs~~v1/a2026-06-01",
    "any-new~infection~v1",
    "r.infection.date",
    "r.infection.organism",
)
OPTIONS = st.lists(st.sampled_from([Option("1", "Mild"), Option("2", "Severe"), Option("2", "Deadly")]), max_size=3)
ASKED = st.builds(
    Asked,
    label=st.sampled_from(["Grade", "Grade of the worst"]),
    datatype=st.sampled_from(list(form_changes.KINDS)),
    unit=st.sampled_from(["", "mg/dL", "g/L"]),
    options=OPTIONS.map(tuple),
    covers_from=st.sampled_from([None, date(2026, 1, 1)]),
    covers_to=st.sampled_from([None, date(2026, 6, 1)]),
    offer_value=st.sampled_from(["", "1"]),
    programs=st.sampled_from([(), ("registry",)]),
)
ENTRIES = st.builds(
    Entry,
    value=st.sampled_from(["1", "2", "1|2", "3", "2.5", "words", "2026-01-01"]),
    confirmed=st.booleans(),
)
MISSING = st.builds(Entry, missing=st.just("not-done"))


def forms(number: int) -> st.SearchStrategy[Form]:
    return st.dictionaries(st.sampled_from(PLACES), ASKED).map(lambda questions: Form(number, questions))


def written(place: str, record: int) -> str:
    """The place of a value: of a field in one of two records."""
    return place.replace("r.infection.", f"r.infection.new-{record}.")


VALUES = st.dictionaries(
    st.builds(written, st.sampled_from(PLACES), st.integers(1, 2)), st.one_of(ENTRIES, MISSING), max_size=8
)


def entered(values: dict[str, Entry]) -> Entered:
    return aside.tidy(values, ()).entered


def held(typing: Typing) -> set[tuple[str, str, str]]:
    """Every value that is typed or set aside, with its place."""
    typed = aside.places_of(typing.entered).items()
    return {(p, e.value, e.missing) for p, e in [*typed, *((a.place, a.entry) for a in typing.aside)]}


@settings(deadline=None)
@given(VALUES, forms(1), forms(2), forms(3))
def test_after_two_moves_every_value_is_typed_or_set_aside(
    values: dict[str, Entry], one: Form, two: Form, three: Form
) -> None:
    typing = Typing(entered(values))
    once = aside.moved(typing, one, two)
    twice = aside.moved(once, two, three)
    assert held(typing) == held(once) == held(twice)


@settings(deadline=None)
@given(VALUES, VALUES, forms(1), forms(2), st.sets(st.sampled_from(PLACES)))
def test_a_saved_page_of_any_age_only_replaces_what_it_showed(
    values: dict[str, Entry], posted: dict[str, Entry], then: Form, now: Form, shown: set[str]
) -> None:
    stored = aside.moved(Typing(entered(values)), then, now)
    boxes = {written(p, n) for p in shown for n in (1, 2)}
    after = held(aside.merged(entered(posted), stored, boxes, then, now))
    assert after >= held(Typing(entered(posted)))
    assert after >= {(a.place, a.entry.value, a.entry.missing) for a in stored.aside}
    kept = {p: e for p, e in aside.places_of(stored.entered).items() if p not in posted and p not in boxes}
    assert after >= {(p, e.value, e.missing) for p, e in kept.items()}


@settings(deadline=None)
@given(VALUES, forms(1), forms(2))
def test_what_comes_back_is_what_was_typed(values: dict[str, Entry], one: Form, two: Form) -> None:
    known = {p: e for p, e in values.items() if one.at(p) is not None}
    start = aside.moved(Typing(entered(known)), one, one)
    there_and_back = aside.moved(aside.moved(start, one, two), two, one)
    lost = set(aside.places_of(start.entered)) - set(aside.places_of(there_and_back.entered))
    assert lost <= {a.place for a in there_and_back.aside}
    assert held(start) == held(there_and_back)


@settings(deadline=None)
@given(VALUES, forms(1), forms(2))
def test_using_a_value_puts_it_in_its_place_and_the_other_aside(values: dict[str, Entry], one: Form, two: Form) -> None:
    typing = aside.moved(Typing(entered(values)), one, two)
    for value in typing.aside:
        after = aside.used(typing, value, two)
        assert aside.places_of(after.entered)[value.place].value == value.entry.value
        assert held(after) == held(typing)


def test_another_case_of_an_option_is_no_change_and_another_word_is() -> None:
    was = Asked("Grade", "choice", options=(Option("1", "Mild pain"),))
    assert aside.misfit(Entry("1"), was, replace(was, options=(Option("1", "mild, pain"),))) == ""
    assert aside.misfit(Entry("1"), was, replace(was, options=(Option("1", "no pain"),))) == "reworded"


def test_the_list_of_changes_names_each_in_words() -> None:
    was = Asked("Grade", "choice", "mg", (Option("1", "Mild"), Option("2", "Severe")), programs=("registry",))
    now = replace(was, label="Worst grade", unit="g", options=(Option("1", "Slight"),), required=True)
    before, after = Form(1, {"grade": was, "gone": was}), Form(2, {"grade": now, "new": was})
    changed, added, removed = form_changes.changes(before, after)
    assert (changed.kind, added.kind, removed.kind) == ("changed", "added", "removed")
    assert changed.details == (
        "Was worded “Grade”.",
        "Unit was mg, is g.",
        "No longer to choose: Severe.",
        "“Mild” reads “Slight” now.",
        "Is required now.",
    )
