"""What a person should know of the ingest, and whether it was told."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingest.models.queries import Query
from ingest.models.runs import Harvest


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def for_list(self) -> Self:
        """Everything that the words of an alarm rest on, newest first."""
        return self.select_related("query", "harvest__query", "closed_by").order_by("-pk")


class Alarm(models.Model):
    """A state that needs a person, from when it was noticed to when it was gone.

    It holds facts, not sentences: `ingest.alarms.words` puts them in the reader's language.
    """

    class Kind(models.TextChoices):
        REFUSED_US = "refused_us", _("arXiv refused us")
        UNREACHABLE = "unreachable", _("arXiv cannot be reached")
        RUN_FAILED = "run_failed", _("A run failed")
        OVERDUE = "overdue", _("No successful run for long")
        NO_RESULTS = "no_results", _("A query finds nothing any more")
        RECORDS_REFUSED = "records_refused", _("Many records were refused")
        GAPS = "gaps", _("Papers are missing")

    kind = models.CharField(max_length=16, choices=Kind)
    subject = models.CharField(
        max_length=80, blank=True, help_text=_("What it is about; empty: the ingest as such.")
    )
    query = models.ForeignKey(Query, models.SET_NULL, null=True, blank=True, related_name="+")
    harvest = models.ForeignKey(
        Harvest, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "taxonomy.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who put it aside; nobody: its cause is gone."),
    )

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(closed_at__isnull=True),
                name="one_open_alarm_a_kind_and_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "subject", "-raised_at"], name="alarm_of_a_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def can_be_put_aside(self) -> bool:
        """A failed run may never be gone on with; the other causes go by themselves."""
        return self.is_open and self.kind == self.Kind.RUN_FAILED


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        return self.filter(delivered_at__isnull=True, given_up_at__isnull=True)

    def due(self) -> Self:
        """May be tried now, in the order in which things happened."""
        return self.waiting().filter(not_before__lte=timezone.now()).order_by("pk")

    def in_trouble(self) -> Self:
        """Tried and not received; the last one first."""
        tried = self.filter(delivered_at__isnull=True).exclude(error="")
        return tried.select_related("alarm").order_by("-pk")


class Delivery(models.Model):
    """One message about an alarm over one channel: sent until it is received, or given up."""

    class Event(models.TextChoices):
        RAISED = "raised", _("raised")
        CLOSED = "closed", _("closed")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        WEBHOOK = "webhook", _("webhook")

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=6, choices=Event)
    channel = models.CharField(max_length=7, choices=Channel)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, help_text=_("Of the last try."))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["alarm", "event", "channel"], name="an_event_is_told_once_a_channel"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(given_up_at__isnull=True),
                name="what_is_delivered_is_not_given_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(delivered_at__isnull=True, given_up_at__isnull=True),
                name="delivery_waiting",
            ),  # deliver: what is due
        ]

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.event}, {self.channel}"
