"""Keys to the REST API."""

from datetime import datetime

from django.utils import timezone

from taxonomy.models import ApiToken, User
from taxonomy.models.people import hash_secret, new_secret

HINT = 12  # characters of a token that stay readable


def issue_token(
    user: User, name: str, scope: str = ApiToken.Scope.READ, expires: datetime | None = None
) -> str:
    """The secret of a new API token."""
    secret = new_secret("kadai")
    ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        secret_hash=hash_secret(secret),
        hint=secret[:HINT],
        expires_at=expires,
    )
    return secret


def revoke_token(user: User, pk: int) -> bool:
    """Whether a token of theirs was good until now; of two at once, one hears yes."""
    tokens = ApiToken.objects.filter(pk=pk, user=user, revoked_at__isnull=True)
    return bool(tokens.update(revoked_at=timezone.now()))
