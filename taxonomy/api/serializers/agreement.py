"""Agreement of curators as it is sent out."""

from typing import Any

from rest_framework import serializers


class KappaSerializer(serializers.Serializer[Any]):
    """One concept; null where chance alone would agree."""

    concept = serializers.CharField(source="term.slug")
    kappa = serializers.FloatField(source="kappa.value", allow_null=True)
    low = serializers.FloatField(
        source="kappa.low",
        allow_null=True,
        help_text="Of the interval that holds it 95 times in 100.",
    )
    high = serializers.FloatField(source="kappa.high", allow_null=True)
    both = serializers.IntegerField(help_text="Papers to which both gave it.")
    first_only = serializers.IntegerField()
    second_only = serializers.IntegerField()


class AgreementSerializer(serializers.Serializer[Any]):
    """Over all papers read twice; concepts on which people differ most come first."""

    papers = serializers.IntegerField()
    same = serializers.IntegerField(help_text="Papers given the very same concepts.")
    alpha = serializers.FloatField(
        allow_null=True, help_text="Krippendorff's, over sets of concepts with MASI."
    )
    concepts = KappaSerializer(many=True)
