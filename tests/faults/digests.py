"""Two hundred people with news, a mailbox on disk, and the count of what was lost or came twice."""

from __future__ import annotations

import email
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone

from capture.models import Digest
from tests.capture.remind.rows import DAY, coordinator, site, visit

N = 200
DOMAIN = "askonce.example"
SLOW = {"ASKONCE_EMAIL_BACKEND": "tests.faults.slow.SlowMailbox"}


@dataclass(frozen=True)
class Result:
    """What the mailbox and the rows say after it became quiet."""

    lost: int
    duplicated: int
    strangers: int
    unsent: int


def people(count: int = N) -> None:
    """`count` coordinators of one site where it is noon, and one visit that is overdue."""
    now = timezone.now()
    place = site(zone=_noon(now), hour=7)
    for number in range(count):
        coordinator(f"reader{number:03}", place)
    visit(place, now.date() - 40 * DAY, now.date() - 5 * DAY, now=now)


def mails(folder: Path) -> Counter[str]:
    """Message-ID → how often it is in the mailbox."""
    return Counter(_message_id(path) for path in folder.glob("*.eml"))


def sent() -> int:
    """Rows marked as sent."""
    return Digest.objects.filter(state=Digest.State.SENT).count()


def in_flight() -> int:
    """Rows that a sender holds now."""
    return Digest.objects.filter(state=Digest.State.QUEUED, claimed_until__gt=timezone.now()).count()


def judge(folder: Path) -> Result:
    """Compare the mailbox with the rows: each row's Message-ID must be there."""
    found = mails(folder)
    wanted = {f"<digest-{uuid}@{DOMAIN}>" for uuid in Digest.objects.values_list("uuid", flat=True)}
    return Result(
        lost=N - len(wanted & set(found)),
        duplicated=sum(found.values()) - len(found),
        strangers=len(set(found) - wanted),
        unsent=Digest.objects.exclude(state=Digest.State.SENT).count(),
    )


def say(fault: str, seed: int, flying: int, result: Result, seconds: float) -> None:
    """The line that every fault test prints."""
    print(
        f"\nfault: {fault}, seed {seed}, N {N}, in flight {flying}, lost {result.lost}, "
        f"duplicated {result.duplicated}, recovered after {seconds:.1f} s"
    )


def all_sent() -> Callable[[], bool]:
    """True once every row is marked as sent."""
    return lambda: sent() == N


def _message_id(path: Path) -> str:
    return str(email.message_from_bytes(path.read_bytes())["Message-ID"])


def _noon(now: datetime) -> str:
    """A zone where it is about noon, so that no midnight falls into the test."""
    ahead = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
