"""Texts as vectors, so that each is computed once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TextVector(models.Model):
    """What an embedding model made of a text: of a paper, or of a concept.

    Found by the text. A paper has one, of its newest text that was read.
    """

    model = models.CharField(max_length=16, help_text=_("A digest of its files."))
    digest = models.CharField(max_length=64, help_text=_("Of the text."))
    vector = models.BinaryField(help_text=_("Half-precision numbers, of length 1 together."))
    paper = models.OneToOneField("taxonomy.Paper", models.CASCADE, null=True, related_name="+")
    text_revision = models.PositiveIntegerField(null=True, help_text=_("Of the paper's text."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "model"],
                condition=Q(paper=None),
                name="a_text_of_no_paper_has_one_vector",
            ),
            models.CheckConstraint(
                condition=Q(paper=None, text_revision=None)
                | Q(paper__isnull=False, text_revision__isnull=False),
                name="a_vector_of_a_paper_says_of_which_text",
            ),
        ]
        indexes = [
            models.Index(fields=["digest", "model"], name="vector_by_text"),
        ]

    def __str__(self) -> str:
        return f"{self.model} of {self.digest[:8]}"
