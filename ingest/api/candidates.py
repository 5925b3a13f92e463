"""What people say about a candidate for a concept, by program."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ingest.suggest.candidate_pages import known_phrase
from ingest.suggest.topics import key_of
from taxonomy.api.keys import KEY
from taxonomy.api.serializers.comments import CommentSerializer, NewCommentSerializer
from taxonomy.api.views.comments import ANSWERS, Comments


class OfCandidate(Comments):
    """What people say about a candidate for a concept, the oldest first."""

    @extend_schema(responses=CommentSerializer(many=True))
    def get(self, request: Request, name: str) -> HttpResponseBase:
        return self.list_of(request, None, None, key_of(known_phrase(name)))

    @extend_schema(parameters=[KEY], request=NewCommentSerializer, responses=ANSWERS)
    def post(self, request: Request, name: str) -> Response:
        """One more comment. Fifteen in five minutes."""
        return self.write_on(request, None, None, key_of(known_phrase(name)))
