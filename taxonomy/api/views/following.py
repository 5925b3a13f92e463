"""What one follows by program: listed, begun, ended."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import vocabulary
from taxonomy.api.permissions import SignedIn, member_of
from taxonomy.api.serializers.following import FollowSerializer, NewFollowSerializer
from taxonomy.api.views.base import ApiView, ListView, in_their_language
from taxonomy.api.views.decisions import NEWEST
from taxonomy.models import Follow
from taxonomy.talk import following


class Following(ListView):
    """What you follow, the newest first; what happens to it comes to `inbox/`."""

    permission_classes = [SignedIn]

    @extend_schema(responses=FollowSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        page = self.page(Follow.objects.of(member_of(request)), NEWEST)
        return self.paged_response(_shown(request, page))

    @extend_schema(
        request=NewFollowSerializer,
        responses={
            201: FollowSerializer,
            200: OpenApiResponse(FollowSerializer, description="You followed it already."),
        },
    )
    def post(self, request: Request) -> Response:
        """Follow a concept, a paper or a search of the paper list."""
        form = NewFollowSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user, target = member_of(request), form.target()
        known = following.followed(user, target)
        row = known or following.follow(user, target)
        (shown,) = _shown(request, [row])
        return Response(shown, status=200 if known else 201)


class OneFollow(ApiView):
    """One thing that you follow."""

    permission_classes = [SignedIn]

    @extend_schema(responses=FollowSerializer)
    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(Follow.objects.of(member_of(request)), pk=pk)
        (shown,) = _shown(request, [row])
        return Response(shown)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Follow it no longer."""
        if not following.unfollow(member_of(request), pk):
            raise Http404
        return Response(status=204)


def _shown(request: Request, rows: list[Follow]) -> list[dict[str, object]]:
    context = {"request": request, "vocabulary": vocabulary.current()}
    with in_their_language(request):
        return [dict(FollowSerializer(row, context=context).data) for row in rows]
