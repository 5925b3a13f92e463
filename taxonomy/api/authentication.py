"""Who asks: `Authorization: Bearer …`, a token kept as its hash."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from taxonomy.models import ApiToken, User
from taxonomy.models.people import hash_secret

REALM = "kadai"
USE_NOTED_EVERY = timedelta(minutes=1)


class BearerAuthentication(BaseAuthentication):
    """One query by the hash; a second at most once a minute, to note that it was used."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            hashed = hash_secret(secret.strip().decode("ascii"))
        except UnicodeDecodeError:
            raise AuthenticationFailed(_("This is no token.")) from None
        token = (
            ApiToken.objects.usable().select_related("user").filter(secret_hash=hashed).first()
        )
        if token is None:
            raise AuthenticationFailed(_("The token is unknown, expired or revoked."))
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'Bearer realm="{REALM}"'


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    long_ago = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < long_ago:
        # The condition stands here too, so that many requests at once write one row once.
        unused = Q(last_used_at__isnull=True) | Q(last_used_at__lt=long_ago)
        ApiToken.objects.filter(unused, pk=token.pk).update(last_used_at=now)
