"""From due visits to one message a person and day: who, when, how often, and what is in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capture.models import Digest, Notice
from capture.remind import notices, sending
from sites.models import Membership, TrailEntry
from tests.capture.remind.rows import (
    DAY,
    LATE,
    LONG_AGO,
    MORNING,
    WEDNESDAY,
    coordinator,
    minute,
    sent_on,
    site,
    submit,
    visit,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_it_waits_for_the_hour_of_the_home_site() -> None:
    place = site()
    coordinator("alice", place)
    visit(place, *LATE)
    assert minute(MORNING - timedelta(minutes=1)) == []
    assert minute(MORNING) == ["sent"]


def test_a_person_gets_at_most_one_message_a_day() -> None:
    place = site()
    coordinator("alice", place)
    visit(place, *LATE)
    assert [minute(MORNING + n * HOUR) for n in range(3)] == [["sent"], [], []]
    visit(place, *LATE, pseudonym="P-2", now=MORNING + 2 * HOUR)
    assert minute(MORNING + 3 * HOUR) == []
    assert minute(MORNING + DAY) == ["sent"]


def test_each_coordinator_hears_in_the_zone_of_their_own_home() -> None:
    berlin, york = site(), site("south", "America/New_York")
    coordinator("alice", berlin)
    coordinator("carol", berlin, home=york)
    visit(berlin, *LATE)
    assert minute(MORNING) == ["sent"]
    assert minute(MORNING + 6 * HOUR) == ["sent"]  # 07:00 in New York
    assert {m.to[0] for m in mail.outbox} == {"alice@example.org", "carol@example.org"}
    assert minute(MORNING + DAY) == []
    assert minute(MORNING + DAY + 6 * HOUR) == []


def test_what_is_submitted_before_the_message_leaves_is_not_mentioned() -> None:
    place = site()
    coordinator("alice", place)
    done, left = visit(place, *LATE), visit(place, *LATE, pseudonym="P-2")
    sending.enqueue(MORNING)
    submit(done, MORNING)
    assert [sending.send_one(pk, now=MORNING) for pk in sending.pending(MORNING)] == ["sent"]
    assert Digest.objects.get().visits == [str(left.uuid)]


def test_nothing_left_to_say_sends_nothing() -> None:
    place = site()
    coordinator("alice", place)
    done = visit(place, *LATE)
    sending.enqueue(MORNING)
    submit(done, MORNING)
    assert [sending.send_one(pk, now=MORNING) for pk in sending.pending(MORNING)] == ["empty"]
    assert (mail.outbox, Digest.objects.get().state) == ([], "empty")


def test_only_sites_where_they_are_coordinators_today_are_counted() -> None:
    here, elsewhere = site(), site("south", "America/New_York")
    alice = coordinator("alice", here)
    past = {"valid_from": LONG_AGO, "valid_to": WEDNESDAY - DAY}
    Membership.objects.create(user=alice, role="site_manager", site=elsewhere, valid_from=LONG_AGO)
    Membership.objects.create(user=alice, role="coordinator", site=elsewhere, **past)
    mine = visit(here, *LATE)
    visit(elsewhere, *LATE, pseudonym="P-2")
    minute(MORNING)
    assert Digest.objects.get().visits == [str(mine.uuid)]


def test_nobody_who_left_or_said_no_is_written_to() -> None:
    place = site()
    coordinator("left", place, is_active=False)
    coordinator("stopped", place, wants_digest=False)
    visit(place, *LATE)
    assert minute(MORNING) == []
    assert Notice.objects.get().due_at > MORNING  # it does not ring for ever


def test_a_coordinator_without_a_home_site_is_not_forgotten() -> None:
    place = site()
    alice = coordinator("alice", place)
    alice.home_site = None
    alice.save()
    visit(place, *LATE)
    assert minute(MORNING) == ["sent"]


def test_a_standing_backlog_is_said_once_and_then_on_mondays() -> None:
    place = site()
    coordinator("alice", place)
    for n in range(5):  # five visits, late since five different days
        visit(place, WEDNESDAY - 90 * DAY, WEDNESDAY - (20 + n) * DAY, pseudonym=f"P-{n}")
    days = sent_on(WEDNESDAY, 28)
    assert days == [WEDNESDAY, date(2026, 6, 8), date(2026, 6, 15), date(2026, 6, 22), date(2026, 6, 29)]


def test_days_without_news_bring_no_message() -> None:
    place = site()
    coordinator("alice", place)
    visit(place, WEDNESDAY + 7 * DAY, WEDNESDAY + 60 * DAY)
    assert sent_on(WEDNESDAY, 50) == [WEDNESDAY, WEDNESDAY + 7 * DAY]


def test_three_days_without_a_worker_end_in_one_message() -> None:
    place = site()
    coordinator("alice", place)
    visit(place, WEDNESDAY + DAY, WEDNESDAY + 60 * DAY)
    visit(place, WEDNESDAY - 60 * DAY, WEDNESDAY + DAY, pseudonym="P-2")
    assert sent_on(WEDNESDAY + 4 * DAY, 1) == [WEDNESDAY + 4 * DAY]
    assert len(Digest.objects.get().visits) == 2


def test_a_plan_that_is_made_again_repeats_nothing() -> None:
    place = site()
    coordinator("alice", place)
    late = visit(place, *LATE)
    minute(MORNING)
    for hours in (1, 20, 24):
        now = MORNING + hours * HOUR
        notices.refresh([late.patient_id], today=now.date(), now=now)
        assert minute(now) == []


def test_the_mail_holds_counts_and_links_but_no_patient() -> None:
    place = site()
    coordinator("alice", place, first_name="Alice")
    visit(place, *LATE, pseudonym="NRT-0042")
    visit(place, WEDNESDAY, WEDNESDAY + 40 * DAY, pseudonym="NRT-0043")
    minute(MORNING)
    sent = mail.outbox[0]
    assert sent.subject == "AskOnce: 1 visit overdue, 1 due"
    assert "North: 1 visit overdue, 1 due." in sent.body
    assert "/worklist/" in sent.body
    assert "NRT" not in str(sent.message())


def test_the_log_keeps_words_visits_and_trail() -> None:
    place = site()
    coordinator("alice", place)
    late = visit(place, *LATE)
    minute(MORNING)
    row = Digest.objects.get()
    assert (row.state, row.visits, row.sent_at, row.local_day) == ("sent", [str(late.uuid)], MORNING, WEDNESDAY)
    assert row.body == mail.outbox[0].body
    entry = TrailEntry.objects.get(action="digest_sent")
    assert (entry.actor, entry.subject) == ("system:reminder", f"digest:{row.uuid}")


def queries(now: datetime) -> int:
    with CaptureQueriesContext(connection) as seen:
        sending.enqueue(now)
        notices.roll(now)
    return len(seen)


def test_a_sweep_asks_the_same_number_of_questions_for_2_and_20_people() -> None:
    place, few = site(), 0
    for n in range(20):
        coordinator(f"c{n}", place)
        visit(place, *LATE, pseudonym=f"P-{n}")
        if n == 1:
            few = queries(MORNING)
            Digest.objects.all().delete()
    assert queries(MORNING) == few
    assert Digest.objects.count() == 20
