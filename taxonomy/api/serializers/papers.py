"""Papers as the API shows them, with what they are about."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from taxonomy.api.addresses import page_of
from taxonomy.interchange.papers import TaggedPaper
from taxonomy.models import Concept, Paper, PaperVersion
from taxonomy.vocabulary import Term


def context_of(request: Request, *papers: TaggedPaper) -> dict[str, Any]:
    """What the serializers of papers need to know."""
    return {"request": request, "tagged": {one.paper.pk: one for one in papers}}


class PaperTagSerializer(serializers.Serializer[dict[str, Any]]):
    concept = serializers.CharField()
    kind = serializers.ChoiceField(Concept.Kind.choices)
    direct = serializers.BooleanField(help_text="Decided; false: a narrower one implies it.")


class PaperSerializer(serializers.ModelSerializer[Paper]):
    """A paper in a list. Its context has a TaggedPaper by id in `tagged`."""

    title = serializers.CharField(source="title_plain", help_text="Readable.")
    title_tex = serializers.CharField(source="title", help_text="As arXiv sent it.")
    primary_category = serializers.CharField()
    tags = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="This resource.")
    page = serializers.SerializerMethodField(help_text="The page for people.")
    abs_url = serializers.URLField(help_text="At arXiv.")
    pdf_url = serializers.URLField(help_text="At arXiv.")

    class Meta:
        model = Paper
        fields: tuple[str, ...] = (
            *("arxiv_id", "version", "text_revision", "title", "title_tex", "authors"),
            *("categories", "primary_category", "published_at", "updated_at"),
            *("withdrawn", "removed_at"),
            *("comment", "journal_ref", "doi", "licence", "tags", "revision"),
            *("url", "page", "abs_url", "pdf_url"),
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(PaperTagSerializer(many=True))
    def get_tags(self, paper: Paper) -> list[dict[str, Any]]:
        tagged: TaggedPaper = self.context["tagged"][paper.pk]
        return [
            *(_tag(term, direct=True) for term in tagged.direct),
            *(_tag(term, direct=False) for term in tagged.implied),
        ]

    def get_url(self, paper: Paper) -> str:
        path = reverse("api:paper", args=[paper.arxiv_id])
        return str(self.context["request"].build_absolute_uri(path))

    def get_page(self, paper: Paper) -> str:
        return page_of(self.context["request"], paper)


class PaperDetailSerializer(PaperSerializer):
    """One paper, with its abstract."""

    abstract = serializers.CharField(source="abstract_plain", help_text="Readable.")
    abstract_tex = serializers.CharField(source="abstract", help_text="As arXiv sent it.")

    class Meta(PaperSerializer.Meta):
        fields = (*PaperSerializer.Meta.fields, "abstract", "abstract_tex")
        read_only_fields = fields


class PaperVersionSerializer(serializers.ModelSerializer[PaperVersion]):
    """A text that the paper once had."""

    title = serializers.CharField(source="title_plain", help_text="Readable.")
    title_tex = serializers.CharField(source="title", help_text="As arXiv sent it.")
    abstract = serializers.CharField(source="abstract_plain", help_text="Readable.")
    abstract_tex = serializers.CharField(source="abstract", help_text="As arXiv sent it.")

    class Meta:
        model = PaperVersion
        fields = (
            *("version", "text_revision", "title", "title_tex", "abstract", "abstract_tex"),
            *("submitted_at", "seen_at", "replaced_at"),
        )
        read_only_fields = fields


def _tag(term: Term, *, direct: bool) -> dict[str, Any]:
    return {"concept": term.slug, "kind": term.kind, "direct": direct}
