"""Phrases that no concept covers, offered to editors."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConceptCandidateQuerySet(models.QuerySet["ConceptCandidate"]):
    def open(self) -> Self:
        """Not dismissed, weightiest first."""
        return self.filter(dismissed_at__isnull=True).order_by("position", "pk")

    def dismissed(self) -> Self:
        """Last dismissed first."""
        return self.filter(dismissed_at__isnull=False).order_by("-dismissed_at", "pk")


class ConceptCandidate(models.Model):
    """A phrase that recent papers share. Dismissed, it stays so however often it is found."""

    phrase = models.CharField(max_length=200, unique=True)
    others = ArrayField(
        models.CharField(max_length=200),
        default=list,
        help_text=_("Phrases of mostly the same papers."),
    )
    position = models.PositiveSmallIntegerField()
    papers = models.PositiveIntegerField(help_text=_("Recent ones that have the phrase."))
    recent = models.PositiveIntegerField(help_text=_("Papers that were looked at."))
    growth = models.FloatField(help_text=_("In standard errors, against the papers before."))
    sample = ArrayField(models.BigIntegerField(), default=list, help_text=_("Newest papers."))
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.CharField(max_length=150, blank=True)

    objects = ConceptCandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("candidate for a concept")
        verbose_name_plural = _("candidates for concepts")

    def __str__(self) -> str:
        return self.phrase
