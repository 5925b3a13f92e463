"""Concepts of the two schemes (challenges, application domains), after SKOS."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Language(models.TextChoices):
    EN = "en", _("English")
    JA = "ja", _("Japanese")


class ConceptQuerySet(models.QuerySet["Concept"]):
    def top(self) -> Self:
        return self.filter(broader__isnull=True)

    def current(self) -> Self:
        return self.filter(deprecated=False)


class Concept(models.Model):
    """A challenge or an application domain, or something narrower than one.

    The slug is for ever; a concept is deprecated and replaced, never deleted (a trigger
    refuses). Labels and texts are rows of their own: read them through
    `taxonomy.vocabulary`, which keeps the whole vocabulary in memory.
    """

    class Kind(models.TextChoices):
        CHALLENGE = "challenge", _("Challenge")
        DOMAIN = "domain", _("Application domain")

    kind = models.CharField(max_length=12, choices=Kind)
    slug = models.SlugField(max_length=80, unique=True, help_text=_("For ever."))
    notation = models.CharField(max_length=12, blank=True, help_text=_("C01, D11 …"))
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Among siblings."))
    broader = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="narrower"
    )
    source = models.CharField(max_length=80, blank=True, help_text=_("arXiv id."))
    deprecated = models.BooleanField(default=False)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = ConceptQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "position", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=SLUG_PATTERN), name="concept_slug_is_kebab_case"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["challenge", "domain"]), name="concept_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(broader__isnull=True) | ~Q(broader=F("id")),
                name="concept_is_not_its_own_broader",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=True)
                | (Q(deprecated=True) & ~Q(replaced_by=F("id"))),
                name="only_a_deprecated_concept_is_replaced",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse(f"taxonomy:{self.kind}", args=[self.slug])


class ChallengeManager(models.Manager["Challenge"]):
    def get_queryset(self) -> "models.QuerySet[Challenge]":
        return super().get_queryset().filter(kind=Concept.Kind.CHALLENGE)


class Challenge(Concept):
    objects = ChallengeManager()  # type: ignore[assignment,misc]  # narrower on purpose

    class Meta:
        proxy = True


class ApplicationDomainManager(models.Manager["ApplicationDomain"]):
    def get_queryset(self) -> "models.QuerySet[ApplicationDomain]":
        return super().get_queryset().filter(kind=Concept.Kind.DOMAIN)


class ApplicationDomain(Concept):
    objects = ApplicationDomainManager()  # type: ignore[assignment,misc]  # as above

    class Meta:
        proxy = True


class ConceptLabel(models.Model):
    """A skos:prefLabel, altLabel or hiddenLabel; `short` is a prefLabel for chart axes.

    prefLabels are unique per scheme and language: a trigger checks it, since the scheme is
    the concept's.
    """

    class Kind(models.TextChoices):
        PREF = "pref", _("preferred")
        ALT = "alt", _("alternative")
        HIDDEN = "hidden", _("hidden")
        SHORT = "short", _("short")

    concept = models.ForeignKey(Concept, models.CASCADE, related_name="labels")
    kind = models.CharField(max_length=6, choices=Kind)
    language = models.CharField(max_length=2, choices=Language)
    text = models.CharField(max_length=160)

    class Meta:
        ordering = ["concept", "kind", "language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["concept", "language"],
                condition=Q(kind="pref"),
                name="one_pref_label_per_language",
            ),
            models.UniqueConstraint(
                fields=["concept", "language"],
                condition=Q(kind="short"),
                name="one_short_label_per_language",
            ),
            models.UniqueConstraint(
                "concept",
                "language",
                Lower("text"),
                condition=~Q(kind="short"),
                name="labels_of_a_concept_are_disjoint",
            ),
            models.CheckConstraint(condition=Q(text__regex=r"\S"), name="label_is_not_blank"),
        ]

    def __str__(self) -> str:
        return self.text


class ConceptText(models.Model):
    """A text about a concept in one language; definition and scope note are SKOS's."""

    class Kind(models.TextChoices):
        DEFINITION = "definition", _("Definition")
        WHY_HARD = "why_hard", _("Why it is hard")
        WHAT_IS_TRIED = "what_is_tried", _("What is tried")
        SCOPE_NOTE = "scope_note", _("Scope note")

    concept = models.ForeignKey(Concept, models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=16, choices=Kind)
    language = models.CharField(max_length=2, choices=Language)
    text = models.TextField()

    class Meta:
        ordering = ["concept", "kind", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["concept", "kind", "language"],
                name="one_text_of_a_kind_per_language",
            ),
            models.CheckConstraint(condition=Q(text__regex=r"\S"), name="text_is_not_blank"),
        ]

    def __str__(self) -> str:
        return f"{self.concept_id} {self.kind} {self.language}"


class ConceptRelation(models.Model):
    """skos:related, kept once per pair (the lower id first)."""

    low = models.ForeignKey(Concept, models.CASCADE, related_name="+")
    high = models.ForeignKey(Concept, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="related_once"),
            models.CheckConstraint(
                condition=Q(low__lt=F("high")), name="related_pair_is_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low_id} – {self.high_id}"


class Collection(models.Model):
    """A skos:Collection: a group that a challenge may share with other groups."""

    slug = models.SlugField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    members = models.ManyToManyField(
        Concept, through="CollectionMember", related_name="collections"
    )

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class CollectionMember(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE)
    concept = models.ForeignKey(Concept, models.CASCADE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["collection", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "concept"], name="member_of_a_collection_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concept_id} in {self.collection_id}"


class CollectionLabel(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="labels")
    language = models.CharField(max_length=2, choices=Language)
    text = models.CharField(max_length=80)
    note = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "language"], name="one_collection_label_per_language"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Link(models.Model):
    """A constraint that ties an application domain to a challenge.

    A trigger keeps the kinds of the two ends.
    """

    challenge = models.ForeignKey(Concept, models.PROTECT, related_name="domain_links")
    domain = models.ForeignKey(Concept, models.PROTECT, related_name="challenge_links")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "domain"], name="one_link_per_challenge_and_domain"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} × {self.domain_id}"


class LinkText(models.Model):
    link = models.ForeignKey(Link, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=2, choices=Language)
    text = models.TextField(help_text=_("The constraint, one sentence."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "language"], name="one_link_text_per_language"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class LinkEvidence(models.Model):
    link = models.ForeignKey(Link, models.CASCADE, related_name="evidence")
    paper = models.ForeignKey("taxonomy.Paper", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "paper"], name="evidence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} for {self.link_id}"


class ConceptChange(models.Model):
    """What happened to a concept: one row for every change, append-only (a trigger)."""

    concept = models.ForeignKey(Concept, models.PROTECT, related_name="changes")
    actor = models.CharField(max_length=160, help_text=_("A person or an import."))
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    vocabulary_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.concept_id} in version {self.vocabulary_version}"
