"""Where someone is signed in."""

from django.db.models import QuerySet
from django.utils import timezone

from taxonomy.models import Session, User


def sessions_of(user: User) -> QuerySet[Session]:
    """Those that still hold, the newest first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by(
        "-expire_date"
    )


def end_session(user: User, public_id: str) -> bool:
    """Whether such a session of theirs was open; of two at once, one hears yes."""
    for session in sessions_of(user):
        if session.public_id == public_id:
            deleted, _each = Session.objects.filter(pk=session.pk).delete()
            return bool(deleted)
    return False


def end_other_sessions(user: User, but: str | None) -> int:
    """Sign out everywhere, except in the session of that key; how many it were."""
    deleted, _each = Session.objects.filter(user=user).exclude(session_key=but or "").delete()
    return deleted
