"""What arXiv would send for a search, for who is writing it.

A page never asks arXiv: it would have to wait for its turn behind a harvest, and hold a
process of the site meanwhile. It says what is wanted, a worker asks by the common pace, and
the page looks again. At most two requests a search and day; none for a search that nobody
looks at any more.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ingest import pace
from ingest.arxiv import ArxivError, ArxivUnavailable, QueryRejected, Window
from ingest.asking import Asker
from ingest.feed import Entry
from ingest.models import Pace, Preview, Way
from ingest.search_syntax import tidy
from ingest.tex import to_text
from taxonomy.models import User

PAPERS = 10
LATELY = timedelta(days=30)
ASKED_AGAIN_AFTER = timedelta(seconds=60)  # the task may have been lost


class NotWanted(Exception):
    """Whoever wrote the search has gone on to another one, or left."""


def as_search(way: str, search: str, match: str) -> str | None:
    """The search that finds the papers of a query; None where no search does.

    A set of one category is that category; a phrase is looked for in title and abstract.
    """
    if way == Way.SEARCH:
        return tidy(search)
    _group, *rest = search.split(":")
    if len(rest) != 2:
        return None
    category = f"cat:{rest[0]}.{rest[1]}"
    phrases = [phrase.replace('"', " ").split() for phrase in match.split("|")]
    terms = [f'{field}:"{" ".join(p)}"' for p in phrases if p for field in ("ti", "abs")]
    return f"{category} AND ({' OR '.join(terms)})" if terms else category


def want(search: str, user: User) -> tuple[Preview, bool]:
    """The preview of this search, looked at by this person; whether a worker must be told.

    What the same person wanted before and did not get is not asked for any more.
    """
    now = timezone.now()
    digest = Preview.digest_of(search)
    others = Preview.objects.filter(wanted_by=user, answered_at__isnull=True)
    others.exclude(digest=digest).update(wanted_by=None, wanted_at=now - timedelta(days=1))
    with transaction.atomic():
        Preview.objects.get_or_create(digest=digest, defaults={"search": search})
        found = Preview.objects.select_for_update().get(digest=digest)
        if found.is_answered:
            return found, False
        if found.answered_at is not None:  # yesterday's
            found.answered_at = found.total = found.lately = None
            found.papers, found.problem = [], ""
        if not found.is_wanted:
            found.wanted_since = now
        found.wanted_at, found.wanted_by = now, user
        told = found.queued_at is not None and found.queued_at > now - ASKED_AGAIN_AFTER
        must_tell = not told and not found.is_put_off
        if must_tell:
            found.queued_at, found.not_before = now, None
        found.save()
    return found, must_tell


def answer(preview: Preview) -> None:
    """Ask arXiv, if it is still wanted and may be asked now; note when it may otherwise."""

    def still_wanted() -> None:
        preview.refresh_from_db()
        if not preview.is_wanted:
            raise NotWanted

    row = Preview.objects.filter(pk=preview.pk)
    asker = Asker(still_wanted)
    until = timezone.now()
    window = Window(preview.search, until - LATELY, until)
    values: dict[str, object] = {"queued_at": None}
    try:
        still_wanted()
        if preview.total is None:
            page = asker(lambda: asker.client.newest(preview.search, size=PAPERS))
            entries = sorted(page.entries, key=lambda entry: entry.published, reverse=True)
            row.update(total=page.total, papers=[_line(entry) for entry in entries])
        lately = asker(lambda: asker.client.total(str(window)))
        values |= {"lately": lately, "answered_at": timezone.now(), "not_before": None}
    except QueryRejected as rejection:
        values |= {"answered_at": timezone.now(), "problem": str(rejection) or "?"}
    except pace.NotYet as wait:
        values["not_before"] = wait.until
    except ArxivUnavailable:
        values["not_before"] = Pace.objects.get(id=1).next_allowed_at
    except (ArxivError, pace.Stopped, NotWanted):
        pass  # the page reads from the pace that arXiv is not asked now
    row.update(**values)


def _line(entry: Entry) -> dict[str, str]:
    return {
        "arxiv_id": entry.arxiv_id,
        "title": to_text(entry.title),
        "published": entry.published.date().isoformat(),
    }
