"""manage.py send_reminders: the same digests by hand, and what they would be."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from capture.models import Digest, Notice
from sites.models import Site, User
from tests.capture.remind.rows import LATE, MORNING, coordinator, site, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    place = site(hour=0)
    visit(place, *LATE)
    return coordinator("alice", place)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send_reminders", *arguments, stdout=out)
    return out.getvalue()


def dry(*arguments: str) -> list[dict[str, Any]]:
    found = json.loads(run("--dry-run", "--json", *arguments))
    return list(found["digests"])


def test_a_dry_run_says_who_would_get_what_and_writes_nothing(alice: User) -> None:
    before = list(Notice.objects.values())
    (row,) = dry("--now", MORNING.isoformat())
    assert (row["user"], row["local_day"], row["overdue"], row["due"]) == ("alice", "2026-06-03", 1, 0)
    assert row["subject"] == "AskOnce: 1 visit overdue"
    assert "alice (2026-06-03, Europe/Berlin): AskOnce: 1 visit overdue" in run("--dry-run", "--now", str(MORNING))
    assert (Digest.objects.count(), mail.outbox, list(Notice.objects.values())) == (0, [], before)


def test_a_dry_run_respects_the_hour(alice: User) -> None:
    Site.objects.update(digest_hour=8)
    assert dry("--now", MORNING.isoformat()) == []


def test_it_sends_once(alice: User) -> None:
    assert json.loads(run("--json")) == {"dry_run": False, "sent": 1, "empty": 0, "failed": 0}
    assert run() == "0 sent, 0 with nothing left to say, 0 failed\n"
    assert len(mail.outbox) == 1
    assert Notice.objects.get().due_at > timezone.now()


def test_a_failure_is_exit_code_1(alice: User) -> None:
    User.objects.update(email="nowhere")
    with pytest.raises(CommandError) as failed:
        run()
    assert failed.value.returncode == 1


@pytest.mark.parametrize(
    "arguments", [("--dry-run", "--now", "soon"), ("--dry-run", "--now", "2026-06-01T08:00"), ("--now", str(MORNING))]
)
def test_a_time_that_cannot_be_used_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert refused.value.returncode == 2
