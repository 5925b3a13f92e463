"""What is searched, again and again."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

# Names of the queries that come with the migrations; a curator's own stay as they are.
SHIPPED = (
    gettext_noop("Computation and Language"),
    gettext_noop("Language models in AI and machine learning"),
    gettext_noop("Language models in security, software and systems"),
    gettext_noop("Language models, people and society"),
    gettext_noop("Changes of known papers"),
)

QUIET = timedelta(days=1)  # that one listing without news for it spares a query
LONGEST_QUIET = timedelta(days=3)  # comments and references change without being announced


class Way(models.TextChoices):
    """How papers come in. Every way ends in `ingest.papers`."""

    SEARCH = "search", _("search API")
    OAI = "oai", _("OAI-PMH")
    SNAPSHOT = "snapshot", _("snapshot")


class QueryQuerySet(models.QuerySet["Query"]):
    def due(self) -> Self:
        """Enabled, and not pulled within its interval, new papers before known ones.

        A daily listing may hasten a query, or spare it.
        """
        now = timezone.now()
        quiet = Q(way=Way.OAI, quiet_at__gt=now - QUIET, last_pulled_at__gt=now - LONGEST_QUIET)
        return self.filter(
            Q(last_pulled_at__isnull=True)
            | Q(news_at__gt=F("last_pulled_at"))
            | (Q(last_pulled_at__lte=now - F("interval")) & ~quiet),
            enabled=True,
        ).order_by("known_only", "name")


class Query(models.Model):
    """What arXiv is asked for again and again: a search, or the records of an OAI set."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, unique=True)
    way = models.CharField(max_length=8, choices=Way, default=Way.SEARCH)
    search = models.CharField(
        max_length=1000,
        help_text=_("In arXiv's syntax, such as cat:cs.CL; for OAI-PMH a set: cs:cs:CL."),
    )
    match = models.CharField(
        max_length=500,
        blank=True,
        help_text=_("OAI-PMH only: phrases with | between; a new paper must have one."),
    )
    known_only = models.BooleanField(
        default=False,
        help_text=_("OAI-PMH only: follow papers that are here, and take in no others."),
    )
    enabled = models.BooleanField(default=True)
    interval = models.DurationField(
        default=timedelta(days=1),
        help_text=_("arXiv's answers change once a day; more often only costs."),
    )
    watermark = models.DateTimeField(
        null=True, blank=True, help_text=_("Everything submitted before is here.")
    )
    last_pulled_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(
        default=1,
        help_text=_("Counts changes by people: who writes last has read the one before."),
    )
    news_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a daily listing had something for it.")
    )
    quiet_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a daily listing had nothing for it.")
    )

    objects = QueryQuerySet.as_manager()

    class Meta:
        verbose_name = _("query")
        verbose_name_plural = _("queries")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(search__regex=r"\S"), name="query_searches_something"
            ),
            models.CheckConstraint(
                condition=Q(interval__gte=timedelta(minutes=1)),
                name="query_interval_is_at_least_a_minute",
            ),
            models.CheckConstraint(
                condition=Q(way=Way.OAI) | Q(way=Way.SEARCH, match="", known_only=False),
                name="a_search_selects_by_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ingest:query", args=[self.slug])

    @property
    def title(self) -> str:
        """The name in the reader's language, where it is one of SHIPPED."""
        return gettext(self.name) if self.name in SHIPPED else self.name

    @property
    def due_at(self) -> datetime | None:
        """When it is pulled next on schedule; None: it is paused, or due at once."""
        if not self.enabled or self.last_pulled_at is None:
            return None
        return self.last_pulled_at + self.interval
