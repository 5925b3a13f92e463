"""Where a run stands in a list of records, and what one page makes of it.

A resumption token names the next page and dies at midnight UTC. The safe point does not:
it is a day, everything that changed before it is here, and `seen` holds the records that
are counted from it on. It moves while the datestamps come in order; where they do not, it
stays, and a list begun again from it brings whatever was missed.
"""

from dataclasses import dataclass, replace
from datetime import date

from ingest.feed import Entry, Refused
from ingest.fetching import Incomplete
from ingest.oai.answers import Deleted, Page
from ingest.oai.client import BadToken


@dataclass(frozen=True)
class Place:
    since: date  # the safe point
    end: date  # of the run: the safe point goes no further
    token: str = ""  # empty: the list is asked for from the safe point on
    start: int = 0  # records of this list before the next page
    in_order: bool = True  # so far in this list
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """What to keep of a page, and where to ask next; `place` None: that was the last."""

    place: Place | None
    entries: tuple[Entry, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    refused: tuple[Refused, ...] = ()
    total: int | None = None  # records the run still had before this page, where known

    def __len__(self) -> int:
        return len(self.entries) + len(self.deleted) + len(self.refused)


def follow(place: Place, page: Page) -> Step:
    """What `page`, asked for at `place`, means.

    Raises Incomplete if records are missing from it, and BadToken if some were left out
    before it.
    """
    if not page.count:
        if place.seen:
            raise Incomplete("arXiv says that nothing changed since a day of which it had some")
        return Step(None, total=0)
    if page.start is not None and page.start != place.start:
        raise BadToken(
            f"arXiv went on at record {page.start:,} of the list instead of {place.start:,}"
        )
    after = place.start + page.count
    if page.total is not None and not page.token and after < page.total:
        raise Incomplete(f"arXiv announced {page.total:,} records and sent {after:,}")
    is_first = not place.token
    return Step(
        place=_next(place, page, after) if page.token else None,
        entries=tuple(e for e in page.entries if e.arxiv_id not in place.seen),
        deleted=tuple(d for d in page.deleted if d.arxiv_id not in place.seen),
        refused=tuple(r for r in page.refused if r.key not in place.seen),
        total=page.total - len(place.seen) if is_first and page.total is not None else None,
    )


def _next(place: Place, page: Page, after: int) -> Place:
    days = [header.datestamp for header in page.headers]
    in_order = (
        place.in_order
        and days == sorted(days)
        and place.since <= min(days, default=place.since)
    )
    since = min(max(days, default=place.since), place.end) if in_order else place.since
    seen = {h.arxiv_id for h in page.headers if h.datestamp >= since or not in_order}
    seen |= {refused.key for refused in page.refused if not refused.arxiv_id}
    if since == place.since:
        seen |= place.seen
    return replace(
        place,
        since=since,
        token=page.token,
        start=after,
        in_order=in_order,
        seen=frozenset(seen),
    )
