"""Audits: what arXiv lists of a set in a range of numbers, and what of it is missing here."""

from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingest import categories
from ingest.models.held import HeldWork, HeldWorkQuerySet
from ingest.models.runs import Harvest


class AuditQuerySet(HeldWorkQuerySet["Audit"]):
    def for_page(self) -> Self:
        """Without the ids that are listed so far: there may be very many."""
        return self.defer("ids", "gone", "token")

    def newest_first(self) -> Self:
        return self.for_page().order_by("-pk")


class Audit(HeldWork):
    """One comparison of a set with what is here, over a range of arXiv numbers.

    First all identifiers are listed, a page a request, then compared at once, then what is
    missing is fetched. It can go on at any request.
    """

    spec = models.CharField(max_length=80, help_text=_("The OAI-PMH set, such as cs:cs:CL."))
    window = models.CharField(
        max_length=20, blank=True, help_text=_("Months; empty: what runs covered.")
    )
    first = models.CharField(max_length=10, help_text=_("The lowest number: 2506.00001."))
    last = models.CharField(max_length=10, help_text=_("The highest number."))
    since = models.DateTimeField(
        null=True, blank=True, help_text=_("What was submitted before is left out.")
    )
    fetches = models.BooleanField(default=True)
    trigger = models.CharField(max_length=8, choices=Harvest.Trigger)
    reason = models.TextField(blank=True, help_text=_("Why a run asked for it."))

    token = models.TextField(blank=True)
    passed = models.PositiveIntegerField(
        default=0, help_text=_("Identifiers that came so far, those outside the range too.")
    )
    ids = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    gone = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    asked = models.PositiveIntegerField(default=0, help_text=_("Requests."))
    listed = models.PositiveIntegerField(default=0, help_text=_("In that range at arXiv."))
    here = models.PositiveIntegerField(default=0, help_text=_("Of these, here before."))
    missing = models.PositiveIntegerField(default=0, help_text=_("Of these, not here before."))
    fetched = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(
        default=0, help_text=_("Missing, and submitted before the runs began.")
    )
    lost = models.PositiveIntegerField(default=0, help_text=_("Missing, and not to be had."))
    removed = models.PositiveIntegerField(
        default=0, help_text=_("Deleted at arXiv, and marked here.")
    )
    unlisted = models.PositiveIntegerField(
        default=0, help_text=_("Here in that category, and not in arXiv's list.")
    )
    unreadable = models.PositiveIntegerField(
        default=0, help_text=_("Identifiers that cannot be read.")
    )

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        constraints = [
            models.UniqueConstraint(
                fields=["spec", "window"],
                condition=Q(state="running"),
                name="one_running_audit_of_a_window",
            ),
            models.CheckConstraint(
                condition=Q(listed=F("here") + F("missing")), name="audit_counts_add_up"
            ),
            models.CheckConstraint(
                condition=Q(missing__gte=F("fetched") + F("left_out") + F("lost")),
                name="audit_settles_what_is_missing",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | Q(error__regex=r"\S"),
                name="a_failed_audit_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="an_audit_ends_when_it_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"], condition=Q(state="running"), name="audit_running"
            ),  # audit_due: whose process died
            models.Index(fields=["spec", "-id"], name="audit_of_a_set"),
        ]

    def __str__(self) -> str:
        return f"{self.spec} {self.first} to {self.last}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("ingest:audit", args=[self.pk])

    @property
    def category(self) -> str:
        """As papers name it: cs.CL, or an archive."""
        return categories.of_set(self.spec) or self.spec

    @property
    def is_recent(self) -> bool:
        """Its range is still about what runs have covered."""
        return self.started_at > timezone.now() - timedelta(days=1)

    @property
    def open(self) -> int:
        """Missing, and still to be fetched."""
        return self.missing - self.fetched - self.left_out - self.lost

    @property
    def present(self) -> int:
        """Listed, and here by now."""
        return self.here + self.fetched

    @property
    def settled(self) -> int:
        return self.missing - self.open


class GapQuerySet(models.QuerySet["Gap"]):
    def open(self) -> Self:
        return self.filter(state__in=[Gap.State.OPEN, Gap.State.ALONE])

    def worst_first(self) -> Self:
        """Those that cannot be had, those to come, those that came; each by number."""
        return self.annotate(
            order=models.Case(
                models.When(state=Gap.State.LOST, then=0),
                models.When(state__in=[Gap.State.OPEN, Gap.State.ALONE], then=1),
                default=2,
            )
        ).order_by("order", "arxiv_id")


class Gap(models.Model):
    """A paper that arXiv lists and that was not here."""

    class State(models.TextChoices):
        OPEN = "open", _("missing")
        ALONE = "alone", _("asked for alone")
        FETCHED = "fetched", _("fetched")
        LEFT_OUT = "left", _("left out")
        LOST = "lost", _("cannot be had")

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="gaps")
    arxiv_id = models.CharField(max_length=10)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=300, blank=True)

    objects = GapQuerySet.as_manager()

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "arxiv_id"], name="a_gap_is_found_once_an_audit"
            ),
            models.CheckConstraint(
                condition=~Q(state="lost") | Q(reason__regex=r"\S"),
                name="a_lost_paper_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arxiv_id}: {self.state}"

    @property
    def abs_url(self) -> str:
        return f"https://arxiv.org/abs/{self.arxiv_id}"
