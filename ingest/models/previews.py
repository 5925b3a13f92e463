"""What arXiv would send for a search that somebody is writing."""

import hashlib
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

# arXiv's answers change once a day, and it asks not to be asked more often.
KEPT = timedelta(days=1)
LOOKED_FOR = timedelta(seconds=30)  # whoever has not looked since does not wait any more
LATE = timedelta(seconds=20)
SOON = timedelta(seconds=20)  # a worker waits so long for its turn


class PreviewQuerySet(models.QuerySet["Preview"]):
    def outdated(self) -> Self:
        """Nobody will be shown them again."""
        before = timezone.now() - KEPT
        return self.filter(
            Q(answered_at__lt=before) | Q(answered_at__isnull=True, wanted_at__lt=before)
        )


class Preview(models.Model):
    """arXiv's answer to one search, shared by all web processes for a day.

    It is asked for by a worker, never while a page is being made: first `total` and
    `papers`, then `lately`. `wanted_at` says that somebody still looks; `problem` is what
    arXiv says of a search that it rejects.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    search = models.TextField()
    wanted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    wanted_since = models.DateTimeField(default=timezone.now)
    wanted_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(null=True)
    lately = models.PositiveIntegerField(null=True)
    papers = models.JSONField(default=list)
    problem = models.TextField(blank=True)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True)
                | ~Q(problem="")
                | Q(total__isnull=False, lately__isnull=False),
                name="an_answered_preview_says_something",
            ),
        ]

    def __str__(self) -> str:
        return self.search

    @staticmethod
    def digest_of(search: str) -> str:
        return hashlib.sha256(search.encode()).hexdigest()

    @property
    def is_answered(self) -> bool:
        """arXiv has said what there is today, or that the search is not right."""
        return bool(self.answered_at and self.answered_at > timezone.now() - KEPT)

    @property
    def is_put_off(self) -> bool:
        """arXiv may not be asked before `not_before`, and that is not soon."""
        return bool(self.not_before and self.not_before > timezone.now() + SOON)

    @property
    def is_wanted(self) -> bool:
        """Somebody has looked for it a moment ago, and it is not there."""
        return not self.is_answered and self.wanted_at > timezone.now() - LOOKED_FOR

    @property
    def is_late(self) -> bool:
        """It takes longer than one request that has to wait for its turn."""
        return self.wanted_since < timezone.now() - LATE
