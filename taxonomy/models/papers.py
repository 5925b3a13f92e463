"""Papers as arXiv describes them."""

import re
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Base identifiers, without version: new style 0704.0001 / 1501.00001, old style math/0611800.
ARXIV_ID_PATTERN = r"^([0-9]{4}\.[0-9]{4,5}|[a-z-]+/[0-9]{7})$"
# Somewhere in a sentence, an address of arXiv or its DOI; digits or a slash beside it make it
# part of something else.
_NAMED_ID = re.compile(
    r"(?:(?<![\w./])|(?<=/abs/)|(?<=/pdf/)|(?<=arXiv\.))([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})(?:v[0-9]+)?(?![\w/])",
    re.ASCII,
)


GONE = Q(withdrawn=True) | Q(removed_at__isnull=False)


class SearchText(Func):
    """The weighted text vector of a paper: title, authors, abstract.

    `kadai_paper_vector` is an immutable SQL function made by the first migration:
    PostgreSQL's own array_to_string is only stable and not allowed in a stored column.
    """

    function = "kadai_paper_vector"
    output_field = SearchVectorField()


class PaperQuerySet(models.QuerySet["Paper"]):
    def matching(self, text: str) -> Self:
        """Papers with all words of `text`, in web-search syntax ("a phrase", -not, or)."""
        return self.filter(search=SearchQuery(text, config="english", search_type="websearch"))

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-id")

    def gone(self) -> Self:
        """Withdrawn by their authors, or removed by arXiv."""
        return self.filter(GONE)

    def for_list(self) -> Self:
        """What a line in a list shows; the abstract and the text vector stay in the table."""
        return self.defer("search", "abstract", "abstract_plain")


class Paper(models.Model):
    """An article on arXiv, identified by its id without version.

    `title` and `abstract` are as arXiv sends them, with TeX; `title_plain` and
    `abstract_plain` are readable and are what is searched and shown. A landmark of the
    bibliography may be known by title alone until its record has been fetched
    (`fetched_at` empty).

    `text_revision` tells texts apart where the version cannot: a new version may leave title
    and abstract as they were, and arXiv may correct them without one. A trigger counts it up
    and keeps the text that is replaced as a PaperVersion.
    """

    arxiv_id = models.CharField(max_length=40, unique=True)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.TextField()
    abstract = models.TextField(blank=True)
    title_plain = models.TextField()
    abstract_plain = models.TextField(blank=True)
    authors = ArrayField(models.TextField(), default=list)
    categories = ArrayField(models.CharField(max_length=32), default=list)
    comment = models.TextField(blank=True)
    journal_ref = models.TextField(blank=True)
    doi = models.CharField(max_length=255, blank=True)
    licence = models.CharField(max_length=255, blank=True)
    withdrawn = models.BooleanField(default=False)
    removed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When arXiv said that its record is gone.")
    )
    published_at = models.DateTimeField(help_text=_("Submission of version 1."))
    updated_at = models.DateTimeField(help_text=_("Submission of this version."))
    fetched_at = models.DateTimeField(null=True, help_text=_("When arXiv last sent it."))
    added_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=1)
    source_digest = models.BigIntegerField(
        null=True,
        editable=False,
        help_text=_("Of the snapshot's line that it was last written from, if it was."),
    )
    text_revision = models.PositiveIntegerField(
        default=1, db_default=1, help_text=_("One more whenever title or abstract changed.")
    )
    search = models.GeneratedField(
        expression=SearchText(F("title_plain"), F("authors"), F("abstract_plain")),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(arxiv_id__regex=ARXIV_ID_PATTERN),
                name="arxiv_id_is_well_formed",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="versions_start_at_1"),
            models.CheckConstraint(
                condition=Q(title__regex=r"\S"), name="paper_title_is_not_blank"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], name="paper_newest"
            ),  # the paper list, keyset paging
            GinIndex(fields=["search"], name="paper_search"),  # full-text search
            GinIndex(fields=["categories"], name="paper_categories"),  # category facet
            models.Index(
                fields=["id"], condition=Q(fetched_at__isnull=True), name="paper_to_fetch"
            ),  # landmarks whose record is still to come
            models.Index(
                fields=["-published_at", "-id"], condition=GONE, name="paper_gone"
            ),  # the list of what was withdrawn or removed
        ]

    def __str__(self) -> str:
        return f"{self.arxiv_id} {self.title_plain}"

    def get_absolute_url(self) -> str:
        return reverse("taxonomy:paper", args=[self.arxiv_id])

    @property
    def primary_category(self) -> str:
        return self.categories[0] if self.categories else ""

    @property
    def is_gone(self) -> bool:
        """Withdrawn or removed: it stays with its tags, and nothing new is suggested for it."""
        return self.withdrawn or self.removed_at is not None

    @property
    def named_in_comment(self) -> str:
        """The id of another paper in the comment; after a merger arXiv's points to it."""
        for found in _NAMED_ID.finditer(self.comment):
            archive, slash, number = found[1].partition("/")
            other = archive.split(".")[0] + slash + number if slash else found[1]
            if other != self.arxiv_id:
                return other
        return ""

    @property
    def licence_url(self) -> str:
        """Empty where the licence is no address that a browser may safely open."""
        return self.licence if self.licence.startswith(("https://", "http://")) else ""

    @property
    def abs_url(self) -> str:
        return f"https://arxiv.org/abs/{self.arxiv_id}"

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self.arxiv_id}"


class PaperVersion(models.Model):
    """A text that a paper once had, as arXiv sent it; written by a trigger, never by hand.

    Only what was replaced is here: a paper whose text never changed has none.
    """

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="earlier_texts")
    text_revision = models.PositiveIntegerField(help_text=_("The paper's, while it had it."))
    version = models.PositiveSmallIntegerField(help_text=_("The last one with this text."))
    title = models.TextField()
    abstract = models.TextField(blank=True)
    title_plain = models.TextField()
    abstract_plain = models.TextField(blank=True)
    submitted_at = models.DateTimeField(help_text=_("Submission of that version."))
    seen_at = models.DateTimeField(help_text=_("When this text came here."))
    replaced_at = models.DateTimeField(help_text=_("When the next one came here."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "text_revision"], name="a_text_is_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} as of version {self.version}"


class Landmark(models.Model):
    """A work of the bibliography, and the concept it stands for."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="landmarks")
    concept = models.ForeignKey("taxonomy.Concept", models.CASCADE, related_name="landmarks")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "concept"], name="landmark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} for {self.concept_id}"
