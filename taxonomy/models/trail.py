"""What makes the trail of decisions tamper-evident, and decisions that are made in bulk."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """One link of the hash chain over the decisions; written by `taxonomy.sealing` alone.

    It has its decision's number and no foreign key: it outlives a decision that someone
    removes, and so tells of it. It repeats what the seal before it was: where two do not fit,
    that says which of them was changed, or what stood between. A trigger refuses update and
    delete.
    """

    decision_id = models.BigIntegerField(primary_key=True)
    follows = models.BigIntegerField(help_text=_("Number of the seal before; 0 before all."))
    before = models.BinaryField(help_text=_("Digest of the seal before."))
    content = models.BinaryField(help_text=_("SHA-256 of what the decision says."))
    digest = models.BinaryField(help_text=_("SHA-256 of the seal before and the content."))
    sealed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.decision_id}:{bytes(self.digest).hex()}"


class BatchQuerySet(models.QuerySet["Batch"]):
    def unfinished(self) -> Self:
        return self.filter(finished_at__isnull=True)

    def for_list(self) -> Self:
        """With the names beside each, the newest first."""
        return self.select_related("made_by", "undoes").order_by("-created_at", "-pk")


class Batch(models.Model):
    """Many decisions asked for at once, made chunk by chunk; each of them carries its id.

    `selection` says which were meant. `upto` is the last suggestion or decision that was there
    when they were looked at: what came later is not meant. `cursor` is the last one that was
    dealt with, so that whoever goes on begins behind it.
    """

    class Kind(models.TextChoices):
        ACCEPT = "accept", _("accept suggestions")
        REJECT = "reject", _("reject suggestions")
        REVERT = "revert", _("take decisions back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=6, choices=Kind)
    selection = models.JSONField()
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="batches"
    )
    key = models.CharField(max_length=80, help_text=_("A repeated request makes no second."))
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")
    expected = models.PositiveIntegerField(help_text=_("How many there were at the start."))
    upto = models.BigIntegerField()
    cursor = models.BigIntegerField(default=0)
    made = models.PositiveIntegerField(default=0, help_text=_("Decisions so far."))
    passed = models.PositiveIntegerField(default=0, help_text=_("Left as they were."))
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], name="a_key_makes_one_batch"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="batch_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.made} of {self.expected}"

    def get_absolute_url(self) -> str:
        return reverse("taxonomy:batch", args=[self.pk])

    @property
    def is_revert(self) -> bool:
        return self.kind == Batch.Kind.REVERT

    @property
    def dealt_with(self) -> int:
        return self.made + self.passed


class PassedOver(models.Model):
    """A suggestion or decision that a batch meant and left as it was, and why."""

    class Why(models.TextChoices):
        HELD = "held-by-another", _("on another curator's desk")
        DECIDED = "decided-meanwhile", _("decided meanwhile")
        OUTSIDE = "outside-scope", _("outside of the concepts decided on")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="passed_over")
    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, related_name="+")
    concept = models.ForeignKey("taxonomy.Concept", models.CASCADE, related_name="+")
    why = models.CharField(max_length=20, choices=Why)

    def __str__(self) -> str:
        return f"{self.paper_id} × {self.concept_id}: {self.why}"
