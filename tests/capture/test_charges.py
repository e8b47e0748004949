"""What a sheet costs each program: by hand on small sheets, and sums on the real joint day-100 visit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from capture.ask import charges, expected, sheet
from capture.ask.asksheet import Asker, AskSheet, Line, Question
from capture.ask.charges import SubmissionFacts, Work
from capture.ask.facts import Entered, Entry
from sites.burden.cost import ASSUMED
from sites.burden.shares import Share
from tests.answering import fill
from tests.occasions import entered, new_record, occasion, visit
from tests.releases import CAR, release_of

QUERY = ASSUMED.query
FREE = replace(ASSUMED, visit=0, query=0)


def question(key: str, *programs: str, seconds: int = 15, kind: str = "plain", visible: bool = True) -> Question:
    askers = tuple(Asker(f"o-{p}", p, key, key, True) for p in programs)
    group = "infection" if kind == "field" else ""
    return Question(
        key, key, "", "v7", kind, group, "", key, "", "choice", (), "", None, None, askers, visible, True, False,
        None, None, "", None, "", seconds * 100,
    )  # fmt: skip


def line(program: str, state: str, *keys: str, seconds: int = 15) -> Line:
    return Line(f"o-{program}", program, "D100", "-".join(keys) or state, "", state, "", keys, keys, seconds * 100)


def two(*lines: Line, questions: tuple[Question, ...] = ()) -> AskSheet:
    return AskSheet("v", questions, lines)


def of(sheet: AskSheet, kind: str, work: Work | None = None, **modes: str) -> dict[str, Share]:
    found = charges.of_sheet(sheet, modes, work, assumed=FREE)
    return {c.program: c.share for c in found if c.kind == kind}


def day_100() -> AskSheet:
    """The joint day-100 visit of three programs, answered until nothing is left."""
    release = release_of(*CAR)
    eu, na = (occasion(release, p, "D100", 100) for p in ("car_registry_eu", "car_registry_na"))
    facts = visit(release, eu, na, occasion(release, "car_pass_sponsor", "M3", 100))
    return sheet.build(facts, fill(facts, {}), final=True)


def test_a_shared_question_is_split_and_a_single_one_is_not() -> None:
    lines = (line("a", "shown", "q"), line("b", "shared", "q"), line("b", "shown", "r"))
    made = two(*lines, questions=(question("q", "a", "b"), question("r", "b", seconds=30)))
    assert of(made, "predicted") == {"a": Share(750, 0, 1500), "b": Share(3750, 3000, 4500)}


def test_the_minutes_of_the_visit_and_expected_queries_are_in_the_prediction() -> None:
    made = two(line("a", "shown", "q"), line("b", "known"), questions=(question("q", "a"),))
    found = {c.program: c.share.share for c in charges.of_sheet(made, {}) if c.kind == "predicted"}
    assert found == {"a": ASSUMED.visit // 2 + 1500 + QUERY, "b": ASSUMED.visit // 2}


def test_a_kept_value_costs_a_look_and_saves_the_rest() -> None:
    made = two(line("a", "confirmed", "q"), questions=(question("q", "a"),))
    assert of(made, "predicted", Work(kept=("q",)))["a"].share == 400
    assert of(made, "avoided")["a"].share == 1100


def test_a_record_field_costs_its_time_once_a_record() -> None:
    made = two(line("a", "shown", "f"), questions=(question("f", "a", kind="field"),))
    assert of(made, "predicted", Work(repeats={"f": 3}))["a"].share == 4500
    assert of(made, "predicted")["a"].share == 0


def test_what_sharing_saved_is_split_among_all_who_share() -> None:
    lines = (line("a", "shown", "q"), line("b", "shared", "q"), line("c", "shared", "q"))
    saved = of(two(*lines, questions=(question("q", "a", "b", "c"),)), "avoided")
    assert {p: s.share for p, s in saved.items()} == {"a": 1000, "b": 1000, "c": 1000}
    assert {p: s.alone for p, s in saved.items()} == {"a": 0, "b": 1500, "c": 1500}


def test_known_and_derived_asks_are_avoided_for_their_own_program() -> None:
    made = two(line("a", "known"), line("a", "derived", seconds=6), line("b", "ruled_out"), line("b", "held"))
    assert {p: s.share for p, s in of(made, "avoided").items()} == {"a": 2100, "b": 0}


def test_only_programs_copied_by_hand_cost_copying() -> None:
    made = two(line("a", "known"), line("a", "ruled_out"), line("a", "held"), line("b", "known"))
    assert of(made, "transcription", a="transcribe", b="file") == {"a": Share(800, 800, 800)}


def test_a_record_field_is_copied_once_a_record() -> None:
    made = two(line("a", "shown", "f"), questions=(question("f", "a", kind="field"),))
    assert of(made, "transcription", Work(repeats={"f": 3}), a="transcribe")["a"].share == 2400


def test_measured_time_is_split_in_proportion_and_nothing_is_written_without_it() -> None:
    made = two(line("a", "shown", "q"), line("b", "shown", "r"), questions=(question("q", "a"), question("r", "b")))
    found = charges.of_sheet(made, {}, assumed=FREE)
    assert [c.share.share for c in charges.measured(found, 4001)] == [2001, 2000]
    assert charges.measured(found, 0) == ()


def test_the_seven_states_of_the_real_visit_sum_to_the_asks_received() -> None:
    made = day_100()
    counted = [c.counts for c in charges.of_sheet(made, {}) if c.kind == "predicted"]
    assert sum(sum(c.values()) for c in counted) == len(made.lines) == 116


def test_the_shares_of_the_real_visit_sum_to_its_cost() -> None:
    made = day_100()
    predicted = [c.share for c in charges.of_sheet(made, {}) if c.kind == "predicted"]
    asked = [q for q in made.visible if q.askers and q.kind != "field"]
    assert sum(s.share for s in predicted) == ASSUMED.visit + sum(q.centiseconds + QUERY for q in asked)
    assert all(s.marginal <= s.share <= s.alone for s in predicted)


def test_what_is_avoided_sums_to_the_lines_of_the_sheet() -> None:
    made = day_100()
    gone = sum(x.centiseconds for x in made.lines if x.state in ("shared", "known", "derived"))
    kept = sum(max(0, x.centiseconds - ASSUMED.confirmed) for x in made.lines if x.state == "confirmed")
    assert sum(s.share for s in charges.avoided(made).values()) == gone + kept


def test_work_counts_filled_record_fields_and_kept_offers() -> None:
    release = release_of(*CAR)
    facts = visit(release, occasion(release, "car_registry_na", "D100", 100))
    typed = entered(None, new_record(1, "infection", infection_date="2025-02-01"), gates={"infection": "yes"})
    made = sheet.build(facts, typed)
    assert charges.work_of(made, typed).repeats == {"infection-date~~@infection": 1}
    some = made.visible[0].key
    assert charges.work_of(made, Entered({some: Entry("x", confirmed=True)})).kept == (some,)


@pytest.mark.parametrize("active", [0, 90_000])
def test_a_frozen_sheet_gives_the_same_entries_again(active: int) -> None:
    stored = json.loads(json.dumps(charges.frozen(day_100(), {"car_registry_eu": "transcribe"})))
    facts = SubmissionFacts(UUID(int=5), "north", "followup", date(2026, 6, 1), stored, active)
    made = charges.entries(facts)
    assert made == charges.entries(facts)
    assert sum(e.share for e in made if e.kind == "measured") == active
    assert {e.program for e in made if e.kind == "transcription"} == {"car_registry_eu"}


def test_an_open_visit_is_expected_between_its_sure_questions_and_all_of_them() -> None:
    release = release_of(*CAR)
    facts = visit(release, occasion(release, "car_registry_na", "D100", 100))
    made = sheet.build(facts)
    sure = ASSUMED.visit + sum(q.centiseconds + QUERY for q in made.visible)
    every = ASSUMED.visit + sum(q.centiseconds + QUERY for q in made.questions)
    middle = expected.range_of_sheet(made)
    assert sure <= middle.mid <= every
    assert middle.low < middle.mid < middle.high


def test_an_open_visit_costs_more_where_it_must_be_copied_by_hand() -> None:
    release = release_of(*CAR)
    made = sheet.build(visit(release, occasion(release, "car_registry_na", "D100", 100)))
    by_hand = expected.shares_of_sheet(made, {"car_registry_na": "transcribe"})
    assert by_hand["car_registry_na"] > expected.shares_of_sheet(made)["car_registry_na"]
