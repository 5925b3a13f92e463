"""arXiv's daily listing: what was announced, as RSS or Atom. Plain Python, no Django.

It is rebuilt at midnight in New York for the announcements of Sunday to Thursday evening,
and says of each paper whether it is new and under which licence: one request for all
categories. It has no title worth keeping that the other interfaces have not; it tells when
to ask them. Whoever asks for it goes through `ingest.pace`.
"""

import email.utils
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import requests
from lxml import etree

from ingest.feed import ATOM, LONGEST_ADDRESS
from ingest.fetching import (
    OUR_FAULT,
    ArxivUnavailable,
    TooFast,
    aim,
    fetch,
    user_agent,
)
from ingest.hardened_xml import Unsafe, excerpt, plain_text, read_xml, require_few, text_of
from ingest.identifiers import is_category, split_id

NEW_YORK: Final = ZoneInfo("America/New_York")
FULL: Final = 2_000  # announcements; a listing with so many may have been cut off
REST_DAYS: Final = frozenset({"Saturday", "Sunday"})

_NAMESPACE: Final = "{http://arxiv.org/schemas/atom}"
_DUBLIN_CORE: Final = "{http://purl.org/dc/elements/1.1/}"
_OPENING = re.compile(r"<(?:rss|feed)\b[^>]*>")
_ENDING = re.compile(r"</(?:rss|feed)>\s*\Z")
_GUID = re.compile(r"oai:arXiv\.org:(.+)", re.DOTALL)
_LICENCE = re.compile(r"https?://[\x21-\x7e]+")


class NoListing(Exception):
    """The listing cannot be had. It says nothing about arXiv's other interfaces."""


class Malformed(Exception):
    """Not a listing, or cut off."""


class Kind(StrEnum):
    """As arXiv calls them; a cross-list is announced in a category beside its own."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"


@dataclass(frozen=True)
class Announcement:
    """One version of one paper."""

    arxiv_id: str
    version: int
    kind: Kind
    licence: str = ""
    categories: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        return self.kind in {Kind.NEW, Kind.CROSS}


@dataclass(frozen=True)
class DailyListing:
    """What one day brought: each paper once, as its newest version."""

    day: date
    announcements: tuple[Announcement, ...] = ()
    skip_days: frozenset[str] = REST_DAYS
    refused: int = 0  # items that cannot be read

    @property
    def is_full(self) -> bool:
        """There may have been more than it could hold."""
        return len(self.announcements) + self.refused >= FULL


class Client:
    """Asks for a listing and checks it. Knows nothing of pace."""

    def __init__(self, url: str, contact: str = "") -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        aim(self._session, url)
        self._headers = {"User-Agent": user_agent(contact)}

    def day(self, categories: Collection[str]) -> DailyListing:
        """The newest listing of all of these together.

        Raises NoListing for whatever is wrong with it, and ArxivError where arXiv asks for
        a slower pace or refuses us: that concerns its other interfaces, too.
        """
        if not categories:
            raise ValueError("a listing is of one category at least")
        address = f"{self._url}/{'+'.join(sorted(categories))}"
        try:
            fetched = fetch(self._session, address, self._headers)
        except TooFast:
            raise
        except ArxivUnavailable as error:
            raise NoListing(str(error)) from error
        if fetched.status in OUR_FAULT:
            raise NoListing(f"arXiv rejected the request (HTTP {fetched.status})")
        try:
            return parse(fetched.body)
        except Malformed as error:
            raise NoListing(f"the listing cannot be read: {error}") from error


def day_due(now: datetime) -> date:
    """The day whose listing should be out: today in New York, or Friday at a weekend."""
    day = now.astimezone(NEW_YORK).date()
    return day - timedelta(days=max(day.weekday() - 4, 0))


def out_at(day: date) -> datetime:
    """When the listing of that day is built: midnight in New York."""
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


def parse(body: bytes) -> DailyListing:
    """The listing in `body`, in either form. Raises Malformed."""
    try:
        return _parse(plain_text(body))
    except Unsafe as error:
        raise Malformed(f"not to be read: {error}") from error


def _parse(text: str) -> DailyListing:
    if _OPENING.search(text) is None:
        raise Malformed(f"neither RSS nor Atom: {excerpt(text)}")
    try:
        root = read_xml(text)
    except etree.XMLSyntaxError as error:
        what = "not well-formed" if _ENDING.search(text) else "cut off"
        raise Malformed(f"it is {what}: {error}") from error
    if root.tag == f"{ATOM}feed":
        return _listing(root, text_of(root, f"{ATOM}updated"), root.findall(f"{ATOM}entry"))
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise Malformed(f"the root element is {root.tag}")
    said = text_of(channel, "pubDate") or text_of(channel, "lastBuildDate")
    return _listing(channel, said, channel.findall("item"))


def _listing(root: etree._Element, said: str, nodes: list[etree._Element]) -> DailyListing:
    require_few(len(nodes))
    newest: dict[str, Announcement] = {}
    refused = 0
    for node in nodes:
        try:
            one = _announcement(node)
        except ValueError:
            refused += 1
            continue
        known = newest.get(one.arxiv_id)
        if known is None or known.version < one.version:
            newest[one.arxiv_id] = one
    if refused and not newest:
        raise Malformed(f"none of its {refused} items can be read")
    skip = frozenset(str(day.text or "").strip() for day in root.iterfind("skipDays/day"))
    return DailyListing(_day(said), tuple(newest.values()), skip or REST_DAYS, refused)


def _announcement(node: etree._Element) -> Announcement:
    """Of an item of RSS or an entry of Atom. Raises ValueError."""
    guid = _GUID.fullmatch(text_of(node, "guid") or text_of(node, f"{ATOM}id"))
    if guid is None:
        raise ValueError("no id of arXiv")
    arxiv_id, version = split_id(guid[1])
    if version is None:
        raise ValueError(f"{arxiv_id}: no version")
    licence = text_of(node, f"{_DUBLIN_CORE}rights") or text_of(node, f"{ATOM}rights")
    is_address = len(licence) <= LONGEST_ADDRESS and _LICENCE.fullmatch(licence)
    return Announcement(
        arxiv_id=arxiv_id,
        version=version,
        kind=Kind(text_of(node, f"{_NAMESPACE}announce_type")),
        licence=licence if is_address else "",
        categories=_categories(node),
    )


def _categories(node: etree._Element) -> tuple[str, ...]:
    said = [str(one.text or "").strip() for one in node.iterfind("category")]
    said += [one.get("term", "") for one in node.iterfind(f"{ATOM}category")]
    return tuple(dict.fromkeys(filter(is_category, said)))


def _day(said: str) -> date:
    """The day in New York that a date of either form says; a bare day is that day."""
    try:
        if len(said) == len("2025-06-30"):
            return date.fromisoformat(said)
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            moment = email.utils.parsedate_to_datetime(said)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)
        return moment.astimezone(NEW_YORK).date()
    except (ValueError, OverflowError):
        raise Malformed(f"its date is {said[:40]!r}") from None
