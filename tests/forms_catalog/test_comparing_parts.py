"""Two texts, two lists of choices, two schedules, read side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms_catalog import comparing_parts
from forms_catalog.comparing import Change, compare
from forms_catalog.comparing_parts import EntryChange, Piece
from forms_catalog.comparing_words import said, summary
from forms_catalog.specs import Option, ProgramSchedule, ScheduleSpec, TrackSpec
from tests.forms_catalog.test_comparing import GVHD

M6 = ScheduleSpec("M6", "Month 6", ("f1",), 210, 180, 150, 210)
PLAN = ProgramSchedule("p", "P", "infusion", 15, (M6,), (TrackSpec("t", "r", ("M6",)),), {"dead": "stops"})


def test_a_text_shows_which_words_came_and_went() -> None:
    found = comparing_parts.pieces("Acute GVHD ever?", "Acute GVHD since infusion?")
    assert [(p.part, p.text) for p in found] == [
        ("same", "Acute GVHD "), ("deleted", "ever"), ("inserted", "since infusion"), ("same", "?")
    ]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [("", "new"), ("old", ""), ("a  b\nc", "a b\nc"), ("x" * 9, "y " * 900)])
def test_both_texts_can_be_read_back_from_the_pieces(before: str, after: str) -> None:
    found = comparing_parts.pieces(before, after)
    assert "".join(p.text for p in found if p.part != "inserted") == before
    assert "".join(p.text for p in found if p.part != "deleted") == after


def test_a_very_long_text_is_not_compared_word_by_word() -> None:
    one, other = "word " * 5_000, "ward " * 5_000
    assert comparing_parts.pieces(one, other) == (Piece("deleted", one), Piece("inserted", other))


def test_choices_are_added_removed_relabelled_or_recoded() -> None:
    before = [Option("1", "Yes"), Option("2", "No"), Option("3", "Maybe"), Option("4", "Unknown")]
    after = [Option("1", "Yes"), Option("2", "Not at all"), Option("9", "unknown"), Option("5", "Refused")]
    found = comparing_parts.options(before, after)
    assert [(o.state, (o.after or o.before).code) for o in found] == [  # type: ignore[union-attr]
        ("same", "1"), ("relabelled", "2"), ("recoded", "9"), ("added", "5"), ("removed", "3")
    ]  # fmt: skip


def test_two_choices_of_one_label_are_not_taken_for_recoded() -> None:
    found = comparing_parts.options([Option("1", "Other"), Option("2", "Other")], [Option("3", "Other")])
    assert [o.state for o in found] == ["added", "removed", "removed"]


def test_time_points_are_added_removed_or_changed() -> None:
    later = replace(M6, window_end_day=240, forms=("f1", "f2"))
    found = comparing_parts.schedules(PLAN, replace(PLAN, entries=(later, replace(M6, code="Y1"))))
    changed, added = found.entries
    assert changed.changes == (("forms", ("f1",), ("f1", "f2")), ("window_end_day", 210, 240))
    assert (added.code, added.before) == ("Y1", None)
    assert comparing_parts.schedules(PLAN, replace(PLAN, entries=())).entries == (EntryChange(M6, None),)


def test_what_changes_about_a_schedule_as_a_whole_is_named() -> None:
    other = replace(PLAN, duration_years=20, tracks=(), rules={"dead": "stops", "lost": "waits"})
    names = [name for name, _, _ in comparing_parts.schedules(PLAN, other).whole]
    assert names == ["duration_years", "track t", "rule lost"]


@pytest.mark.parametrize(("before", "after", "count"), [(None, None, 0), (None, PLAN, 1), (PLAN, None, 1)])
def test_a_schedule_that_came_or_went_counts_its_time_points(
    before: ProgramSchedule | None, after: ProgramSchedule | None, count: int
) -> None:
    assert comparing_parts.schedules(before, after).count == count


@pytest.mark.parametrize(
    ("change", "text"),
    [(Change("unit", "meaning", "mg/dL", "g/L"), "unit: mg/dL → g/L"),
     (Change("unit", "meaning", "", "g/L"), "unit: none → g/L"),
     (Change("required", "rules", False, True), "required: no → yes"),
     (Change("label", "meaning", "x" * 90, "y"), "question"),
     (Change("options", "meaning", (Option("1", "a"), Option("2", "b")), (Option("2", "b"), Option("1", "a"))),
      "choices: in another order")],
)  # fmt: skip
def test_a_difference_in_one_line(change: Change, text: str) -> None:
    assert said(change) == text


def test_the_summary_begins_with_the_gravest() -> None:
    changed = compare([GVHD], [replace(GVHD, form="f2", unit="d", path="x", name="x")])
    assert (len(changed.added), len(changed.removed)) == (1, 1)  # another unit: another question
    found = compare([GVHD], [replace(GVHD, form="f2", unit="d")]).changed[0]
    assert summary(found) == "changed in meaning (unit: none → d); moved (form: f1 → f2)"


def test_fields_of_the_same_question_are_paired_within_their_form_first() -> None:
    date = replace(GVHD, label="Date of visit", kind="date", options=())
    before = [replace(date, path=f"a{n}", form=f"f{n}") for n in (1, 2)]
    after = [replace(date, path=f"b{n}", form=f"f{n}") for n in (1, 2)]
    assert [(c.before.path, c.after.path) for c in compare(before, after).changed] == [("a1", "b1"), ("a2", "b2")]
