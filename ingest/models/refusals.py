"""What could not be taken in: kept as it came, until somebody or something settles it."""

import dataclasses
import hashlib
import json
import re
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingest.feed import KEPT_RAW, Entry
from ingest.models.held import STALE_AFTER
from ingest.models.runs import Harvest

# What turns the direction of the text around, and what is not seen at all.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class RefusalQuerySet(models.QuerySet["Refusal"]):
    def open(self) -> Self:
        return self.filter(settled_at__isnull=True)

    def settled(self) -> Self:
        return self.filter(settled_at__isnull=False)

    def wanted(self) -> Self:
        """arXiv is to be asked for them anew."""
        return self.open().filter(wanted_at__isnull=False)

    def free(self) -> Self:
        """Wanted, and no living process is asking for them. Longest waiting first."""
        stale = timezone.now() - STALE_AFTER
        return (
            self.wanted()
            .filter(Q(asked_at__isnull=True) | Q(asked_at__lt=stale))
            .order_by("wanted_at", "pk")
        )

    def for_list(self) -> Self:
        """Everything one line of the list shows, newest first."""
        return self.select_related("harvest__query", "settled_by").order_by("-pk")


class Refusal(models.Model):
    """A record that could not be taken in, kept as arXiv sent it.

    `ingest.refusals` holds the verbs. Several runs may refuse the same record: these rows
    have one digest, and are settled together.
    """

    class Kind(models.TextChoices):
        UNREADABLE = "unreadable", _("cannot be read")
        IDENTIFIER = "identifier", _("no identifier")
        DATE = "date", _("a date is wrong")
        MISSING = "missing", _("something is missing")
        LENGTH = "length", _("too long")
        DATABASE = "database", _("cannot be stored")
        OTHER = "other", _("another reason")

    class Outcome(models.TextChoices):
        TAKEN = "taken", _("Taken in from the kept text")
        SENT_ANEW = "sent_anew", _("Taken in: arXiv sent it anew")
        HERE = "here", _("Here by another way")
        UNWANTED = "unwanted", _("Can be read, and is not among what is wanted")
        DISMISSED = "dismissed", _("Dismissed")

    harvest = models.ForeignKey(Harvest, models.CASCADE, related_name="refusals")
    arxiv_id = models.CharField(max_length=60, blank=True, help_text=_("Where legible."))
    reason = models.CharField(max_length=300)
    # Made by the database from the reason, whoever writes the row.
    kind = models.GeneratedField(
        expression=Case(
            When(is_parsed=True, then=Value("database")),
            When(
                reason__regex=r"(arXiv id|of arXiv)$|: ids of|no year and month",
                then=Value("identifier"),
            ),
            When(reason__regex=r"is no date|no date", then=Value("date")),
            When(reason__regex=r"^(not |nested |neither )", then=Value("unreadable")),
            When(reason__regex=r"^no ", then=Value("missing")),
            When(reason__regex=r"[0-9] (characters|bytes)$", then=Value("length")),
            default=Value("other"),
        ),
        output_field=models.CharField(max_length=10, choices=Kind),
        db_persist=True,
        choices=Kind,
    )
    raw = models.TextField()
    is_parsed = models.BooleanField(
        default=False,
        help_text=_("The text is the record as it was understood, not as it came."),
    )
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of what was sent."))
    created_at = models.DateTimeField(default=timezone.now)

    tried_at = models.DateTimeField(null=True, blank=True, help_text=_("Read again."))
    tried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    still = models.CharField(
        max_length=300, blank=True, help_text=_("Why it was refused again when it was tried.")
    )
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when arXiv is to be asked for it anew.")
    )
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("A process is asking for it since then.")
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Nobody: Kadai itself."),
    )
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    note = models.CharField(max_length=300, blank=True)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        constraints = [
            models.UniqueConstraint(
                fields=["harvest", "digest"], name="an_entry_is_refused_once_a_harvest"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, outcome="")
                | Q(settled_at__isnull=False) & ~Q(outcome=""),
                name="a_settled_refusal_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="dismissed") | Q(note__regex=r"\S"),
                name="a_dismissed_refusal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(wanted_at__isnull=True),
                name="what_is_settled_is_not_asked_for",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(settled_at__isnull=True),
                name="refusal_open",
            ),  # alarms: how many in a day; the list of open ones
            models.Index(fields=["digest"], name="refusal_of_a_record"),  # settled together
            models.Index(
                fields=["wanted_at"],
                condition=Q(wanted_at__isnull=False),
                name="refusal_wanted",
            ),  # pull_due: whether arXiv is to be asked
        ]

    def __str__(self) -> str:
        return f"{self.arxiv_id or '?'}: {self.reason}"

    @classmethod
    def of_entry(cls, harvest: Harvest, entry: Entry, reason: str) -> Self:
        """A record that could be read and that the database cannot hold."""
        raw = json.dumps(dataclasses.asdict(entry), default=str)
        digest = hashlib.sha256(raw.encode()).hexdigest()
        return cls(
            harvest=harvest,
            arxiv_id=entry.arxiv_id,
            reason=reason[:300],
            raw=raw[:KEPT_RAW],
            is_parsed=True,
            digest=digest,
        )

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    @property
    def is_cut(self) -> bool:
        """The kept text is only the beginning: only arXiv has the rest."""
        return len(self.raw) >= KEPT_RAW

    @property
    def asks_arxiv(self) -> bool:
        """Trying again means to ask arXiv, since the kept text cannot be enough."""
        return self.is_cut and bool(self.arxiv_id)

    @property
    def readable_raw(self) -> str:
        """The text with a mark in place of what is not seen or turns the direction around."""
        return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", self.raw)
