"""Who may: a Django permission, and of a token also its scope."""

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from taxonomy.models import ApiToken, User

CURATING_SCOPES = (ApiToken.Scope.CURATE, ApiToken.Scope.ADMIN)


class MayCurate(BasePermission):
    """Curators, in a session or with a token of scope curate or admin."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiToken) and request.auth.scope not in CURATING_SCOPES:
            return False
        return bool(request.user and request.user.has_perm("taxonomy.add_decision"))


def curator_of(request: Request) -> User:
    """Who passed MayCurate."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class ReadOrCurate(MayCurate):
    """Anyone reads; curators write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in {"GET", "HEAD", "OPTIONS"} or super().has_permission(
            request, view
        )
