"""The suggesters that were learned: which file holds each, how good it is, which is in use."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SuggesterModelQuerySet(models.QuerySet["SuggesterModel"]):
    def in_use(self) -> Self:
        return self.filter(active=True)

    def newest_first(self) -> Self:
        return self.order_by("-number")


class SuggesterModel(models.Model):
    """One training. The file lies under KADAI_HOME/models; a lost file is no failure."""

    number = models.PositiveIntegerField(unique=True)
    file = models.CharField(max_length=120, help_text=_("Name under the models folder."))
    trained_at = models.DateTimeField(default=timezone.now)
    examples = models.PositiveIntegerField(help_text=_("Labelled papers it learned from."))
    last_decision = models.BigIntegerField(
        default=0, help_text=_("The newest decision that was there.")
    )
    vocabulary_number = models.PositiveIntegerField()
    evaluation = models.JSONField(default=dict)
    active = models.BooleanField(default=False)

    objects = SuggesterModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggester")
        verbose_name_plural = _("suggesters")
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=Q(active=True), name="one_suggester_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """As suggestions name their suggester."""
        return f"learned-{self.number}"
