"""Comments by program: read, written, changed, deleted."""

from uuid import NAMESPACE_OID, uuid4, uuid5

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import vocabulary
from taxonomy.api.keys import KEY, key_of
from taxonomy.api.pagination import Order
from taxonomy.api.permissions import ReadOrComment, member_of
from taxonomy.api.serializers.comments import CommentSerializer, NewCommentSerializer
from taxonomy.api.views.base import ApiView, ListView
from taxonomy.api.views.papers import find_paper
from taxonomy.errors import KeyReused
from taxonomy.models import Comment
from taxonomy.talk import comments

OLDEST = Order("id", descending=False)


class Comments(ListView):
    """What people say about one thing, the oldest first."""

    permission_classes = [ReadOrComment]

    def list_of(
        self, request: Request, paper: int | None, concept: int | None, topic: str = ""
    ) -> Response:
        rows = Comment.objects.about(paper, concept, topic).select_related("author")
        context = _context(request)
        shown = CommentSerializer(self.page(rows, OLDEST), many=True, context=context).data
        return self.paged_response(shown)

    def write_on(
        self, request: Request, paper: int | None, concept: int | None, topic: str = ""
    ) -> Response:
        sent = key_of(request)
        form = NewCommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        author, text = member_of(request), form.validated_data["text"]
        key = uuid5(NAMESPACE_OID, sent) if sent else uuid4()
        known = sent is not None and author.comments.filter(key=key).exists()
        if not known:
            _refuse_haste(request)
        row = comments.write(author, text, key, paper=paper, concept=concept, topic=topic)
        if (row.paper_id, row.concept_id, row.topic) != (paper, concept, topic):
            raise KeyReused(_("This Idempotency-Key has written another comment."))
        shown = CommentSerializer(row, context=_context(request)).data
        return Response(shown, status=200 if known else 201)


ANSWERS = {
    201: CommentSerializer,
    200: OpenApiResponse(CommentSerializer, description="The same key came again."),
}


class OfPaper(Comments):
    """What people say about a paper, the oldest first."""

    @extend_schema(responses=CommentSerializer(many=True))
    def get(self, request: Request, arxiv_id: str) -> HttpResponseBase:
        return self.list_of(request, find_paper(arxiv_id).pk, None)

    @extend_schema(parameters=[KEY], request=NewCommentSerializer, responses=ANSWERS)
    def post(self, request: Request, arxiv_id: str) -> Response:
        """One more comment. Fifteen in five minutes."""
        return self.write_on(request, find_paper(arxiv_id).pk, None)


class OfConcept(Comments):
    """What people say about a concept, the oldest first."""

    @extend_schema(responses=CommentSerializer(many=True))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        return self.list_of(request, None, _concept(slug))

    @extend_schema(parameters=[KEY], request=NewCommentSerializer, responses=ANSWERS)
    def post(self, request: Request, slug: str) -> Response:
        """One more comment. Fifteen in five minutes."""
        return self.write_on(request, None, _concept(slug))


class OneComment(ApiView):
    """One comment."""

    permission_classes = [ReadOrComment]

    @extend_schema(responses=CommentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(Comment.objects.select_related("author"), pk=pk)
        return Response(CommentSerializer(row, context=_context(request)).data)

    @extend_schema(request=NewCommentSerializer, responses=CommentSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Say it otherwise; only its author does."""
        form = NewCommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        _refuse_haste(request)
        row = comments.edit(member_of(request), _known(pk), form.validated_data["text"])
        return Response(CommentSerializer(row, context=_context(request)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Its words are gone for good, its place stays; only its author does."""
        comments.delete(member_of(request), _known(pk))
        return Response(status=204)


def _context(request: Request) -> dict[str, object]:
    return {"request": request, "may_hide": request.user.has_perm("taxonomy.hide_comment")}


def _concept(slug: str) -> int:
    term = vocabulary.current().by_slug.get(slug)
    if term is None:
        raise Http404
    return term.id


def _known(pk: int) -> int:
    """Http404 for a number that no comment has."""
    if not Comment.objects.filter(pk=pk).exists():
        raise Http404
    return pk


def _refuse_haste(request: Request) -> None:
    if not comments.WRITING.spend(str(member_of(request).pk)):
        raise Throttled(wait=comments.WRITING.seconds)
