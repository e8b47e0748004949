"""A site's own day: every due day, digest and ledger date is local to its site. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def local_day(at: datetime, zone: str) -> date:
    """The date in `zone` (an IANA name) at an instant."""
    return at.astimezone(ZoneInfo(zone)).date()
