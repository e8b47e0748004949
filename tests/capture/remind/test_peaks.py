"""A manager hears of a week over budget before it comes, of each week once, and never of what fits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from capture.models import PeakAlert
from capture.remind import peaks
from sites.burden import load
from sites.models import Budget, Membership, Program, Role, Site, Sponsor, TrailEntry, User
from tests.capture.remind.rows import DAY, LONG_AGO, MORNING, site

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
MONDAY = MORNING - timedelta(days=MORNING.weekday())
FIRST = MONDAY.date()


@pytest.fixture
def place() -> Site:
    return site()


@pytest.fixture
def bob(place: Site) -> User:
    return manager("bob", place)


def manager(name: str, place: Site) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "x", home_site=place)
    Membership.objects.create(user=user, role=Role.SITE_MANAGER, site=place, valid_from=LONG_AGO)
    return user


def expect(place: Site, minutes: dict[int, int], budget: int | None = 60) -> None:
    """Minutes expected in some weeks from this one (0) on, and the budget of every week."""
    owner, _ = Sponsor.objects.get_or_create(code="registry", defaults={"name": "Registry"})
    Program.objects.get_or_create(code="reg", defaults={"title": "Cell registry", "sponsor": owner, "kind": "registry"})
    rows = {("reg", FIRST + n * WEEK): (1, m * 6000) for n, m in minutes.items()}
    load.replace(place.code, rows)
    if budget is not None:
        Budget.objects.get_or_create(site=place, valid_from=LONG_AGO, defaults={"minutes_week": budget})


def minute(now: datetime) -> list[str]:
    """One sweep."""
    peaks.enqueue(now)
    return [peaks.send_one(pk, now=now) for pk in peaks.pending(now)]


def test_a_week_over_budget_is_told_on_the_monday_before_with_its_main_program(place: Site, bob: User) -> None:
    expect(place, {3: 150})
    assert minute(MONDAY) == ["sent"]
    sent = mail.outbox[0]
    assert sent.to == [bob.email]
    assert sent.subject == "AskOnce: 1 coming week is over budget"
    day = f"{FIRST + 3 * WEEK:%d %B %Y}"
    assert f"week of {day}: 2.5 h expected, 1.5 h over the budget of 1.0 h. Most of it: Cell registry." in sent.body
    assert TrailEntry.objects.get(action="peak_alert").details == {"weeks": 1}


def test_of_each_week_once_and_of_a_new_one_the_week_after(place: Site, bob: User) -> None:
    expect(place, {3: 150})
    assert minute(MONDAY) == ["sent"]
    assert minute(MONDAY + DAY) == []
    assert minute(MONDAY + WEEK) == ["empty"]
    expect(place, {3: 150, 5: 90})
    assert minute(MONDAY + 2 * WEEK) == ["sent"]
    assert [w["week"] for w in PeakAlert.objects.first().weeks] == [(FIRST + 5 * WEEK).isoformat()]  # type: ignore[union-attr]
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("minutes", "budget"),
    [({3: 59}, 60), ({3: 150}, None), ({0: 150}, 60), ({9: 150}, 60)],
    ids=["fits", "no budget", "this week is too late", "too far away"],
)
def test_silence_where_there_is_nothing_to_do(
    place: Site, bob: User, minutes: dict[int, int], budget: int | None
) -> None:
    expect(place, minutes, budget)
    assert minute(MONDAY) == ["empty"]
    assert mail.outbox == []


def test_nobody_is_told_before_their_morning_after_they_left_or_against_their_will(place: Site, bob: User) -> None:
    expect(place, {3: 150})
    assert minute(MONDAY - timedelta(minutes=1)) == []
    User.objects.filter(pk=bob.pk).update(wants_digest=False)
    assert minute(MONDAY) == []
    User.objects.filter(pk=bob.pk).update(wants_digest=True)
    Membership.objects.filter(user=bob).update(valid_to=FIRST - DAY)
    assert minute(MONDAY) == []


def test_a_manager_of_two_sites_gets_one_message(place: Site, bob: User) -> None:
    other = Site.objects.create(code="other", name="Other Hospital", time_zone="Europe/Berlin")
    Membership.objects.create(user=bob, role=Role.SITE_MANAGER, site=other, valid_from=LONG_AGO)
    expect(place, {2: 150})
    expect(other, {2: 100})
    assert minute(MONDAY) == ["sent"]
    assert len(mail.outbox) == 1
    assert place.name in mail.outbox[0].body
    assert "Other Hospital" in mail.outbox[0].body


def test_a_mail_that_does_not_leave_is_tried_again_and_a_bad_address_given_up(
    place: Site, bob: User, settings: Any
) -> None:
    expect(place, {3: 150})
    settings.EMAIL_BACKEND = "tests.capture.remind.backends.Unreachable"
    assert minute(MONDAY) == ["failed"]
    assert PeakAlert.objects.get().state == "queued"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk=bob.pk).update(email="nowhere")
    assert minute(MONDAY + timedelta(minutes=2)) == ["failed"]
    assert PeakAlert.objects.get().state == "dead"
    assert TrailEntry.objects.filter(action="peak_alert_given_up").count() == 1


def test_the_same_row_is_sent_by_one_sender_only(place: Site, bob: User) -> None:
    expect(place, {3: 150})
    peaks.enqueue(MONDAY)
    row = PeakAlert.objects.get()
    assert (row.week, peaks.send_one(row.pk, now=MONDAY)) == (date.fromisocalendar(*FIRST.isocalendar()), "sent")
    assert peaks.send_one(row.pk, now=MONDAY) == "not mine"
