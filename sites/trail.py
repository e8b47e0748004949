"""Who writes and why: every gateway takes an `Actor` and a reason and records one trail entry in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sites.models import TrailEntry

if TYPE_CHECKING:
    from django.http import HttpRequest

    from sites.models import Role, User


class ReasonMissing(Exception):
    """A change to something already committed came without a reason."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as text that stays true later. `simulated_at` marks demo history written at a past time."""

    name: str
    role: str
    organisation: str = ""
    channel: str = "page"
    request_id: str = ""
    user_id: int | None = None
    simulated_at: datetime | None = None

    @property
    def now(self) -> datetime:
        """The time of the write: server time, or the marked simulated time of demo history."""
        return self.simulated_at or timezone.now()

    @property
    def simulated(self) -> bool:
        return self.simulated_at is not None


def actor_for(user: User, role: Role | str, *, request: HttpRequest | None = None, channel: str = "page") -> Actor:
    """The actor behind a signed-in user acting in `role`."""
    organisation = user.home_site.name if user.home_site else ""
    request_id = getattr(request, "request_id", "") if request is not None else ""
    return Actor(user.username, str(role), organisation, channel, request_id, user.pk)


def system(name: str, *, channel: str = "task") -> Actor:
    """A named system actor (sweep, planner, loader); never an empty one."""
    return Actor(f"system:{name}", "system", "AskOnce", channel)


def require_reason(reason: str) -> str:
    """The reason, stripped; refuses a blank one."""
    if not reason.strip():
        raise ReasonMissing("Say why: a change to something already saved needs a reason.")
    return reason.strip()


def record(
    actor: Actor, action: str, subject: str, *, reason: str = "", details: Mapping[str, Any] | None = None
) -> TrailEntry:
    """Write one trail entry. Call inside the transaction of the write it describes."""
    made = _entry(actor, action, subject, reason, details or {})
    made.save()
    return made


def record_each(actor: Actor, action: str, details: Mapping[str, Mapping[str, Any]], *, reason: str = "") -> None:
    """Write one trail entry for each subject (subject → its details), in one go."""
    entries = [_entry(actor, action, subject, reason, found) for subject, found in details.items()]
    TrailEntry.objects.bulk_create(entries)


def _entry(actor: Actor, action: str, subject: str, reason: str, details: Mapping[str, Any]) -> TrailEntry:
    return TrailEntry(
        at=actor.now,
        actor=actor.name,
        role=actor.role,
        organisation=actor.organisation,
        channel=actor.channel,
        action=action,
        subject=subject,
        reason=reason,
        request_id=actor.request_id,
        details=dict(details),
        simulated=actor.simulated,
    )
