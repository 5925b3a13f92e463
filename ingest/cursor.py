"""Where a run stands, and what one page makes of it. Plain Python, no database.

The cursor is a moment: the next request asks for what was submitted from `since` on, and
`seen` holds the papers that are already counted from that minute. A page is taken whole or
not at all. Where arXiv ignores the order that was asked for, the window is narrowed until
it fits a page, for then order does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.arxiv import Incomplete
from ingest.feed import Entry, Page, Refused

PAGE = 1_000
SMALLEST_PAGE = 50
MINUTE = timedelta(minutes=1)
FILL = 0.8  # how full a narrowed window should make a page


@dataclass(frozen=True)
class Cursor:
    since: datetime
    until: datetime
    end: datetime  # of the whole run
    start: int = 0
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """What to keep of a page, and where to ask next; `cursor` None: that was the last."""

    cursor: Cursor | None
    entries: tuple[Entry, ...] = ()
    refused: tuple[Refused, ...] = ()
    total: int | None = None  # papers the run still had before this page, where known


def page_size(attempts: int) -> int:
    """Smaller after each bad answer: a short page gets through where a long one is cut."""
    return max(SMALLEST_PAGE, PAGE >> min(attempts, 10))


def follow(cursor: Cursor, page: Page, size: int, *, settles: bool = False) -> Step:
    """What `page`, asked for at `cursor`, means. Raises Incomplete if papers are missing.

    Who `settles` for what came goes on behind what is missing, which the count at the end
    of the run will tell. Of a page without anything nothing is believed but the last.
    """
    inside = [e for e in page.entries if _minute(cursor.since) <= e.published < _after(cursor)]
    came = len(inside) + len(page.refused)
    due = min(page.total - cursor.start, min(size, page.per_page or size))
    if not page.total and cursor.seen:
        raise Incomplete("arXiv says there is nothing from a minute on of which it had papers")
    at_least = 1 if cursor.start + due < page.total else 0
    if came < (min(due, at_least) if settles else due):
        stray = len(page.entries) - len(inside)
        raise Incomplete(
            f"arXiv announced {due} papers for this page and sent {came}"
            + (f", and {stray} that were not asked for" if stray else "")
        )
    passed = max(came, due)
    is_last = cursor.start + passed >= page.total
    if not is_last and not _ascends(inside) and cursor.since < cursor.until:
        return Step(_narrower(cursor, page.total, size))
    return Step(
        cursor=_next(cursor, inside, page.refused, passed, is_last),
        entries=tuple(e for e in inside if e.arxiv_id not in cursor.seen),
        refused=tuple(r for r in page.refused if r.key not in cursor.seen),
        total=page.total - len(cursor.seen) if cursor.until == cursor.end else None,
    )


def _next(
    cursor: Cursor,
    inside: Sequence[Entry],
    refused: Sequence[Refused],
    passed: int,
    is_last: bool,
) -> Cursor | None:
    if is_last and cursor.until >= cursor.end:
        return None
    moments = [_minute(entry.published) for entry in inside]
    latest = max(moments, default=_minute(cursor.since))
    since = _minute(cursor.until) if is_last else latest
    seen = {e.arxiv_id for e, at in zip(inside, moments, strict=True) if at == since}
    seen |= {r.key for r in refused if r.published is None or _minute(r.published) == since}
    if since > _minute(cursor.since):
        until = cursor.end if is_last else cursor.until
        return replace(cursor, since=since, until=until, start=0, seen=frozenset(seen))
    if is_last:  # a narrowed window of one minute
        return replace(
            cursor, since=since + MINUTE, until=cursor.end, start=0, seen=frozenset()
        )
    # More papers in one minute than on a page: only their number tells them apart.
    return replace(cursor, start=cursor.start + passed, seen=cursor.seen | seen)


def _narrower(cursor: Cursor, total: int, size: int) -> Cursor:
    """The same beginning, and an end that should leave a page's worth."""
    minutes = (cursor.until - cursor.since) // MINUTE
    wanted = min(int(minutes * FILL * size / total), minutes - 1)
    until = _minute(cursor.since) + max(wanted, 0) * MINUTE
    return replace(cursor, until=max(until, cursor.since))


def _ascends(entries: Sequence[Entry]) -> bool:
    moments = [_minute(entry.published) for entry in entries]
    return moments == sorted(moments)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _after(cursor: Cursor) -> datetime:
    """The first moment that a window no longer holds; arXiv knows minutes only."""
    return _minute(cursor.until) + MINUTE
