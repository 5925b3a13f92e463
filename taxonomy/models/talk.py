"""What people follow, what they are told of it, and what they say to each other."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from taxonomy.models.people import User

COMMENT_LENGTH = 4_000  # characters
SEARCH_LENGTH = 4_000


class FollowQuerySet(models.QuerySet["Follow"]):
    def of(self, user: "User") -> Self:
        """Everything this person follows, the newest first, with what a line shows."""
        found = self.filter(user=user).select_related("paper")
        return found.defer("paper__search", "paper__abstract_plain").order_by("-pk")


class Follow(models.Model):
    """One person and one concept, paper or search that they want to hear of.

    `search` is the tidy query of the paper list: two who follow the same search have the same
    text. Of a paper, what was last told of it: papers keep no record of when they changed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    concept = models.ForeignKey("taxonomy.Concept", models.CASCADE, null=True, related_name="+")
    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, null=True, related_name="+")
    search = models.CharField(max_length=SEARCH_LENGTH, blank=True)
    told_version = models.PositiveSmallIntegerField(null=True)
    told_gone = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(concept__isnull=False, paper__isnull=True, search="")
                | Q(concept__isnull=True, paper__isnull=False, search="")
                | (Q(concept__isnull=True, paper__isnull=True) & ~Q(search="")),
                name="one_thing_is_followed",
            ),
            models.UniqueConstraint(
                fields=["user", "concept"], condition=Q(concept__isnull=False),
                name="a_concept_is_followed_once",
            ),
            models.UniqueConstraint(
                fields=["user", "paper"], condition=Q(paper__isnull=False),
                name="a_paper_is_followed_once",
            ),
            models.UniqueConstraint(
                F("user"), MD5("search"), condition=~Q(search=""),
                name="a_search_is_followed_once",
            ),  # a long search does not fit into an index
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.concept_id or self.paper_id or self.search}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def about(self, paper_id: int | None, concept_id: int | None, topic: str = "") -> Self:
        """Of one paper, one concept or one topic."""
        if topic:
            return self.filter(topic=topic)
        if paper_id is not None:
            return self.filter(paper=paper_id)
        return self.filter(concept=concept_id)

    def standing(self) -> Self:
        """Neither taken back by their author nor hidden."""
        return self.filter(deleted_at__isnull=True, hidden_at__isnull=True)


class Comment(models.Model):
    """What somebody said about a paper, a concept, or a topic: a thing that another app keeps.

    Of a deleted one, the mark remains.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments"
    )
    paper = models.ForeignKey(
        "taxonomy.Paper", models.CASCADE, null=True, related_name="comments"
    )
    concept = models.ForeignKey(
        "taxonomy.Concept", models.CASCADE, null=True, related_name="comments"
    )
    topic = models.CharField(max_length=240, blank=True, help_text=_("As kind:name."))
    text = models.TextField(blank=True, max_length=COMMENT_LENGTH)
    key = models.UUIDField(help_text=_("Of the form it was sent with: sent twice, kept once."))
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        permissions = [("hide_comment", _("Can hide comments of others"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(concept__isnull=False, paper__isnull=True, topic="")
                | Q(concept__isnull=True, paper__isnull=False, topic="")
                | (Q(concept__isnull=True, paper__isnull=True) & ~Q(topic="")),
                name="a_comment_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, text__regex=r"\S")
                | Q(deleted_at__isnull=False, text=""),
                name="only_a_deleted_comment_says_nothing",
            ),
            models.UniqueConstraint(fields=["author", "key"], name="a_form_comments_once"),
        ]
        indexes = [
            models.Index(
                fields=["paper", "id"], condition=Q(paper__isnull=False),
                name="comment_of_a_paper",
            ),
            models.Index(
                fields=["concept", "id"], condition=Q(concept__isnull=False),
                name="comment_of_a_concept",
            ),
            models.Index(
                fields=["topic", "id"], condition=~Q(topic=""), name="comment_of_a_topic"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.author_id} on {self.created_at:%Y-%m-%d}"

    @property
    def is_standing(self) -> bool:
        return self.deleted_at is None and self.hidden_at is None


class Mention(models.Model):
    """Somebody whom a comment names."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="one_mention_per_comment"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.comment_id}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def with_words(self) -> Self:
        """Together with all that `taxonomy.talk.words` reads, the newest first."""
        found = self.select_related("paper", "decision", "comment__author")
        return found.defer(
            "paper__search", "paper__abstract", "paper__abstract_plain"
        ).order_by("-pk")


class Notice(models.Model):
    """One entry of somebody's inbox; written by `taxonomy.talk.gathering` alone.

    `key` says what happened: the same is not told twice. One process writes at a time, so
    ids grow as entries appear.
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("decision")
        FOUND = "found", _("new paper of a search")
        VERSION = "version", _("new version")
        GONE = "gone", _("withdrawn or removed")
        COMMENT = "comment", _("comment")
        MENTION = "mention", _("mention")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    paper = models.ForeignKey("taxonomy.Paper", models.CASCADE, null=True, related_name="+")
    concept = models.ForeignKey("taxonomy.Concept", models.CASCADE, null=True, related_name="+")
    decision = models.ForeignKey(
        "taxonomy.Decision", models.CASCADE, null=True, related_name="+"
    )
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")
    search = models.CharField(max_length=SEARCH_LENGTH, blank=True)
    version = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField(help_text=_("When it happened."))
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="nobody_is_told_twice"),
        ]
        indexes = [
            models.Index(F("user"), F("id").desc(), name="notice_newest"),  # inbox, feed
            models.Index(
                fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} for {self.user_id}"


class Gathered(models.Model):
    """How far what happened has been told: one row, locked by whoever tells."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    decision = models.BigIntegerField(default=0)
    paper = models.BigIntegerField(default=0)
    comment = models.BigIntegerField(default=0)
    mention = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "gathered"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_gathered"),
        ]

    def __str__(self) -> str:
        return f"up to decision {self.decision}"


class Subscription(models.Model):
    """How somebody hears of what they follow outside the pages: by e-mail, by a feed."""

    class Every(models.TextChoices):
        NEVER = "never", _("Never")
        DAY = "day", _("Every day")
        WEEK = "week", _("Every Monday")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="subscription"
    )
    every = models.CharField(max_length=5, choices=Every, default=Every.NEVER)
    language = models.CharField(max_length=2, default="en")
    period = models.DateField(null=True, help_text=_("The last one that was looked at."))
    told_until = models.BigIntegerField(default=0, help_text=_("Notice."))
    feed_hash = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["every"], condition=~Q(every="never"), name="subscription_by_mail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.every}"


class Digest(models.Model):
    """One e-mail of one period on its way. Lined up once; an attempt is counted before it is
    made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    period = models.DateField()
    after = models.BigIntegerField(help_text=_("Notices with greater ids …"))
    until = models.BigIntegerField(help_text=_("… up to this one."))
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "period"], name="one_digest_a_period"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="digest_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.period}"
