"""Atom (RFC 4287): papers and news of them as entries whose ids stay, at whatever address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.feedgenerator import Atom1Feed

from taxonomy import citations
from taxonomy.models import Paper

TAG_DATE = "2026"  # the year from which ids like these are given (RFC 4151)
THE_BEGINNING = "2026-01-01T00:00:00+00:00"  # of a feed without entries
SUMMARY = 1_500  # characters
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    """What is said about a feed as a whole; addresses are absolute."""

    name: str  # "papers", "challenges/latency": for ever
    title: str
    subtitle: str
    language: str
    page_url: str
    feed_url: str
    root: str
    host: str

    def tag(self, what: str) -> str:
        return f"tag:{self.host},{TAG_DATE}:{what}"


class _Atom(Atom1Feed):
    """`updated` is the newest entry's, not the clock's: an unchanged feed is the same bytes."""

    def latest_post_date(self) -> datetime:
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=datetime.fromisoformat(THE_BEGINNING))


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `name` is for ever, the address absolute."""

    name: str
    title: str
    summary: str
    url: str
    at: datetime


def write(feed: Feed, papers: Iterable[Paper]) -> str:
    """The whole document."""
    atom = _begun(feed)

    for paper in papers:
        atom.add_item(
            title=_text(paper.title_plain),
            link=feed.root + paper.get_absolute_url().lstrip("/"),
            description=_text(_summary(paper)),
            author_name=_text(", ".join(paper.authors)) or None,
            unique_id=feed.tag(f"paper/{paper.arxiv_id}"),
            pubdate=paper.published_at,
            updateddate=max(paper.updated_at, paper.removed_at or paper.updated_at),
            categories=[_text(category) for category in paper.categories],
        )
    document: str = atom.writeString("utf-8")
    return document


def write_entries(feed: Feed, entries: Iterable[Entry]) -> str:
    """The whole document of a feed of other things than papers."""
    atom = _begun(feed)
    for entry in entries:
        atom.add_item(
            title=_text(entry.title),
            link=entry.url,
            description=_text(entry.summary),
            unique_id=feed.tag(entry.name),
            pubdate=entry.at,
            updateddate=entry.at,
        )
    document: str = atom.writeString("utf-8")
    return document


def _begun(feed: Feed) -> _Atom:
    return _Atom(
        title=_text(feed.title),
        link=feed.page_url,
        description="",
        subtitle=_text(feed.subtitle),
        language=feed.language,
        feed_url=feed.feed_url,
        feed_guid=feed.tag(f"feed/{feed.name}"),
        author_name="Kadai",
    )


def _text(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return NOT_IN_XML.sub("", text)


def _summary(paper: Paper) -> str:
    status, abstract = citations.status(paper), _shortened(paper.abstract_plain)
    return f"{status}. {abstract}" if status else abstract


def _shortened(text: str) -> str:
    return text if len(text) <= SUMMARY else text[:SUMMARY].rsplit(" ", 1)[0] + " …"
