"""The address of a feed that is one person's own: shown once, renewed whenever they like."""

from django.db import transaction

from taxonomy.models import Subscription, User
from taxonomy.models.people import hash_secret, new_secret


@transaction.atomic
def renew_address(user: User) -> str:
    """A new secret; the one before it leads nowhere from now on. Of two at once, the later
    one holds."""
    secret = new_secret("kadai_feed")
    Subscription.objects.get_or_create(user=user)
    Subscription.objects.filter(user=user).update(feed_hash=hash_secret(secret))
    return secret


def close_address(user: User) -> bool:
    """Whether there was one until now."""
    rows = Subscription.objects.filter(user=user, feed_hash__isnull=False)
    return bool(rows.update(feed_hash=None))


def owner_of(secret: str) -> User | None:
    """Whose feed it is, while their account is open. One query."""
    found = Subscription.objects.filter(feed_hash=hash_secret(secret), user__is_active=True)
    row = found.select_related("user").first()
    return row.user if row else None
