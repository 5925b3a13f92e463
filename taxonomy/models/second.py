"""Papers that a second curator reads without knowing what the first one said."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from taxonomy.models.people import User


class ReadingPolicyManager(models.Manager["ReadingPolicy"]):
    def current(self) -> "ReadingPolicy":
        """What holds; nothing is read twice until an editor says so."""
        return self.filter(id=1).first() or ReadingPolicy()


class ReadingPolicy(models.Model):
    """The one row that says how many papers are read twice."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    share = models.PositiveSmallIntegerField(
        default=0, help_text=_("Of a hundred papers, so many get a second curator.")
    )
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ReadingPolicyManager()

    class Meta:
        verbose_name_plural = _("reading policies")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_reading_policy"),
            models.CheckConstraint(condition=Q(share__lte=100), name="a_share_is_of_a_hundred"),
        ]

    def __str__(self) -> str:
        return f"{self.share} %"


class SecondReadingQuerySet(models.QuerySet["SecondReading"]):
    def compared(self) -> Self:
        """Read by two people: what agreement is measured on."""
        return self.filter(kind=SecondReading.Kind.SECOND, done_at__isnull=False)

    def disputed(self) -> Self:
        """For an editor to settle, oldest first."""
        return self.filter(state=SecondReading.State.DISPUTED).order_by("done_at", "pk")

    def with_paper(self) -> Self:
        return self.select_related("paper").defer("paper__search")


class SecondReading(models.Model):
    """One more look at one paper by one more person; or at a gold paper, to learn how they do.

    Whoever reads sees the same page in both cases.
    """

    class Kind(models.TextChoices):
        SECOND = "second", _("second reading")
        GOLD = "gold", _("gold paper")

    class State(models.TextChoices):
        OPEN = "open", _("waits for a second curator")
        TAKEN = "taken", _("is being read")
        AGREED = "agreed", _("both say the same")
        DISPUTED = "disputed", _("waits to be settled")
        SETTLED = "settled", _("settled")

    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, related_name="second_readings")
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.SECOND)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    text_revision = models.PositiveIntegerField()
    first = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="second_readings"
    )
    opened_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = SecondReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "text_revision"],
                condition=Q(kind="second"),
                name="a_text_is_read_twice_at_most",
            ),
            models.UniqueConstraint(
                fields=["paper", "second"],
                condition=Q(kind="gold"),
                name="a_curator_reads_a_gold_paper_once",
            ),
            models.CheckConstraint(
                condition=Q(first__isnull=True) | ~Q(first=F("second")),
                name="nobody_reads_second_after_themselves",
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at", "id"],
                condition=Q(state__in=["open", "taken"]),
                name="reading_to_do",
            ),  # the next one for a curator
            models.Index(
                fields=["done_at", "id"],
                condition=Q(state="disputed"),
                name="reading_to_settle",
            ),  # the next one for an editor
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.paper_id}"


class Judgement(models.Model):
    """That one side of a reading gave a concept to the paper. No row: it did not."""

    class Side(models.TextChoices):
        FIRST = "first", _("first curator")
        SECOND = "second", _("second curator")

    reading = models.ForeignKey(SecondReading, models.CASCADE, related_name="judgements")
    side = models.CharField(max_length=6, choices=Side)
    concept = models.ForeignKey("taxonomy.Concept", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reading", "side", "concept"], name="a_side_gives_a_concept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reading_id} {self.side} {self.concept_id}"


class GoldPaper(models.Model):
    """A paper whose concepts are known for sure, to be read now and then unannounced."""

    paper = models.OneToOneField("taxonomy.Paper", models.CASCADE, primary_key=True)
    concepts = models.ManyToManyField("taxonomy.Concept", related_name="+")
    marked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.paper_id)
