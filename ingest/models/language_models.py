"""What a language model was asked, what it said, and what that cost."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LanguageModelAnswer(models.Model):
    """What a model said of a text; the same question is not asked again.

    `probabilities` is {slug: probability}: known concepts only, what was not named is absent.
    """

    model = models.CharField(max_length=120)
    question = models.CharField(
        max_length=40, help_text=_("Version of the wording and of what it says of concepts.")
    )
    digest = models.CharField(max_length=64, help_text=_("Of title and abstract as sent."))
    probabilities = models.JSONField(default=dict)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "model", "question"], name="a_text_is_asked_about_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} on {self.digest[:8]}"


class LanguageModelCallQuerySet(models.QuerySet["LanguageModelCall"]):
    def spent_since(self, moment: datetime) -> Decimal:
        """With what is reserved for requests under way."""
        found = self.filter(asked_at__gte=moment).aggregate(total=models.Sum("cost"))
        return Decimal(found["total"] or 0)

    def under_way(self, since: datetime) -> Self:
        """What was asked before and has no end belongs to a process that died."""
        return self.filter(state=LanguageModelCall.State.OPEN, asked_at__gt=since)


class LanguageModelCall(models.Model):
    """One request about one paper, or an answer found in the cache in its place.

    Written before the request with the most that it can cost, and again after it with what it
    did cost: whoever dies in between has spent the most.
    """

    class State(models.TextChoices):
        OPEN = "open", _("under way")
        ANSWERED = "answered", _("answered")
        CACHED = "cached", _("found in the cache")
        UNUSABLE = "unusable", _("no usable answer")
        FAILED = "failed", _("not answered")

    paper = models.ForeignKey(
        "taxonomy.Paper", models.SET_NULL, null=True, related_name="+"
    )  # the cost stays
    text_revision = models.PositiveIntegerField(help_text=_("Of the text that was sent."))
    model = models.CharField(max_length=120)
    question = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.ForeignKey(
        LanguageModelAnswer, models.SET_NULL, null=True, related_name="calls"
    )
    cost = models.DecimalField(max_digits=16, decimal_places=8, default=Decimal(0))
    tokens_in = models.PositiveIntegerField(null=True, help_text=_("As the server counted."))
    tokens_out = models.PositiveIntegerField(null=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = LanguageModelCallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cost__gte=0), name="a_call_costs_no_less_than_0"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="llm_call_by_moment"),  # spent this month
        ]

    def __str__(self) -> str:
        return f"{self.model} on {self.paper_id}: {self.state}"


class LanguageModelPause(models.Model):
    """The one row that every request to a language model goes by, over all processes."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField(default=timezone.now, help_text=_("Nothing is asked before."))
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row."))
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_pause"),
        ]

    def __str__(self) -> str:
        return f"not before {self.until:%Y-%m-%d %H:%M:%S}"
