"""One's inbox by program: read by pages, and marked as read."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import vocabulary
from taxonomy.api import filters
from taxonomy.api.permissions import SignedIn, member_of
from taxonomy.api.serializers.inbox import MarkedSerializer, NoticeSerializer, ReadSerializer
from taxonomy.api.views.base import ApiView, ListView, in_their_language
from taxonomy.api.views.decisions import NEWEST
from taxonomy.models import Notice, User
from taxonomy.talk import inbox


class Inbox(ListView):
    """What happened to what you follow, the newest first."""

    permission_classes = [SignedIn]
    parameters = filters.InboxParameters

    @extend_schema(parameters=[filters.InboxParameters], responses=NoticeSerializer(many=True))
    def get(self, request: Request) -> HttpResponseBase:
        rows = Notice.objects.filter(user=member_of(request)).with_words()
        if "unread" in self.asked:
            rows = rows.filter(read_at__isnull=self.asked["unread"])
        context = {"request": request, "vocabulary": vocabulary.current()}
        page = self.page(rows, NEWEST)
        with in_their_language(request):
            told = NoticeSerializer(page, many=True, context=context).data
        return self.paged_response(told)


class ReadAll(ApiView):
    """Everything up to a notice."""

    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="inbox_read_all", request=ReadSerializer, responses=MarkedSerializer
    )
    def post(self, request: Request) -> Response:
        """Mark it as read; what came after the notice stays unread."""
        form = ReadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = member_of(request)
        return _marked(user, inbox.mark_all_read(user, form.validated_data["until"]))


class ReadOne(ApiView):
    """One notice."""

    permission_classes = [SignedIn]

    @extend_schema(request=None, responses=MarkedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Mark it as read. Twice changes nothing."""
        user = member_of(request)
        get_object_or_404(Notice.objects.filter(user=user).only("pk"), pk=pk)
        return _marked(user, int(inbox.mark_read(user, pk)))


def _marked(user: User, marked: int) -> Response:
    user.refresh_from_db(fields=["unread"])
    return Response({"marked": marked, "unread": user.unread})
