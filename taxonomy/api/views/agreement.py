"""How far curators agree, for programs."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import agreed, vocabulary
from taxonomy.api.serializers.agreement import AgreementSerializer
from taxonomy.api.views.base import ApiView


class Agreement(ApiView):
    """Over the papers that two curators have read, the second without knowing of the first."""

    @extend_schema(responses=AgreementSerializer)
    def get(self, request: Request) -> Response:
        return Response(AgreementSerializer(agreed.measured(vocabulary.current())).data)
