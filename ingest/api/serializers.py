"""Runs, and what the suggester says of a text."""

from typing import Any

from rest_framework import serializers

from ingest.models import Harvest
from taxonomy.api.serializers.review import SpanSerializer


class RunSerializer(serializers.ModelSerializer[Harvest]):
    """One harvest. Reads harvest.query."""

    query = serializers.SerializerMethodField(help_text="Slug; null: a search without a name.")

    class Meta:
        model = Harvest
        fields = (
            *("id", "query", "way", "search", "match", "known_only"),
            *("trigger", "state", "since", "until", "expected", "asked"),
            *("received", "new", "updated", "unchanged", "skipped", "refused"),
            *("error", "not_before", "started_at", "heartbeat_at", "finished_at"),
        )
        read_only_fields = fields

    def get_query(self, harvest: Harvest) -> str | None:
        return harvest.query.slug if harvest.query else None


class TextSerializer(serializers.Serializer[dict[str, Any]]):
    """The words of a paper; TeX is read."""

    title = serializers.CharField(max_length=2_000)
    abstract = serializers.CharField(max_length=20_000, allow_blank=True, default="")


class ScoredSerializer(serializers.Serializer[Any]):
    """How sure the suggester is of one concept; the words that speak for it if suggested."""

    concept = serializers.CharField(source="slug")
    score = serializers.FloatField(help_text="0 (a guess) to 1 (sure).")
    threshold = serializers.FloatField(help_text="From which score on it is suggested.")
    suggested = serializers.BooleanField()
    spans = SpanSerializer(many=True)


class ScoresSerializer(serializers.Serializer[Any]):
    """Every concept, likeliest first. Offsets of spans count in the texts given here."""

    title = serializers.CharField()
    abstract = serializers.CharField()
    results = ScoredSerializer(many=True)


class UnseenSerializer(serializers.Serializer[Any]):
    """Relevant papers of a concept among those that wait for a curator."""

    concept = serializers.CharField()
    papers = serializers.IntegerField(help_text="The estimate.")
    low = serializers.IntegerField(help_text="Of the interval that holds it 95 times in 100.")
    high = serializers.IntegerField()
    decided = serializers.IntegerField(help_text="Decisions that the estimate rests on.")


class UnseenListSerializer(serializers.Serializer[Any]):
    """Every concept that has any; null: nothing was estimated yet."""

    measured_at = serializers.DateTimeField(allow_null=True)
    results = UnseenSerializer(many=True)
