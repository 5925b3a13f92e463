"""Each run of a search: where it stands, and its account."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ingest.models.held import HeldWork, HeldWorkQuerySet
from ingest.models.queries import Query, Way


class HarvestQuerySet(HeldWorkQuerySet["Harvest"]):
    def unfinished(self) -> Self:
        """Those to go on with. What came to its end without some papers of a moving window
        is not: the next run begins where it began, and newer papers come with it."""
        return self.exclude(state=Harvest.State.DONE).exclude(missing__gt=0, window="")

    def asking(self) -> Self:
        """By asking arXiv: a snapshot is gone on with by who has the file."""
        return self.exclude(way=Way.SNAPSHOT)

    def last_of_each_query(self) -> Self:
        """One run a query, for the overview."""
        return self.filter(query__isnull=False).order_by("query_id", "-pk").distinct("query_id")

    def newest_first(self) -> Self:
        return self.select_related("query").order_by("-pk")


class Harvest(HeldWork):
    """One run over a window of times; resumable at any page.

    A search goes by times of submission, OAI-PMH by days of change, a snapshot by lines. The
    cursor of a search is a moment, not a number of a page: the next request asks for what was
    submitted from `cursor_from` on, and `cursor_seen` holds the ids that are already
    counted from that minute. arXiv's page numbers shift whenever a paper comes or goes.
    `cursor_until` is before `until` only while arXiv ignores the order that was asked for.
    In a list of OAI-PMH `cursor_from` is the day that the list can be begun again from,
    `cursor_start` the number of records before the page that `token` asks for.
    """

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("schedule")
        COMMAND = "command", _("command line")
        PAGE = "page", _("a curator")

    WHOLE = ".."  # a window without ends, of a run that belongs to no query

    query = models.ForeignKey(
        Query, models.SET_NULL, null=True, blank=True, related_name="harvests"
    )
    way = models.CharField(max_length=8, choices=Way, default=Way.SEARCH)
    search = models.CharField(max_length=1000, help_text=_("As it was when the run began."))
    match = models.CharField(max_length=500, blank=True)
    known_only = models.BooleanField(default=False)
    prefix = models.CharField(
        max_length=8, blank=True, help_text=_("OAI-PMH: the form of the records.")
    )
    window = models.CharField(
        max_length=60,
        blank=True,
        help_text=_("The window as it was asked for; empty: what is new since the watermark."),
    )
    trigger = models.CharField(max_length=8, choices=Trigger)
    since = models.DateTimeField()
    until = models.DateTimeField()
    limit = models.PositiveIntegerField(null=True, blank=True)

    cursor_from = models.DateTimeField()
    cursor_until = models.DateTimeField()
    cursor_start = models.PositiveIntegerField(default=0)
    cursor_seen = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    token = models.TextField(blank=True, help_text=_("OAI-PMH: what asks for the next page."))
    responded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("OAI-PMH: arXiv's clock at the first answer.")
    )

    expected = models.PositiveIntegerField(null=True, help_text=_("What arXiv says it has."))
    asked = models.PositiveIntegerField(default=0, help_text=_("Requests."))
    received = models.PositiveIntegerField(default=0, help_text=_("Papers, each once."))
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0, help_text=_("Not among what is wanted."))
    refused = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(
        default=0, help_text=_("Counted by arXiv at the end of the run, and never sent.")
    )

    objects = HarvestQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(
                fields=["way", "search", "match", "known_only", "prefix", "window"],
                condition=Q(state="running"),
                name="one_running_harvest_of_a_window",
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("until")), name="harvest_window_has_a_length"
            ),
            models.CheckConstraint(
                condition=Q(
                    received=F("new")
                    + F("updated")
                    + F("unchanged")
                    + F("skipped")
                    + F("refused")
                ),
                name="harvest_counts_add_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | Q(error__regex=r"\S"),
                name="a_failed_harvest_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="a_harvest_ends_when_it_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"], condition=Q(state="running"), name="harvest_running"
            ),  # pull_due: whose process died
            models.Index(fields=["query", "-id"], name="harvest_of_a_query"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.since:%Y-%m-%d} … {self.until:%Y-%m-%d}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("ingest:run", args=[self.pk])

    @property
    def title(self) -> str:
        """The query's name, or the search itself. Reads self.query."""
        return self.query.title if self.query else self.search or gettext("all sets")

    def alike(self) -> HarvestQuerySet:
        """Runs over the same window after the same papers, this one too."""
        names = ("way", "search", "match", "known_only", "prefix", "window")
        return Harvest.objects.filter(**{name: getattr(self, name) for name in names})

    @property
    def target(self) -> int:
        """How many papers it will have in the end, as far as arXiv has said; 1 at least."""
        return max(self.expected or 0, self.received, 1)

    @property
    def left(self) -> int:
        """Papers that are still to come, as far as arXiv has said."""
        return max((self.expected or 0) - self.received, 0)
