"""What somebody follows, and what they send to follow it."""

from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from taxonomy import vocabulary
from taxonomy.api.addresses import page_of, search_page
from taxonomy.models import Follow, Paper
from taxonomy.search import base_arxiv_id, saved_search, years
from taxonomy.talk.following import Target
from taxonomy.talk.words import search_label
from taxonomy.vocabulary import Vocabulary

SAID = {True: "yes", False: "no"}  # as in the address of the paper list


class SearchSerializer(serializers.Serializer[dict[str, Any]]):
    """The filters of the paper list."""

    q = serializers.CharField(required=False, max_length=200)
    challenge = serializers.CharField(required=False, help_text="Slug.")
    domain = serializers.CharField(required=False, help_text="Slug.")
    category = serializers.CharField(required=False, max_length=32)
    year = serializers.IntegerField(required=False)
    tagged = serializers.BooleanField(required=False)
    withdrawn = serializers.BooleanField(required=False)

    def validate_q(self, text: str) -> str:
        return " ".join(text.split())

    def validate_year(self, year: int) -> int:
        if str(year) not in years():
            raise serializers.ValidationError(_("The paper list has no such year."))
        return year

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if unknown := sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []:
            message = _("This field is not known.")
            raise serializers.ValidationError(dict.fromkeys(unknown, message))
        found: dict[str, Any] = super().to_internal_value(data)
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        terms = vocabulary.current().by_slug
        for kind in ("challenge", "domain"):
            term = terms.get(attrs[kind]) if kind in attrs else None
            if kind in attrs and (term is None or term.kind != kind):
                raise serializers.ValidationError({kind: _("There is no such concept.")})
        if not attrs:
            raise serializers.ValidationError(_("Ask for something."))
        return attrs


class NewFollowSerializer(serializers.Serializer[dict[str, Any]]):
    """One of the three."""

    concept = serializers.CharField(required=False, help_text="Slug.")
    paper = serializers.CharField(required=False, help_text="arXiv id.")
    search = SearchSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(self.initial_data) - set(self.fields):
            message = _("This field is not known.")
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), message))
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Name one concept, one paper or one search."))
        return attrs

    def target(self) -> Target:
        """What is meant. ValidationError if there is no such thing; this one is valid."""
        asked = self.validated_data
        if "concept" in asked:
            term = vocabulary.current().by_slug.get(asked["concept"])
            if term is None or term.deprecated:
                raise serializers.ValidationError({"concept": _("There is no such concept.")})
            return Target(concept=term.id)
        if "paper" in asked:
            papers = Paper.objects.filter(arxiv_id=base_arxiv_id(asked["paper"]))
            found = papers.values_list("pk", flat=True).first()
            if found is None:
                raise serializers.ValidationError({"paper": _("There is no such paper.")})
            return Target(paper=found)
        words = {name: SAID.get(value, str(value)) for name, value in asked["search"].items()}
        return Target(search=saved_search(words))


class FollowSerializer(serializers.ModelSerializer[Follow]):
    """One of concept, paper and search is there. Reads follow.paper; its context has the
    request and the `vocabulary`.
    """

    concept = serializers.SerializerMethodField(help_text="Slug.")
    paper = serializers.SerializerMethodField(help_text="arXiv id.")
    search = serializers.SerializerMethodField(help_text="Filters of the paper list.")
    title = serializers.SerializerMethodField(help_text="Readable.")
    page = serializers.SerializerMethodField(help_text="For people.")

    class Meta:
        model = Follow
        fields = ("id", "concept", "paper", "search", "title", "page", "created_at")
        read_only_fields = fields

    def get_concept(self, follow: Follow) -> str | None:
        terms: Vocabulary = self.context["vocabulary"]
        return terms.by_id[follow.concept_id].slug if follow.concept_id else None

    def get_paper(self, follow: Follow) -> str | None:
        return follow.paper.arxiv_id if follow.paper else None

    @extend_schema_field(SearchSerializer(allow_null=True))
    def get_search(self, follow: Follow) -> dict[str, str | int | bool] | None:
        found: dict[str, str | int | bool] = dict(parse_qsl(follow.search))
        for name in ("tagged", "withdrawn"):
            if name in found:
                found[name] = found[name] == SAID[True]
        if "year" in found:
            found["year"] = int(found["year"])
        return found or None

    def get_title(self, follow: Follow) -> str:
        terms: Vocabulary = self.context["vocabulary"]
        if follow.paper:
            return follow.paper.title_plain
        if follow.concept_id:
            return terms.by_id[follow.concept_id].label
        return search_label(follow.search, terms)

    def get_page(self, follow: Follow) -> str:
        terms: Vocabulary = self.context["vocabulary"]
        if follow.search:
            return search_page(self.context["request"], follow.search)
        shown = follow.paper or terms.by_id[follow.concept_id or 0]
        return page_of(self.context["request"], shown)
