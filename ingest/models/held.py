"""Work that one process at a time is on, and that any other can go on with."""

from datetime import timedelta
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingest.models.pace import ServerStart

# Work whose process has not been heard of for this long is taken over by another.
STALE_AFTER = timedelta(minutes=3)

_Work = TypeVar("_Work", bound="HeldWork")


def _last_sure() -> Greatest:
    """A sign of life before this says nothing: long ago, or to a server that has died since.

    What a process was about to write when its server died is lost, though it may live on.
    """
    return Greatest(Value(timezone.now() - STALE_AFTER), ServerStart())


class HeldWorkQuerySet(models.QuerySet[_Work]):
    def running(self) -> Self:
        return self.filter(state=HeldWork.State.RUNNING)

    def free(self) -> Self:
        """May go on, and no process holds them that says it is alive. Longest waiting first."""
        now = timezone.now()
        return (
            self.running()
            .filter(
                Q(not_before__isnull=True) | Q(not_before__lte=now),
                Q(holder="") | Q(heartbeat_at__lt=_last_sure()),
            )
            .order_by("heartbeat_at", "pk")
        )

    def held(self) -> Self:
        """A process is on them, as far as their last sign of life tells."""
        return self.running().filter(heartbeat_at__gte=_last_sure()).exclude(holder="")


class HeldWork(models.Model):
    """What runs and audits have in common; `ingest.holding` has its verbs."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        INTERRUPTED = "interrupted", _("interrupted")

    state = models.CharField(max_length=11, choices=State, default=State.RUNNING)
    step = models.PositiveIntegerField(default=0, help_text=_("Who holds it goes on."))
    holder = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("The process that is on it: host, number, birth."),
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text=_("Bad answers for the page at the cursor, in a row.")
    )
    error = models.TextField(blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_waiting(self) -> bool:
        """Running, and told to wait before the next request."""
        return self.is_running and bool(self.not_before and self.not_before > timezone.now())
