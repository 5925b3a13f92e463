"""Who may: a Django permission, and of a token also its scope."""

from enum import StrEnum

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from taxonomy.models import ApiToken, User

SAFE = ("GET", "HEAD", "OPTIONS")
CURATING_SCOPES = (ApiToken.Scope.CURATE, ApiToken.Scope.ADMIN)


class For(StrEnum):
    """Whom a call is for, as its description says."""

    EVERYBODY = "everybody"
    ACCOUNTS = "accounts"
    CURATORS = "curators"


class MayCurate(BasePermission):
    """Curators, in a session or with a token of scope curate or admin."""

    reads = writes = For.CURATORS

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiToken) and request.auth.scope not in CURATING_SCOPES:
            return False
        return bool(request.user and request.user.has_perm("taxonomy.add_decision"))


def curator_of(request: Request) -> User:
    """Who passed MayCurate."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class SignedIn(BasePermission):
    """Whoever has an account, for their own things; a token that only reads changes none."""

    reads = writes = For.ACCOUNTS

    def has_permission(self, request: Request, view: APIView) -> bool:
        reads = request.method in SAFE
        if isinstance(request.auth, ApiToken) and request.auth.scope not in CURATING_SCOPES:
            return reads
        return bool(request.user and request.user.is_authenticated)


class ReadOrComment(SignedIn):
    """Anyone reads; who may comment writes."""

    reads = For.EVERYBODY

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE:
            return True
        may = super().has_permission(request, view)
        return may and request.user.has_perm("taxonomy.add_comment")


def member_of(request: Request) -> User:
    """Who passed SignedIn."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class ReadOrCurate(MayCurate):
    """Anyone reads; curators write."""

    reads = For.EVERYBODY

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE or super().has_permission(request, view)
