"""Turns a person's daily digest on or off, on their own word."""

from __future__ import annotations

from django.db import transaction

from sites import trail
from sites.models import User
from sites.trail import Actor


@transaction.atomic
def digest(user: User, *, on: bool, actor: Actor) -> None:
    """Change the person's wish and say so in the trail."""
    row = User.objects.select_for_update().get(pk=user.pk)
    row.wants_digest = on
    row._change_reason = "own choice"  # type: ignore[attr-defined]
    row.save(update_fields=["wants_digest"])
    trail.record(actor, "digest_on" if on else "digest_off", f"user:{row.uuid}")
