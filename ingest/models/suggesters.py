"""The suggesters that were learned: which file holds each, how good it is, which is in use."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SuggesterPolicy(models.Model):
    """The one row that says how sure a suggestion must be. No target: where F1 is best."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    target = models.PositiveSmallIntegerField(
        null=True, help_text=_("Percent of the suggestions that shall be right.")
    )
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_policy"),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__gte=50, target__lte=99),
                name="a_target_is_a_share_worth_asking_for",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} %" if self.target else "best F1"


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


class SuggesterUpdateQuerySet(models.QuerySet["SuggesterUpdate"]):
    def of(self, model: SuggesterModel | None) -> Self:
        """Those made on top of this model, newest first; None: of the vocabulary alone."""
        return self.filter(base=model).order_by("-number")


class SuggesterUpdate(models.Model):
    """What the decisions after a training add to it, until the next one has learned from them.

    `weights` is {slug: {paper: weight}}: by how much papers like that one move. It is all
    there is to it: the texts are read again where it is used.
    """

    number = models.PositiveIntegerField(unique=True)
    base = models.ForeignKey(
        SuggesterModel, models.CASCADE, null=True, related_name="updates",
        help_text=_("Empty: the vocabulary alone."),
    )  # fmt: skip
    last_decision = models.BigIntegerField(help_text=_("The newest decision that was there."))
    decisions = models.PositiveIntegerField(help_text=_("Verdicts it learned from."))
    weights = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    spread_at = models.DateTimeField(
        null=True, help_text=_("When the waiting papers it concerns had new suggestions.")
    )

    objects = SuggesterUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("update of a suggester")
        verbose_name_plural = _("updates of suggesters")

    def __str__(self) -> str:
        return f"update {self.number}"
