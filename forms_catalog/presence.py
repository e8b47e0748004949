"""Step 2b, two curators: who has which field of a program open. A hint with a short life, not a lock.

Called by the review page when a field is shown. The lock is in mapping: who decides second sees both decisions.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from forms_catalog.models import ReviewPresence
from sites.models import Program, User

FRESH = timedelta(seconds=90)  # the page tells every 30 seconds; two may get lost


def here(program: Program, user: User, path: str, *, at: datetime) -> None:
    """This person has this field open now ('' = the list alone); what they had open before is forgotten."""
    ReviewPresence.objects.update_or_create(program=program, user=user, defaults={"path": path, "at": at})


def others(program: Program, user: User, *, at: datetime) -> dict[str, str]:
    """What others have open: field → their names. One query."""
    rows = ReviewPresence.objects.filter(program=program, at__gt=at - FRESH).exclude(user=user).select_related("user")
    found: dict[str, str] = {}
    for row in rows.order_by("user__username"):
        name = row.user.get_full_name() or row.user.username
        found[row.path] = f"{found[row.path]}, {name}" if row.path in found else name
    return found
