"""Numbers: papers a month, and the map of challenges and domains."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import counts, vocabulary
from taxonomy.api import filters
from taxonomy.api.serializers.vocabulary import MatrixSerializer, TrendsSerializer
from taxonomy.api.views.base import ApiView


class Trends(ApiView):
    """Papers a month by concept, what is narrower included; concepts without any left out."""

    parameters = filters.TrendParameters

    @extend_schema(parameters=[filters.TrendParameters], responses=TrendsSerializer)
    def get(self, request: Request) -> Response:
        terms = vocabulary.current()
        wanted = self.asked.get("concept")
        only = filters.known_term(terms, wanted) if wanted else None
        months = counts.last_months(self.asked.get("months", 24))
        series = counts.series(months)
        if only:
            series.setdefault(only.id, [0] * len(months))
        rows = [
            {"concept": term.slug, "kind": term.kind, "papers": series[term.id]}
            for term in terms
            if term.id in series
            and only in (None, term)
            and self.asked.get("kind") in (None, term.kind)
        ]
        return Response(TrendsSerializer({"months": months, "series": rows}).data)


class Matrix(ApiView):
    """Papers on both a challenge and a domain, narrower concepts included."""

    parameters = filters.MatrixParameters

    @extend_schema(parameters=[filters.MatrixParameters], responses=MatrixSerializer)
    def get(self, request: Request) -> Response:
        terms = vocabulary.current()
        since = self.asked.get("since")
        cells = [
            {
                "challenge": terms.by_id[challenge].slug,
                "domain": terms.by_id[domain].slug,
                "papers": papers,
            }
            for (challenge, domain), papers in sorted(counts.cells(since).items())
        ]
        matrix = {
            "since": counts.month_of(since) if since else None,
            "challenges": [term.slug for term in terms.challenges],
            "domains": [term.slug for term in terms.domains],
            "cells": cells,
        }
        return Response(MatrixSerializer(matrix).data)
