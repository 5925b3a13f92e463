"""When arXiv may be asked, and what it was asked for in vain."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DatabaseClock(models.Func):
    """Now, by the database's clock, also within a transaction: one clock for all hosts."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class ServerStart(models.Func):
    """Since when the database's server runs: whoever was at work before has lost its hold."""

    template = "pg_postmaster_start_time()"
    output_field = models.DateTimeField()


class Pace(models.Model):
    """The one row every request to arXiv goes by, over all processes and hosts."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_allowed_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row."))
    failing_since = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(
        null=True, blank=True, help_text=_("Nothing is asked before: too many failures.")
    )
    stopped = models.BooleanField(
        default=False, help_text=_("arXiv refused us: nothing is asked until a person says so.")
    )
    last_error = models.TextField(blank=True)
    last_asked_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("pace")
        verbose_name_plural = _("pace")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_pace"),
            models.CheckConstraint(
                condition=Q(failures=0) | Q(failing_since__isnull=False),
                name="failing_has_a_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"next request at {self.next_allowed_at:%Y-%m-%d %H:%M:%S}"

    @property
    def closed_until(self) -> datetime | None:
        """Until when nothing may be asked because of failures; None: nothing is in the way."""
        if self.open_until and self.open_until > timezone.now():
            return self.open_until
        return None


class MissingRecord(models.Model):
    """A work of the bibliography that arXiv was asked for and did not send."""

    paper = models.OneToOneField(
        "taxonomy.Paper", models.CASCADE, primary_key=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.paper_id}, asked {self.asked_at:%Y-%m-%d}"
