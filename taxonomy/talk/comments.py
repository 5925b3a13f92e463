"""What people say about papers, concepts and topics: written, changed, taken back, hidden."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy.errors import CommentClosed
from taxonomy.models import Comment, Mention, User
from taxonomy.people.limits import Limit
from taxonomy.talk.mentions import called_in, renamed

# So many comments or changes of them by one person in five minutes.
WRITING = Limit("comments written", tries=15, seconds=300)


def write(
    author: User,
    text: str,
    key: UUID,
    *,
    paper: int | None = None,
    concept: int | None = None,
    topic: str = "",
) -> Comment:
    """A comment on one of the three. Sent twice with the same key, it is the first one."""
    try:
        with transaction.atomic():
            comment = Comment.objects.create(
                author=author,
                text=tidy(text),
                key=key,
                paper_id=paper,
                concept_id=concept,
                topic=topic,
            )
            _call(comment)
    except IntegrityError:
        known = Comment.objects.filter(author=author, key=key).first()
        if known is None:
            raise
        return known
    return comment


@transaction.atomic
def edit(author: User, pk: int, text: str) -> Comment:
    """Whom it calls only now is told, too. CommentClosed: it is not theirs, or gone."""
    comment = _own(author, pk)
    if comment.text != tidy(text):
        comment.text, comment.edited_at = tidy(text), timezone.now()
        comment.save(update_fields=["text", "edited_at"])
        _call(comment)
    return comment


@transaction.atomic
def delete(author: User, pk: int) -> Comment:
    """The words are gone for good, their place stays. CommentClosed the second time."""
    comment = _own(author, pk)
    comment.text, comment.deleted_at = "", timezone.now()
    comment.save(update_fields=["text", "deleted_at"])
    comment.mentions.all().delete()
    return comment


def hide(by: User, pk: int) -> bool:
    """Whether others could read it until now; of two at once, one hears yes."""
    shown = Comment.objects.filter(pk=pk, hidden_at__isnull=True, deleted_at__isnull=True)
    return bool(shown.update(hidden_at=timezone.now(), hidden_by=by))


def unhide(pk: int) -> bool:
    """Whether it was hidden until now."""
    hidden = Comment.objects.filter(pk=pk, hidden_at__isnull=False)
    return bool(hidden.update(hidden_at=None, hidden_by=None))


def rename(old: str, new: str) -> None:
    """An account is called otherwise now: also where others called it."""
    for comment in Comment.objects.filter(text__icontains=f"@{old}"):
        text = renamed(comment.text, old, new)
        # By somebody who changes it meanwhile, it is read again with the next name.
        Comment.objects.filter(pk=comment.pk, text=comment.text).update(text=text)


def tidy(text: str) -> str:
    """As it is kept: without what no page can show, and without empty ends."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def _own(author: User, pk: int) -> Comment:
    comment = Comment.objects.select_for_update().filter(pk=pk, author=author).first()
    if comment is None or comment.deleted_at:
        raise CommentClosed(_("This comment can no longer be changed."))
    return comment


def _call(comment: Comment) -> None:
    Mention.objects.bulk_create(
        [Mention(comment=comment, user=user) for user in called_in(comment.text)],
        ignore_conflicts=True,
    )
