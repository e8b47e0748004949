"""What a person keeps of a worklist: views by name, and addresses of a calendar of due visits."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from sites.models import Site


class SavedView(models.Model):
    """A person's own choice of a site's worklist, by name. `query` is a worklist address's part after the `?`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="saved_view_one_default"),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """A secret address under which calendars read how many visits of a site are due on which day, and no more.

    Only the hash of the secret is kept. `published` is what was last read: day → [visits, SEQUENCE, when it changed].
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds")
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    query = models.CharField(max_length=300, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    published = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"calendar of {self.user} at {self.site}"
