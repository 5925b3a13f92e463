"""The log of a run: what was asked, what came, what went wrong."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingest.models.runs import Harvest

KEPT_NOTES = 200  # a run


class HarvestNoteQuerySet(models.QuerySet["HarvestNote"]):
    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def tell(self, run: Harvest, kind: str, text: str = "") -> None:
        """Write how `run` stands now, in the transaction that changes it; the oldest goes.

        The same trouble again and again is one line with a count.
        """
        last = self.filter(harvest=run).order_by("-pk").first()
        if last and (last.kind, last.text) == (kind, text) and kind in HarvestNote.TROUBLE:
            values = HarvestNote.standing(run) | {"until": run.not_before}
            self.filter(pk=last.pk).update(at=timezone.now(), times=F("times") + 1, **values)
            return
        self.create(
            harvest=run,
            kind=kind,
            text=text,
            until=run.not_before,
            **HarvestNote.standing(run),
        )
        kept = (
            self.filter(harvest=run).order_by("-pk").values("pk")[KEPT_NOTES - 1 : KEPT_NOTES]
        )
        self.filter(harvest=run, pk__lt=models.Subquery(kept)).delete()


class HarvestNote(models.Model):
    """One line of the log, with the account of the run as it stood then."""

    class Kind(models.TextChoices):
        BEGUN = "begun", _("Begun")
        RESUMED = "resumed", _("Gone on with")
        PAGE = "page", _("A page came")
        WAITS = "waits", _("Told to wait")
        UNREACHED = "unreached", _("arXiv did not serve the request; it is asked again")
        UNREADABLE = "unreadable", _("The answer could not be used; it is asked for again")
        INCOMPLETE = "incomplete", _("Fewer papers came than were announced; none was taken")
        REJECTED = "rejected", _("arXiv rejected the search; only another search helps")
        REFUSED = "refused", _("arXiv refused us; nothing is asked until a person says so")
        MISSING = "missing", _("The end was reached and papers were missing")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Complete")

    TROUBLE = (Kind.WAITS, Kind.UNREACHED, Kind.UNREADABLE, Kind.INCOMPLETE)
    COUNTS = ("asked", "received", "new", "updated", "unchanged", "skipped", "refused")

    harvest = models.ForeignKey(Harvest, models.CASCADE, related_name="notes")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(blank=True, help_text=_("What arXiv said, in English."))
    times = models.PositiveIntegerField(default=1)
    until = models.DateTimeField(null=True, help_text=_("Nothing is asked before."))
    reached = models.DateTimeField(help_text=_("Where the next request goes on."))
    asked = models.PositiveIntegerField()
    received = models.PositiveIntegerField()
    new = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()

    objects = HarvestNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of a run")
        verbose_name_plural = _("notes of runs")
        indexes = [
            models.Index(fields=["harvest", "-id"], name="harvest_notes"),  # the run's page
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.text}".rstrip()

    @classmethod
    def standing(cls, run: Harvest) -> dict[str, int | datetime]:
        """What a line keeps of the run."""
        return {name: getattr(run, name) for name in cls.COUNTS} | {"reached": run.cursor_from}
