"""The vocabulary's history and numbers."""

from typing import Any

from rest_framework import serializers

from taxonomy.api.serializers.concepts import LanguageStrings
from taxonomy.models import Concept, ConceptChange, Edition


class EditionSerializer(serializers.ModelSerializer[Edition]):
    titles = LanguageStrings()
    descriptions = LanguageStrings()

    class Meta:
        model = Edition
        fields = ("number", "released_on", "titles", "descriptions", "licence")
        read_only_fields = fields


class ChangeSerializer(serializers.ModelSerializer[ConceptChange]):
    """What happened to a concept. Reads change.concept."""

    concept = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    before = serializers.JSONField(help_text="Its state before; null: it was added.")
    after = serializers.JSONField(help_text="Its state afterwards.")

    class Meta:
        model = ConceptChange
        fields = (
            "id",
            "concept",
            "actor",
            "before",
            "after",
            "vocabulary_version",
            "created_at",
        )
        read_only_fields = fields


class SeriesSerializer(serializers.Serializer[dict[str, Any]]):
    """Papers a month, one number for each of the months."""

    concept = serializers.CharField()
    kind = serializers.ChoiceField(Concept.Kind.choices)
    papers = serializers.ListField(child=serializers.IntegerField())


class TrendsSerializer(serializers.Serializer[dict[str, Any]]):
    """Months begin on these days, oldest first; the last one is still running."""

    months = serializers.ListField(child=serializers.DateField())
    series = SeriesSerializer(many=True)


class CellSerializer(serializers.Serializer[dict[str, Any]]):
    challenge = serializers.CharField()
    domain = serializers.CharField()
    papers = serializers.IntegerField()


class MatrixSerializer(serializers.Serializer[dict[str, Any]]):
    """The map: papers on both a challenge and a domain; cells without papers are left out."""

    since = serializers.DateField(allow_null=True, help_text="A month; null: all time.")
    challenges = serializers.ListField(child=serializers.CharField())
    domains = serializers.ListField(child=serializers.CharField())
    cells = CellSerializer(many=True)
