"""What is measured now and then and shown until it is measured again."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MeasurementManager(models.Manager["Measurement"]):
    def figures(self, kind: "Measurement.Kind") -> tuple[dict[str, Any], datetime | None]:
        """The newest figures and when they were taken; nothing before the first time."""
        found = self.filter(kind=kind).first()
        return (found.figures, found.made_at) if found else ({}, None)

    def keep(self, kind: "Measurement.Kind", figures: dict[str, Any]) -> None:
        """In place of the former ones."""
        self.update_or_create(
            kind=kind, defaults={"figures": figures, "made_at": timezone.now()}
        )


class Measurement(models.Model):
    """The newest figures of one kind; their shape is told where they are taken."""

    class Kind(models.TextChoices):
        UNSEEN = "unseen", _("relevant papers still unseen")
        LEARNING_CURVE = "learning-curve", _("learning curve")

    kind = models.CharField(max_length=20, primary_key=True, choices=Kind)
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    objects = MeasurementManager()

    def __str__(self) -> str:
        return str(self.get_kind_display())
