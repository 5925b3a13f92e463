"""Problems, for the description of the API."""

from typing import Any

from rest_framework import serializers


class ProblemErrorSerializer(serializers.Serializer[dict[str, Any]]):
    """One thing that is wrong, and where: in the body, or a parameter."""

    detail = serializers.CharField()
    pointer = serializers.CharField(required=False, help_text="JSON pointer into the body.")
    parameter = serializers.CharField(required=False, help_text="Of the query.")


class ProblemSerializer(serializers.Serializer[dict[str, Any]]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField(help_text="Stable, for programs.")
    errors = ProblemErrorSerializer(many=True, required=False)
