"""Somebody's inbox: read by pages, and marked as read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from taxonomy.models import Notice, User

KEPT_DAYS = 365

COUNT = """
UPDATE taxonomy_user u SET unread = (
    SELECT count(*) FROM taxonomy_notice n WHERE n.user_id = u.id AND n.read_at IS NULL)
WHERE u.id = ANY(%(users)s)
"""


@dataclass(frozen=True)
class InboxPage:
    """A stretch of an inbox, newest first; `older` is the id to go on before, 0 at the end."""

    notices: list[Notice]
    older: int


def page_of(user: User, *, before: int = 0, unread: bool = False, size: int = 30) -> InboxPage:
    """One page by keyset. One query."""
    notices = Notice.objects.filter(user=user).with_words()
    if unread:
        notices = notices.unread()
    if before:
        notices = notices.filter(pk__lt=before)
    found = list(notices[: size + 1])
    page = found[:size]
    return InboxPage(page, page[-1].pk if len(found) > size else 0)


def mark_read(user: User, pk: int) -> bool:
    """Whether it was unread until now; of two at once, one hears yes."""
    return bool(_mark(user, Notice.objects.filter(pk=pk)))


def mark_all_read(user: User, until: int) -> int:
    """Everything up to the notice that was on the page; what came meanwhile stays unread."""
    return _mark(user, Notice.objects.filter(pk__lte=until))


@transaction.atomic
def _mark(user: User, notices: QuerySet[Notice]) -> int:
    # Whoever counts holds this row: the number is never that of a moment ago.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    changed = notices.filter(user=user, read_at__isnull=True).update(read_at=timezone.now())
    if changed:
        count_unread([user.pk])
    return changed


def count_unread(users: Collection[int]) -> None:
    """The number beside each account, made anew. The caller holds their rows."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"users": list(users)})


def forget_old() -> int:
    """Delete what has been read and is older than KEPT_DAYS; how many it were."""
    limit = timezone.now() - timedelta(days=KEPT_DAYS)
    deleted, _each = Notice.objects.filter(read_at__isnull=False, at__lt=limit).delete()
    return deleted
