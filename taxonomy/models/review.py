"""From a machine's suggestion through a person's decision to a tag."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from taxonomy.models.orders import Order

if TYPE_CHECKING:
    from taxonomy.models.people import User


class ScreeningQuerySet(models.QuerySet["Screening"]):
    def waiting(self) -> Self:
        """Papers that have suggestions and no curator's last word yet."""
        return self.filter(state=Screening.State.WAITING)

    def without_lease(self, now: datetime | None = None) -> Self:
        """Not open on another curator's screen now."""
        held = Lease.objects.filter(
            paper=models.OuterRef("paper"), expires_at__gt=now or timezone.now()
        )
        return self.filter(~models.Exists(held))

    def first_in_queue(self, order: Order = Order.LIKELY) -> Self:
        """One index scan, whichever the order."""
        return self.order_by(f"-{order.column}", "-paper_id")

    def by_arrival(self, *, newest: bool) -> Self:
        """One index scan, too."""
        return self.order_by("-paper_id" if newest else "paper_id")

    def decided_by(self, curator: "User") -> Self:
        """On which this curator has decided something before."""
        decisions = Decision.objects.filter(paper=models.OuterRef("paper"), actor=curator)
        return self.filter(models.Exists(decisions))

    def disputed(self) -> Self:
        """On which two people hold different verdicts on one concept."""
        here = {"paper": models.OuterRef("paper"), "concept": models.OuterRef("concept")}
        other = Decision.objects.effective().filter(
            ~Q(verdict=models.OuterRef("verdict")), actor__gt=models.OuterRef("actor"), **here
        )
        one = Decision.objects.effective().filter(
            models.Exists(other), paper=models.OuterRef("paper"), actor__isnull=False
        )
        return self.filter(models.Exists(one))

    def held_by(self, curator: "User | int", now: datetime) -> Self:
        """Open on this curator's screen now, the one opened last first."""
        held = self.filter(paper__lease__curator=curator, paper__lease__expires_at__gt=now)
        return held.order_by("-paper__lease__expires_at")

    def not_skipped_by(self, curator: "User | int", now: datetime) -> Self:
        skips = Skip.objects.filter(
            paper=models.OuterRef("paper"), curator=curator, until__gt=now
        )
        return self.filter(~models.Exists(skips))

    def skipped_by(self, curator: "User") -> Self:
        """Passed over by this curator, what is due first at the top."""
        return self.filter(paper__skips__curator=curator).order_by("paper__skips__until")

    def closed_by(self, curator: "User | int") -> Self:
        """The papers on which this curator had the last word, latest first."""
        closed = self.filter(state=Screening.State.SCREENED, screened_by=curator)
        return closed.order_by("-screened_at")

    def with_paper(self) -> Self:
        """Together with what the desk shows of the paper; not its text vector."""
        return self.select_related("paper").defer("paper__search")


class Screening(models.Model):
    """Where a paper stands on its way from arXiv to the map: one row a paper.

    Kept apart from Paper because it changes often and must stay narrow.
    """

    class State(models.TextChoices):
        IDENTIFIED = "identified", _("waits for suggestions")
        WAITING = "waiting", _("waits for a curator")
        ABSTAINED = "abstained", _("nothing suggested")
        SCREENED = "screened", _("screened")
        FAILED = "failed", _("suggesting failed")

    paper = models.OneToOneField(
        "taxonomy.Paper", models.CASCADE, primary_key=True, related_name="screening"
    )
    state = models.CharField(max_length=10, choices=State, default=State.IDENTIFIED)
    priority = models.FloatField(default=0, help_text=_("Higher comes first in the queue."))
    uncertainty = models.FloatField(
        default=0, db_default=0, help_text=_("The same, uncertain first.")
    )
    mixed = models.FloatField(default=0, db_default=0, help_text=_("The same, both in turn."))
    rare = models.FloatField(
        default=0, db_default=0, help_text=_("The same, rare concepts first.")
    )
    suggester = models.CharField(max_length=40, blank=True, help_text=_("With version."))
    paper_version = models.PositiveSmallIntegerField(null=True)
    text_revision = models.PositiveIntegerField(
        null=True, help_text=_("Of the text that was finished, or read for suggestions.")
    )
    suggested_at = models.DateTimeField(null=True)
    screened_at = models.DateTimeField(null=True)
    screened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    error = models.TextField(blank=True)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="failed") | Q(error__regex=r"\S"),
                name="a_failed_screening_says_why",
            ),
        ]
        indexes = [
            models.Index(
                F("priority").desc(), F("paper").desc(),
                condition=Q(state="waiting"), name="screening_queue",
            ),  # review desk: next paper
            *(
                models.Index(
                    F(column).desc(), F("paper").desc(),
                    condition=Q(state="waiting"), name=f"screening_by_{column}",
                )
                for column in ("uncertainty", "mixed", "rare")
            ),  # the same in another order
            models.Index(
                fields=["paper"], condition=Q(state="waiting"), name="screening_by_arrival"
            ),  # first come, last come
            models.Index(
                fields=["paper"], condition=Q(state="identified"), name="screening_to_suggest"
            ),  # suggest_waiting
            models.Index(
                fields=["screened_by", "-screened_at"], condition=Q(state="screened"),
                name="screening_of_a_curator",
            ),  # done today, and what to undo
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.paper_id}: {self.state}"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def for_review(self) -> Self:
        """Everything one suggestion on the desk shows, surest first."""
        return self.select_related("concept").order_by("-score", "concept_id")

    def open(self) -> Self:
        """Those that a curator is still to be asked about: `is_open`, in the database."""
        here = {"paper": models.OuterRef("paper"), "concept": models.OuterRef("concept")}
        latest = Decision.objects.effective().filter(**here).order_by("-id").values("pk")[:1]
        answered = Decision.objects.filter(
            Q(verdict=Decision.Verdict.ACCEPT)
            | Q(text_revision__gte=models.OuterRef("text_revision")),
            pk=models.OuterRef("standing"),
        )
        return self.alias(standing=models.Subquery(latest)).filter(~models.Exists(answered))


class Suggestion(models.Model):
    """A machine's claim that a paper is about a concept: never edited, only replaced.

    `evidence` is {"spans": [{"field": "title"|"abstract", "start": int, "end": int,
    "weight": float}], "signals": {name: score}, "nearest": [[paper, likeness]],
    "vocabulary": number}, offsets in characters of title_plain or abstract_plain of the
    paper version it read.
    """

    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, related_name="suggestions")
    concept = models.ForeignKey("taxonomy.Concept", models.CASCADE, related_name="suggestions")
    suggester = models.CharField(max_length=40, help_text=_("With version: default-3."))
    score = models.FloatField(help_text=_("0 (a guess) to 1 (sure)."))
    evidence = models.JSONField(default=dict)
    paper_version = models.PositiveSmallIntegerField()
    text_revision = models.PositiveIntegerField(
        default=1, help_text=_("Of the text that was read.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "concept"], name="one_suggestion_per_paper_and_concept"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="score_is_a_probability"
            ),
        ]
        indexes = [
            models.Index(F("concept"), F("score").desc(), name="suggestion_by_concept"),
        ]  # what is suggested for a concept, surest first

    def __str__(self) -> str:
        return f"{self.paper_id} → {self.concept_id} ({self.score:.2f})"

    def is_open(self, standing: "Decision | None") -> bool:
        """Whether a curator is still to be asked, given what stands on this concept.

        The one rule of the queue, the desk and the suggester: an accepted concept holds
        for every text; one that was rejected or left unsure, for the text that was read.
        """
        if standing is None:
            return True
        accepted = standing.verdict == Decision.Verdict.ACCEPT
        return not accepted and not standing.has_read(self.text_revision)


class DecisionQuerySet(models.QuerySet["Decision"]):
    def effective(self) -> Self:
        """Decisions that were neither reverted nor are themselves a revert."""
        return self.filter(reverts__isnull=True, reverted_by__isnull=True)

    def standing(self) -> Self:
        """The decision that holds on each paper × concept: the latest effective one."""
        latest = self.effective().order_by("paper_id", "concept_id", "-id")
        return latest.distinct("paper_id", "concept_id")


class Decision(models.Model):
    """One verdict on a paper × concept; the only source of truth about tags.

    Append-only: a trigger refuses update and delete. Undone by one more decision, with
    `reverts` and the verdict `retract`; then the latest effective decision holds again.
    """

    class Verdict(models.TextChoices):
        ACCEPT = "accept", _("accept")
        REJECT = "reject", _("reject")
        UNSURE = "unsure", _("unsure")
        RETRACT = "retract", _("take back")

    class ActorKind(models.TextChoices):
        PERSON = "person", _("person")
        MODEL = "model", _("model")
        IMPORT = "import", _("import")

    class Reason(models.TextChoices):
        NONE = "", _("no reason given")
        OFF_TOPIC = "off-topic", _("not about language models")
        ONLY_MENTIONS = "only-mentions", _("mentions it only")
        ONLY_USES = "only-uses", _("uses it only as a tool")
        TOO_BROAD = "too-broad", _("a narrower concept fits better")
        TOO_NARROW = "too-narrow", _("a broader concept fits better")
        WRONG_SENSE = "wrong-sense", _("another sense of the words")

    paper = models.ForeignKey("taxonomy.Paper", models.PROTECT, related_name="decisions")
    concept = models.ForeignKey("taxonomy.Concept", models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.TextField(blank=True)
    actor_kind = models.CharField(max_length=6, choices=ActorKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decisions"
    )
    actor_name = models.CharField(max_length=80, blank=True, help_text=_("Model or import."))
    paper_version = models.PositiveSmallIntegerField()
    text_revision = models.PositiveIntegerField(
        default=1, help_text=_("Of the text that was read.")
    )
    edition = models.PositiveIntegerField(null=True, help_text=_("Number of the edition."))
    suggester = models.CharField(max_length=40, blank=True)
    score = models.FloatField(null=True, help_text=_("The suggestion's, if it had one."))
    batch = models.UUIDField(null=True)
    idempotency_key = models.CharField(max_length=80, null=True)
    reverts = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reverted_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        permissions = [("revert_decision", _("Can revert decisions of others"))]
        constraints = [
            models.CheckConstraint(
                condition=(Q(verdict="retract") & Q(reverts__isnull=False))
                | (~Q(verdict="retract") & Q(reverts__isnull=True)),
                name="only_a_retract_reverts",
            ),
            models.CheckConstraint(
                condition=(Q(actor_kind="person") & Q(actor__isnull=False))
                | (~Q(actor_kind="person") & Q(actor__isnull=True) & ~Q(actor_name="")),
                name="decision_has_one_actor",
            ),
            models.UniqueConstraint(
                fields=["actor", "idempotency_key"], name="a_key_decides_once"
            ),
        ]
        indexes = [
            models.Index(fields=["paper", "concept", "-id"], name="decision_latest"),
            models.Index(
                fields=["actor", "-id"], condition=Q(actor__isnull=False),
                name="decision_of_a_person",
            ),  # undo the last ones
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="decision_batch"
            ),
            models.Index(fields=["concept", "-id"], name="decision_of_a_concept"),  # the trail
            models.Index(fields=["created_at"], name="decision_by_moment"),  # a period of it
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.verdict} {self.concept_id} for {self.paper_id}"

    def has_read(self, text_revision: int) -> bool:
        """Whether it was made on this text of the paper, or a later one."""
        return self.text_revision >= text_revision


class TagQuerySet(models.QuerySet["Tag"]):
    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-paper_id")


class Tag(models.Model):
    """What now holds: a projection of the decisions, written only by `taxonomy.curation`.

    An accepted narrower concept implies its broader ones: those rows have direct=False.
    `published_at` repeats the paper's, so that a concept's newest papers are one index scan.
    """

    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, related_name="tags")
    concept = models.ForeignKey("taxonomy.Concept", models.PROTECT, related_name="tags")
    direct = models.BooleanField(default=True)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "concept"], name="one_tag_per_paper_and_concept"
            ),
        ]
        indexes = [
            models.Index(
                F("concept"), F("published_at").desc(), F("paper").desc(),
                name="tag_newest_of_concept",
            ),  # concept pages and facets, keyset paging
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.paper_id} is about {self.concept_id}"


class Lease(models.Model):
    """Who has a paper open on the review desk, and until when."""

    paper = models.OneToOneField("taxonomy.Paper", models.CASCADE, related_name="lease")
    curator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="leases")
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["curator", "expires_at"], name="lease_of_a_curator"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} with {self.curator_id}"


class Skip(models.Model):
    """A curator who passed over a paper; others may get it, they themselves from `until` on."""

    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, related_name="skips")
    curator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="skips")
    skipped_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["curator", "paper"], name="one_skip_per_curator"),
        ]

    def __str__(self) -> str:
        return f"{self.curator_id} skipped {self.paper_id}"
