"""What is still due and what is worth saying: the pure rules, with days and hours in hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from capture.plan import worklist
from capture.remind import due
from capture.remind.due import PointFact, Ring, VisitFact

OPENS, DUE = date(2026, 6, 10), date(2026, 7, 15)  # Wednesdays
BOOK = date(2026, 6, 1)  # the Monday of the week before
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def visit(
    opens: date = OPENS,
    due_on: date = DUE,
    *,
    state: str = "planned",
    submitted: bool = False,
    ready: date | None = None,
) -> VisitFact:
    points = [PointFact(state, opens, due_on, due_on)]
    points += [PointFact("planned", ready, ready + WEEK * 20, ready + WEEK * 20)] if ready else []
    return VisitFact(1, "u", "north", "Europe/Berlin", 7, submitted, tuple(points))


def bucket(fact: VisitFact, today: date) -> str | None:
    item = due.still_due(fact, today)
    return item.bucket if item else None


def at(day: date, hour: int = 7) -> datetime:
    """An hour in Berlin's summer time."""
    return datetime.combine(day, time(hour - 2), tzinfo=UTC)


def said(fact: VisitFact, first: date, days: int) -> list[tuple[str, date]]:
    """What is told, and when, in a stretch of days with a worker that never sleeps."""
    found, ring = [], due.next_notice(fact, at(first))
    while ring and ring.at.date() <= first + days * DAY:
        found.append((str(ring.name), ring.at.date()))
        ring = due.after_saying(fact, ring.at)
    return found


def test_a_visit_is_soon_then_due_then_overdue() -> None:
    assert bucket(visit(), OPENS - 15 * DAY) is None
    assert bucket(visit(), OPENS - 14 * DAY) == "soon"
    assert bucket(visit(), OPENS) == "due"
    assert bucket(visit(), DUE) == "due"
    assert bucket(visit(), DUE + DAY) == "overdue"


def test_nothing_is_due_of_what_is_submitted_closed_or_not_owed() -> None:
    late = DUE + WEEK
    assert bucket(visit(submitted=True), late) is None
    assert bucket(visit(state="submitted"), late) is None
    assert bucket(visit(state="closed"), late) is None
    assert bucket(visit(state="not_owed"), late) is None
    assert due.next_notice(visit(state="closed"), at(late)) is None


def test_a_closed_timepoint_does_not_make_the_others_overdue() -> None:
    assert bucket(visit(state="closed", ready=OPENS), DUE + WEEK) == "due"


def test_overdue_counts_from_the_earliest_due_day_of_several_programs() -> None:
    assert bucket(visit(ready=OPENS + WEEK), DUE + DAY) == "overdue"


def test_a_visit_is_news_on_four_days_and_then_on_mondays() -> None:
    assert said(visit(), OPENS - 60 * DAY, 120) == [
        ("opens", BOOK),
        ("due", OPENS),
        ("due", DUE - WEEK),
        ("overdue", DUE + DAY),
        ("overdue", date(2026, 7, 27)),
        ("overdue", date(2026, 8, 3)),
    ]


def test_a_short_window_is_not_mentioned_twice_before_it_is_late() -> None:
    steps = said(visit(due_on=OPENS + 10 * DAY), OPENS - 30 * DAY, 45)
    assert [name for name, _ in steps] == ["opens", "due", "overdue"]


def test_the_repeat_of_a_late_visit_waits_a_week_for_its_monday() -> None:
    due_on = date(2026, 6, 20)  # a Saturday: overdue on Sunday, but not again on Monday
    assert due.after_saying(visit(due_on=due_on), at(due_on + DAY)) == Ring("overdue", at(date(2026, 6, 29)))


def test_a_joint_visit_is_announced_when_all_its_windows_are_open() -> None:
    steps = said(visit(ready=OPENS + WEEK), OPENS - 60 * DAY, 80)
    assert ("due", OPENS + WEEK) in steps
    assert OPENS not in [on for _, on in steps]


def test_a_step_of_today_waits_for_its_hour() -> None:
    ring = due.after_saying(visit(), at(OPENS, 6))
    assert ring == Ring("due", at(OPENS))
    assert due.next_notice(visit(), at(OPENS, 6), ring) == ring


def test_days_without_a_worker_end_in_one_mention_of_the_latest_step() -> None:
    ring = due.next_notice(visit(), at(DUE + 30 * DAY, 12), Ring("opens", at(BOOK)))
    assert ring == Ring("overdue", at(date(2026, 8, 10)))


def test_planning_again_repeats_nothing() -> None:
    waiting = Ring("due", at(DUE - WEEK))  # the opening was said
    assert due.next_notice(visit(), at(OPENS + DAY), waiting) == waiting


def test_planning_again_swallows_nothing() -> None:
    waiting = Ring("due", at(OPENS))  # rang yesterday, nobody was told
    assert due.next_notice(visit(), at(OPENS + DAY), waiting) == waiting


def test_a_visit_planned_late_rings_now_and_not_in_the_past() -> None:
    assert due.next_notice(visit(), at(DUE + 3 * DAY, 12)) == Ring("overdue", at(DUE + 3 * DAY, 12))


def test_a_visit_that_moved_ahead_is_said_at_once() -> None:
    waiting = Ring("opens", at(DUE + WEEK))
    assert due.next_notice(visit(), at(DUE + 3 * DAY), waiting) == Ring("overdue", at(DUE + 3 * DAY))


def test_a_visit_that_moved_back_is_said_when_it_opens_again() -> None:
    waiting = Ring("overdue", at(OPENS - 29 * DAY))
    assert due.next_notice(visit(), at(OPENS - 30 * DAY), waiting) == Ring("opens", at(BOOK))


DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
LENGTHS, HOURS = st.integers(0, 400), st.integers(0, 23)


@given(DAYS, LENGTHS, DAYS)
def test_the_mail_counts_what_the_worklist_shows(opens: date, length: int, today: date) -> None:
    shown = worklist.bucket_of(opens + length * DAY, opens, today)
    counted = bucket(visit(opens, opens + length * DAY), today)
    assert counted == shown or (counted in ("soon", None) and shown in ("coming", None))


@given(DAYS, LENGTHS, DAYS, HOURS)
def test_planning_twice_at_a_time_changes_nothing(opens: date, length: int, today: date, hour: int) -> None:
    fact = visit(opens, opens + length * DAY)
    now = datetime.combine(today, time(hour), tzinfo=UTC)
    first = due.next_notice(fact, now)
    assert due.next_notice(fact, now, first) == first


@given(DAYS, LENGTHS, DAYS, HOURS)
def test_once_said_the_next_is_later_and_stays(opens: date, length: int, today: date, hour: int) -> None:
    fact = visit(opens, opens + length * DAY)
    now = datetime.combine(today, time(hour), tzinfo=UTC)
    ring = due.after_saying(fact, now)
    assert ring is not None
    assert ring.at > now
    assert today <= opens + length * DAY or ring.at <= now + 2 * WEEK + DAY
    assert due.next_notice(fact, now, ring) == ring
