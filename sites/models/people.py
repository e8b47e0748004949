"""People and what they may do where. Roles are a closed set; each has exactly the scope its check constraint allows."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from sites.models.places import Program, Site, Sponsor


class Role(models.TextChoices):
    """Who somebody is at work; see docs/permissions.md."""

    COORDINATOR = "coordinator", "Coordinator"
    INVESTIGATOR = "investigator", "Investigator"
    SITE_MANAGER = "site_manager", "Site manager"
    MONITOR = "monitor", "Monitor"
    SPONSOR = "sponsor", "Sponsor"
    CURATOR = "curator", "Catalog curator"
    ADMIN = "admin", "Network admin"
    AUDITOR = "auditor", "Auditor"


SITE_ROLES = [Role.COORDINATOR, Role.INVESTIGATOR, Role.SITE_MANAGER]
NETWORK_ROLES = [Role.CURATOR, Role.ADMIN, Role.AUDITOR]


class User(AbstractUser):
    """A person's account. `home_site` gives the time zone of the daily digest. Usernames are never re-issued."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    home_site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    wants_digest = models.BooleanField(default=True)
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="user_name_once_any_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(models.Model):
    """A role of a person, where it holds and when. Access is decided from these rows only (sites/access.py)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    sponsor = models.ForeignKey(Sponsor, null=True, blank=True, on_delete=models.PROTECT)
    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.PROTECT)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_site_role",
                condition=~Q(role__in=SITE_ROLES) | Q(site__isnull=False, sponsor__isnull=True, program__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_sponsor_role",
                condition=~Q(role=Role.SPONSOR) | Q(site__isnull=True, sponsor__isnull=False, program__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_monitor_role",
                condition=~Q(role=Role.MONITOR) | Q(sponsor__isnull=True, program__isnull=False),
            ),
            models.CheckConstraint(
                name="membership_network_role",
                condition=~Q(role__in=NETWORK_ROLES) | Q(site__isnull=True, sponsor__isnull=True, program__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()}"
