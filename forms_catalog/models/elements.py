"""The catalog: elements, their immutable versions, record groups, and wordings known to mean an element."""

from __future__ import annotations

import uuid

from django.db import models
from simple_history.models import HistoricalRecords

from sites.append_only import append_only


class Element(models.Model):
    """One data element. The current spec is its newest version; `key` is its catalog id."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        RELEASED = "released", "Released"
        RETIRED = "retired", "Retired"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    replaced_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    history = HistoricalRecords()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


@append_only
class ElementVersion(models.Model):
    """Append-only: the element's spec (`specs.ElementSpec` as JSON) from a time on."""

    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["element", "number"]
        constraints = [models.UniqueConstraint(fields=["element", "number"], name="element_version_once")]

    def __str__(self) -> str:
        return f"{self.element} v{self.number}"


class RecordGroup(models.Model):
    """A kind of repeating record (`specs.RecordGroupSpec` as JSON)."""

    key = models.CharField(max_length=60, unique=True)
    spec = models.JSONField()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


@append_only
class Alias(models.Model):
    """Append-only: what a person's decision says about a wording; '' program = in general. See remembering.

    `options` and `unit` are the field's own, `transform` the confirmed steps (the recode's map turns element codes into
    program codes). It counts while the decision `decision` (a mapping's ref, uuid@version) stands as it was then.
    """

    class Use(models.TextChoices):
        OWN = "own", "Means the element"
        OTHER = "other", "Answered from the element in another way"

    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="aliases")
    program = models.CharField(max_length=60, blank=True)
    wording = models.TextField()
    use = models.CharField(max_length=10, choices=Use.choices, default=Use.OWN)
    options = models.JSONField(default=list)
    unit = models.CharField(max_length=120, blank=True)
    relation = models.CharField(max_length=20, blank=True)
    transform = models.JSONField(default=list)
    decision = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.wording} = {self.element}"
