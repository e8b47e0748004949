"""Mail that does not leave: what is tried again, what is given up, and that nobody else waits for it."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError

from capture.models import Digest
from capture.remind import refusals, sending
from sites.models import Site, TrailEntry, User
from tests.capture.remind.rows import DAY, LATE, MORNING, coordinator, minute, site, visit

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BACKENDS = "tests.capture.remind.backends."
WORKS = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def alice() -> User:
    place = site()
    visit(place, *LATE)
    return coordinator("alice", place)


@pytest.mark.parametrize("backend", ["Unreachable", "Greylist"])
def test_a_server_that_does_not_take_it_is_tried_again(alice: User, settings: Any, backend: str) -> None:
    settings.EMAIL_BACKEND = BACKENDS + backend
    assert minute(MORNING) == ["failed"]
    row = Digest.objects.get()
    assert (row.state, row.attempts, row.next_try_at) == ("queued", 1, MORNING + MINUTE)
    settings.EMAIL_BACKEND = WORKS
    assert minute(MORNING + MINUTE) == ["sent"]
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<digest-{row.uuid}@askonce.example>"


def test_after_six_tries_it_is_given_up_and_said_in_the_trail(alice: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = BACKENDS + "Unreachable"
    outcomes = minute(MORNING)
    for _ in range(8):
        Digest.objects.filter(dead_at=None).update(next_try_at=MORNING)
        outcomes += minute(MORNING)
    row = Digest.objects.get()
    assert outcomes == ["failed"] * 6
    assert (row.state, row.attempts) == ("dead", 6)
    assert TrailEntry.objects.filter(action="digest_given_up").count() == 1


def test_news_that_was_given_up_is_told_the_next_day(alice: User) -> None:
    User.objects.update(email="nowhere")
    assert minute(MORNING) == ["failed"]
    assert minute(MORNING + MINUTE) == []
    User.objects.update(email="alice@example.org")
    assert minute(MORNING + DAY) == ["sent"]


def test_a_digest_of_yesterday_gives_way_to_todays(alice: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = BACKENDS + "Unreachable"
    minute(MORNING)
    settings.EMAIL_BACKEND = WORKS
    assert minute(MORNING + DAY) == ["empty", "sent"]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["", "nowhere", "a b@example.org", "a@example.org\nBcc: c@example.org"])
def test_a_bad_address_is_given_up_at_once_and_stops_nobody_else(alice: User, email: str) -> None:
    coordinator("bertha", Site.objects.get())
    User.objects.filter(pk=alice.pk).update(email=email)
    assert minute(MORNING) == ["failed", "sent"]
    row = Digest.objects.get(user=alice)
    assert (row.state, row.attempts) == ("dead", 1)
    assert row.last_error


def test_a_name_cannot_add_headers(alice: User) -> None:
    User.objects.update(first_name="Alice\nBcc: spy@example.org")
    minute(MORNING)
    assert mail.outbox[0].message()["Bcc"] is None


def test_a_sender_that_died_is_relieved_when_its_lease_ends(alice: User) -> None:
    sending.enqueue(MORNING)
    row = Digest.objects.get()
    Digest.objects.update(claimed_by="dead", claimed_until=MORNING + sending.lease(), attempts=1)
    assert sending.send_one(row.pk, now=MORNING + MINUTE) == "not mine"
    assert sending.send_one(row.pk, now=MORNING + sending.lease() + MINUTE) == "sent"


def test_two_senders_send_once(alice: User) -> None:
    sending.enqueue(MORNING)
    pk = Digest.objects.get().pk
    assert [sending.send_one(pk, now=MORNING) for _ in range(2)] == ["sent", "not mine"]


def test_a_row_that_kills_its_senders_is_parked(alice: User) -> None:
    sending.enqueue(MORNING)
    Digest.objects.update(attempts=sending.STARTS)
    assert sending.send_one(Digest.objects.get().pk, now=MORNING) == "failed"
    assert Digest.objects.get().state == "dead"


def refused(*codes: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({f"{n}@example.org": (code, b"no") for n, code in enumerate(codes)})


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (refused(550), True),
        (refused(450), False),
        (smtplib.SMTPDataError(554, b"no"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPAuthenticationError(535, b"password"), False),
        (smtplib.SMTPSenderRefused(550, b"who", "no-reply"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (TimeoutError(), False),
        (BadHeaderError("newline"), True),
        (ValidationError("Enter a valid email address."), True),
    ],
)
def test_only_what_cannot_change_is_permanent(error: Exception, permanent: bool) -> None:
    assert refusals.is_permanent(error) is permanent
