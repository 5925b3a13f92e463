"""What somebody wants to hear of: concepts, papers, searches."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from taxonomy.errors import FollowsTooMuch
from taxonomy.models import Follow, Paper, User
from taxonomy.search import PaperFilter, asked_for

MOST = 1_000  # things that one person follows
MOST_SEARCHES = 30


@dataclass(frozen=True)
class Target:
    """One thing to follow: exactly one of the three is set."""

    concept: int | None = None
    paper: int | None = None
    search: str = ""

    @property
    def row(self) -> dict[str, int | str]:
        """As columns of Follow; of a concept and a paper their ids."""
        if self.search:
            return {"search": self.search}
        if self.paper is not None:
            return {"paper_id": self.paper}
        assert self.concept is not None
        return {"concept_id": self.concept}


def follow(user: User, target: Target) -> Follow:
    """From now on they hear of it; of two at once, both get the same row.

    FollowsTooMuch beyond MOST things or MOST_SEARCHES searches.
    """
    known = Follow.objects.filter(user=user, **target.row).first()
    if known:
        return known
    _refuse_more(user, target)
    told: dict[str, object] = {}
    if target.paper is not None:
        paper = Paper.objects.only("version", "withdrawn", "removed_at").get(pk=target.paper)
        told = {"told_version": paper.version, "told_gone": paper.is_gone}
    try:
        with transaction.atomic():
            return Follow.objects.create(user=user, **target.row, **told)
    except IntegrityError:
        return Follow.objects.get(user=user, **target.row)


def unfollow(user: User, pk: int) -> bool:
    """Whether they followed it until now; of two at once, one hears yes."""
    deleted, _each = Follow.objects.filter(user=user, pk=pk).delete()
    return bool(deleted)


def followed(user: User, target: Target) -> Follow | None:
    """The row, if they follow it. One query."""
    return Follow.objects.filter(user=user, **target.row).first()


def filter_of(search: str) -> PaperFilter:
    """What a search that is followed asks for."""
    return asked_for(dict(parse_qsl(search)))


def _refuse_more(user: User, target: Target) -> None:
    """Two at once may go one beyond; that costs nobody anything."""
    mine = Follow.objects.filter(user=user)
    if mine.count() >= MOST:
        raise FollowsTooMuch(
            _("You follow %(most)s things already. Let go of some first.") % {"most": MOST}
        )
    if target.search and mine.exclude(search="").count() >= MOST_SEARCHES:
        raise FollowsTooMuch(
            _("You follow %(most)s searches already. Let go of some first.")
            % {"most": MOST_SEARCHES}
        )
