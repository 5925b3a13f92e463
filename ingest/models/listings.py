"""The daily listings: what was announced, and how much of it was here."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Listing(models.Model):
    """The listing of one day, asked for once; a failure is noted and tried a few times more."""

    day = models.DateField(unique=True, help_text=_("In New York: whose listing was due."))
    categories = ArrayField(models.CharField(max_length=32), default=list)
    asked_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    issued_on = models.DateField(
        null=True, blank=True, help_text=_("The day that the listing itself says.")
    )

    new = models.PositiveIntegerField(default=0)
    crossed = models.PositiveIntegerField(default=0, help_text=_("New in another category."))
    replaced = models.PositiveIntegerField(default=0)
    replaced_crossed = models.PositiveIntegerField(default=0)

    known = models.PositiveIntegerField(default=0, help_text=_("Here in that version."))
    outdated = models.PositiveIntegerField(default=0, help_text=_("Here in an older one."))
    unknown = models.PositiveIntegerField(default=0, help_text=_("Not here."))

    licences = models.PositiveIntegerField(default=0, help_text=_("Filled in from it."))
    refused = models.PositiveIntegerField(default=0, help_text=_("Items that cannot be read."))
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("daily listing")
        verbose_name_plural = _("daily listings")
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    known=F("new")
                    + F("crossed")
                    + F("replaced")
                    + F("replaced_crossed")
                    - F("outdated")
                    - F("unknown")
                ),
                name="listing_counts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.total}"

    @property
    def total(self) -> int:
        """Papers announced, each once."""
        return self.new + self.crossed + self.replaced + self.replaced_crossed

    @property
    def missing(self) -> int:
        """Of which the newest version is not here."""
        return self.outdated + self.unknown

    def is_current(self, day: date) -> bool:
        """It is that day's, not one that arXiv has not yet rebuilt."""
        return self.issued_on is not None and self.issued_on >= day
