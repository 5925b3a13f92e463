"""Numbers kept beside the rows they count, in the same transaction.

The atlas, the trends and the heat map read a few hundred of these however many papers
there are. Months are the first day of the month of a paper's submission.
"""

from django.db import models
from django.db.models import Q


class ConceptMonth(models.Model):
    """Papers tagged with a concept or something narrower, by month of submission."""

    concept = models.ForeignKey("taxonomy.Concept", models.CASCADE, related_name="+")
    month = models.DateField()
    papers = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["concept", "month"], name="one_concept_month"),
            models.CheckConstraint(
                condition=Q(papers__gte=0), name="concept_month_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concept_id} {self.month}: {self.papers}"


class CellMonth(models.Model):
    """Papers tagged with both a top challenge and a top domain, by month of submission."""

    challenge = models.ForeignKey("taxonomy.Concept", models.CASCADE, related_name="+")
    domain = models.ForeignKey("taxonomy.Concept", models.CASCADE, related_name="+")
    month = models.DateField()
    papers = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "domain", "month"], name="one_cell_month"
            ),
            models.CheckConstraint(
                condition=Q(papers__gte=0), name="cell_month_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} × {self.domain_id} {self.month}: {self.papers}"


class Tally(models.Model):
    """How many of something on a day; `papers` = papers that arrived here that day."""

    name = models.CharField(max_length=20)
    day = models.DateField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "day"], name="one_tally_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day}: {self.count}"
