"""Mapping: proposals of the matcher, decisions of people, rulings on merging conflicts."""

from __future__ import annotations

import uuid

from django.db import models
from simple_history.models import HistoricalRecords

from forms_catalog.conflict_kinds import choice_of
from forms_catalog.models.elements import Element
from sites.append_only import append_only
from sites.models import Program


class Proposal(models.Model):
    """One candidate element for one field request; a rejected or not_same pair is never proposed again."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        REJECTED = "rejected", "Rejected"
        NOT_SAME = "not_same", "Tempting but wrong"

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="proposals")
    path = models.CharField(max_length=250)
    meaning_hash = models.CharField(max_length=64)
    element = models.ForeignKey(Element, on_delete=models.PROTECT)
    rank = models.PositiveSmallIntegerField(default=1)
    score = models.FloatField(default=0)
    relation = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    guards = models.JSONField(default=list)
    value_map = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, default="review")  # the machine's: accept | review | new
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "path", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["program", "path", "meaning_hash", "element"], name="proposal_pair_once")
        ]

    def __str__(self) -> str:
        return f"{self.program.code}.{self.path} ~ {self.element}"


class Mapping(models.Model):
    """The decision on one field request. `version` counts changes; undecided fields have no row or state open.

    `carried` names the decision this one came from with a new version of the dictionary: {"from": its number, "what":
    what changed, "by", "at", "reason"}; {} where a person or the machine decided this very field.
    """

    class State(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        OPEN = "open", "To review"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="mappings")
    path = models.CharField(max_length=250)
    meaning_hash = models.CharField(max_length=64)
    relation = models.CharField(max_length=20)
    transform = models.JSONField(default=list)
    condition = models.TextField(blank=True)
    qualifier_question = models.TextField(blank=True)
    qualifier_options = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)
    by_machine = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    carried = models.JSONField(default=dict)
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "path"]
        constraints = [
            models.UniqueConstraint(fields=["program", "path", "meaning_hash"], name="mapping_once_a_meaning")
        ]

    def __str__(self) -> str:
        return f"{self.program.code}.{self.path}: {self.relation}"


class MappingSource(models.Model):
    """The ordered elements a mapping reads; `qualifier` names the extra question of a narrower mapping."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="sources")
    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="mapping_sources")
    qualifier = models.CharField(max_length=120, blank=True)
    ordinal = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["mapping", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["mapping", "element", "qualifier"], name="mapping_source_once"),
            models.UniqueConstraint(fields=["mapping", "ordinal"], name="mapping_source_order"),
        ]

    def __str__(self) -> str:
        return f"{self.mapping} <- {self.element}"


@append_only
class ConflictRuling(models.Model):
    """Append-only: how a person settled a merging conflict, about which content. The last row on a content holds.

    `ruling` is the code of a choice (conflict_kinds), '' where a person takes an earlier ruling back. `about` is what
    was seen: {"message", "sides": [{"program", "path", "label", "says"}]}.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    place = models.TextField()
    content = models.CharField(max_length=64, db_index=True)
    element = models.TextField()
    programs = models.JSONField(default=list)
    about = models.JSONField(default=dict)
    ruling = models.CharField(max_length=40, blank=True)
    ruled_by = models.CharField(max_length=200)
    ruled_at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}: {self.words}"

    @property
    def words(self) -> str:
        """What was chosen, in words."""
        found = choice_of(self.kind, self.ruling)
        return found.words if found else self.ruling or "Open again"
