"""Runs, and what the suggester says of a text."""

from typing import Any

from rest_framework import serializers

from ingest.models import Harvest


class RunSerializer(serializers.ModelSerializer[Harvest]):
    """One harvest. Reads harvest.query."""

    query = serializers.SerializerMethodField(help_text="Slug; null: a search without a name.")

    class Meta:
        model = Harvest
        fields = (
            *("id", "query", "search", "trigger", "state", "since", "until"),
            *("expected", "asked", "received", "new", "updated", "unchanged", "refused"),
            *("error", "not_before", "started_at", "heartbeat_at", "finished_at"),
        )
        read_only_fields = fields

    def get_query(self, harvest: Harvest) -> str | None:
        return harvest.query.slug if harvest.query else None


class TextSerializer(serializers.Serializer[dict[str, Any]]):
    """The words of a paper; TeX is read."""

    title = serializers.CharField(max_length=2_000)
    abstract = serializers.CharField(max_length=20_000, allow_blank=True, default="")
