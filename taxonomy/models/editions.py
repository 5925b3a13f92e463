"""Releases of the vocabulary, and the number that moves with every change to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Edition(models.Model):
    """A numbered, dated, citable release of the vocabulary."""

    number = models.PositiveIntegerField(unique=True)
    released_on = models.DateField()
    titles = models.JSONField(default=dict, help_text=_("By language code."))
    descriptions = models.JSONField(default=dict, help_text=_("By language code."))
    licence = models.CharField(max_length=40, default="CC-BY-4.0")

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class VocabularyVersion(models.Model):
    """The single row whose number tells every process when to reload the vocabulary."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_vocabulary_version"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class LoadedRecord(models.Model):
    """The digest of a record when it was last loaded from a file.

    A record whose digest has not moved since is left alone: what an editor changed in the
    meantime is not overwritten by loading the same file again.
    """

    key = models.CharField(max_length=200, primary_key=True, help_text=_("concept:slug …"))
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key
