"""What a curator gets next."""

from typing import Any

from rest_framework import serializers

from taxonomy.api.serializers.papers import PaperDetailSerializer
from taxonomy.api.serializers.review import SuggestionSerializer


class NextSerializer(serializers.Serializer[dict[str, Any]]):
    """A paper, what is suggested and undecided for it, and until when it is the caller's."""

    paper = PaperDetailSerializer()
    suggestions = SuggestionSerializer(many=True)
    lease_expires_at = serializers.DateTimeField()
