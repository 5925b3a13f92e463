"""Concepts as the API shows them: every word in every language, and numbers."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from taxonomy.api.addresses import page_of
from taxonomy.interchange import ndjson
from taxonomy.models import Concept
from taxonomy.vocabulary import Term, TermLink, Vocabulary


@dataclass(frozen=True)
class Known:
    """What a page of concepts needs beside them. `evidence` maps paper ids to arXiv's."""

    vocabulary: Vocabulary
    totals: dict[int, int]
    evidence: dict[int, str]


class LanguageStrings(serializers.Serializer[dict[str, str]]):
    """One text per language."""

    en = serializers.CharField(required=False)
    ja = serializers.CharField(required=False)


class LanguageLists(serializers.Serializer[dict[str, list[str]]]):
    """Several texts per language."""

    en = serializers.ListField(child=serializers.CharField(), required=False)
    ja = serializers.ListField(child=serializers.CharField(), required=False)


class LabelsSerializer(serializers.Serializer[dict[str, Any]]):
    """SKOS labels, and a short one for the axes of charts."""

    pref = LanguageLists(required=False)
    alt = LanguageLists(required=False)
    hidden = LanguageLists(required=False)
    short = LanguageLists(required=False)


class TextsSerializer(serializers.Serializer[dict[str, Any]]):
    definition = LanguageStrings(required=False)
    scope_note = LanguageStrings(required=False)
    why_hard = LanguageStrings(required=False)
    what_is_tried = LanguageStrings(required=False)


class LinkSerializer(serializers.Serializer[dict[str, Any]]):
    """What ties a domain to a challenge."""

    challenge = serializers.CharField()
    domain = serializers.CharField()
    constraint = LanguageStrings()
    evidence = serializers.ListField(child=serializers.CharField(), help_text="arXiv ids.")


class ConceptSerializer(serializers.Serializer[Any]):
    """A concept. Others are named by their slugs."""

    slug = serializers.CharField()
    kind = serializers.ChoiceField(Concept.Kind.choices)
    notation = serializers.CharField()
    labels = LabelsSerializer()
    texts = TextsSerializer()
    broader = serializers.CharField(allow_null=True)
    narrower = serializers.ListField(child=serializers.CharField())
    related = serializers.ListField(child=serializers.CharField())
    collections = serializers.ListField(child=serializers.CharField())
    links = LinkSerializer(many=True)
    papers = serializers.IntegerField(help_text="Tagged with it or something narrower.")
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        help_text="arXiv id of the work that named it."
    )
    deprecated = serializers.BooleanField()
    replaced_by = serializers.CharField(allow_null=True)
    revision = serializers.IntegerField()
    modified_at = serializers.DateTimeField()
    url = serializers.URLField(help_text="This resource.")
    page = serializers.URLField(help_text="The page for people.")

    def to_representation(self, instance: Term) -> dict[str, Any]:
        known: Known = self.context["known"]
        found = ndjson.concept(instance, known.vocabulary, known.totals)
        links = known.vocabulary.links_of(instance)
        absolute = self.context["request"].build_absolute_uri
        return {
            **found,
            "links": [_link(link, known) for link in links],
            "url": absolute(reverse("api:concept", args=[instance.slug])),
            "page": page_of(self.context["request"], instance),
        }


def _link(link: TermLink, known: Known) -> dict[str, Any]:
    return {
        "challenge": link.challenge.slug,
        "domain": link.domain.slug,
        "constraint": link.sentences,
        "evidence": [known.evidence[id_] for id_ in link.evidence if id_ in known.evidence],
    }
