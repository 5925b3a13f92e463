"""An answer of arXiv's search API, from bytes to records. Plain Python, no Django.

The feed is Atom 1.0 with two extensions (arxiv, opensearch). Nothing in it is trusted: no
document type, no entities, no network; what XML forbids is blanked before it is read. An
entry that cannot be used is refused with its reason and the text as it came, and does not
stop the others. A feed that cannot be read at all is an error, never an empty page.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from lxml import etree

from ingest.hardened_xml import Unsafe, excerpt, plain_text, read_xml, require_few, text_of
from ingest.identifiers import is_category, split_id

ATOM: Final = "{http://www.w3.org/2005/Atom}"
ARXIV: Final = "{http://arxiv.org/schemas/atom}"
OPENSEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"

# arXiv itself takes abstracts up to 1,920 characters; far beyond lies damage or malice.
LONGEST_TITLE = 2_000
LONGEST_ABSTRACT = 30_000
LONGEST_AUTHORS = 400_000  # characters of all names; the longest lists have 5,000 people
LONGEST_NOTE = 2_000  # comment, journal reference; the rest is cut off
LONGEST_ADDRESS = 255  # DOI, licence
KEPT_RAW = 20_000
EARLIEST = 1986  # the oldest papers were put in with the date they were written

_FEED = re.compile(r"<(?:[A-Za-z]+:)?feed\b[^>]*>")
_ENTRY = re.compile(r"(?=<entry[\s>])")


class FeedError(Exception):
    """Base of what makes a whole answer useless."""


class Malformed(FeedError):
    """Not a feed, or cut off."""


class ErrorFeed(FeedError):
    """arXiv's way to say no: a feed with one entry that is the message."""


class Form(StrEnum):
    """In which form a record came; each says some things exactly and others not."""

    ATOM = "Atom"
    RAW = "arXivRaw"  # authors in one string; knows which version is withdrawn
    SPLIT = "arXiv"  # no version, days for dates
    SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class Entry:
    """One version of one paper, as arXiv describes it; TeX is left as it is."""

    arxiv_id: str
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]  # primary first
    published: datetime
    updated: datetime
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    licence: str = ""  # an address; the search API never says it
    withdrawn: bool = False  # where the form has a mark for it
    form: Form = Form.ATOM
    digest: int | None = None  # of the line of a snapshot, to know it again


@dataclass(frozen=True)
class Refused:
    """An entry that cannot be taken in. `raw` is as it came, `digest` of all of it."""

    reason: str
    raw: str
    digest: str
    arxiv_id: str = ""
    published: datetime | None = None

    @property
    def key(self) -> str:
        """Tells it from others where the id is not legible."""
        return self.arxiv_id or self.digest[:40]


@dataclass(frozen=True)
class Page:
    """One answer: each paper once, and what arXiv says about the whole result."""

    total: int
    start: int
    per_page: int  # 0: not said
    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]

    def __len__(self) -> int:
        return len(self.entries) + len(self.refused)


def parse(body: bytes) -> Page:
    """The page in `body`. Raises Malformed or ErrorFeed."""
    try:
        return _parse(plain_text(body))
    except Unsafe as error:
        raise Malformed(f"not a feed that can be read: {error}") from error


def _parse(text: str) -> Page:
    opening = _FEED.search(text)
    if opening is None:
        raise Malformed(f"not a feed: {excerpt(text)}")
    try:
        root = read_xml(text)
        nodes = [(node, None) for node in root.iterfind(f"{ATOM}entry")]
        require_few(len(nodes))
        return _page(root, nodes)
    except etree.XMLSyntaxError as error:
        if not text.rstrip().endswith("feed>"):
            raise Malformed(f"the feed is cut off: {error}") from error
        return _page(*_salvage(text, opening[0]))


def read_entry(text: str) -> Entry | Refused:
    """One entry alone, as `Refused.raw` keeps it. Never raises."""
    names = f'xmlns="{ATOM[1:-1]}" xmlns:arxiv="{ARXIV[1:-1]}"'
    try:
        root = read_xml(f"<feed {names}>{plain_text(text.encode(errors='replace'))}</feed>")
    except Unsafe as error:
        return refuse(f"not to be read: {error}", text)
    except etree.XMLSyntaxError as error:
        return refuse(f"not well-formed: {error}", text)
    if [node.tag for node in root] != [f"{ATOM}entry"]:
        return refuse("not one entry of a feed", text)
    return _record(root[0])


Node: TypeAlias = tuple[etree._Element | None, Refused | None]


def _page(root: etree._Element, nodes: Iterable[Node]) -> Page:
    if root.tag != f"{ATOM}feed":
        raise Malformed(f"the root element is {root.tag}")
    entries: dict[str, Entry] = {}
    refused: dict[str, Refused] = {}
    for node, broken in nodes:
        if node is None:
            record: Entry | Refused | None = broken
        else:
            _raise_if_error(node)
            record = _record(node)
        if isinstance(record, Refused):
            refused.setdefault(record.digest, record)
        elif record is not None:
            known = entries.get(record.arxiv_id)
            if known is None or known.version < record.version:
                entries[record.arxiv_id] = record
    return Page(
        total=_number(root, "totalResults"),
        start=_number(root, "startIndex", 0),
        per_page=_number(root, "itemsPerPage", 0),
        entries=tuple(entries.values()),
        refused=tuple(refused.values()),
    )


def _salvage(text: str, opening: str) -> tuple[etree._Element, list[Node]]:
    """Entry by entry, for a feed that is whole but not well-formed somewhere."""
    head, *chunks = _ENTRY.split(text)
    require_few(len(chunks))
    closing = f"</{opening[1:].split()[0].rstrip('>')}>"
    try:
        root = read_xml(head if not chunks else head + closing)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"the feed is not well-formed: {error}") from error
    nodes: list[Node] = []
    for chunk in chunks:
        raw = chunk.removesuffix("\n").rstrip().removesuffix(closing).rstrip()
        try:
            nodes.append((read_xml(f"{opening}{raw}{closing}")[0], None))
        except (etree.XMLSyntaxError, IndexError) as error:
            nodes.append((None, refuse(f"not well-formed: {error}", raw)))
    return root, nodes


def _raise_if_error(node: etree._Element) -> None:
    """An error comes as an entry whose id is an address under /api/errors."""
    if "/api/errors" in text_of(node, f"{ATOM}id"):
        raise ErrorFeed(text_of(node, f"{ATOM}summary") or "arXiv sent an error without a text")


def _record(node: etree._Element) -> Entry | Refused:
    try:
        return _entry(node)
    except ValueError as error:
        raw = etree.tostring(node, encoding="unicode", with_tail=False)
        return refuse(str(error), raw, *_legible(node))


def _legible(node: etree._Element) -> Iterator[Any]:
    """The id and the date of a refused entry, as far as they can be read."""
    try:
        yield split_id(text_of(node, f"{ATOM}id"))[0]
        yield _moment(node, "published")
    except ValueError:
        return


def checked(entry: Entry) -> Entry:
    """The entry as it can be used: without what authors put into a wrong field.

    Raises ValueError where it cannot.
    """
    if not entry.title:
        raise ValueError("no title")
    for what, text, longest in (
        ("title", entry.title, LONGEST_TITLE),
        ("abstract", entry.abstract, LONGEST_ABSTRACT),
        ("list of authors", "".join(entry.authors), LONGEST_AUTHORS),
    ):
        if len(text) > longest:
            raise ValueError(f"the {what} has {len(text):,} characters")
    usable: dict[str, Any] = {
        "categories": tuple(dict.fromkeys(filter(is_category, entry.categories))),
        "comment": entry.comment[:LONGEST_NOTE],
        "journal_ref": entry.journal_ref[:LONGEST_NOTE],
        "doi": entry.doi if len(entry.doi) <= LONGEST_ADDRESS else "",
        "licence": entry.licence if len(entry.licence) <= LONGEST_ADDRESS else "",
    }
    changed = {name: value for name, value in usable.items() if value != getattr(entry, name)}
    return replace(entry, **changed) if changed else entry


def refuse(
    reason: str, raw: str, arxiv_id: str = "", published: datetime | None = None
) -> Refused:
    """What is kept of a record that cannot be used."""
    return Refused(
        reason=reason[:300],
        raw=raw[:KEPT_RAW],
        digest=hashlib.sha256(raw.encode(errors="replace")).hexdigest(),
        arxiv_id=arxiv_id,
        published=published,
    )


def moment(text: str, name: str) -> datetime:
    """The moment `text` says, in UTC; a day is its midnight. Raises ValueError."""
    if not text:
        raise ValueError(f"no {name} date")
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is no date: {text[:40]!r}") from None
    said = said if said.tzinfo else said.replace(tzinfo=UTC)
    if not EARLIEST <= said.year <= 9000:
        raise ValueError(f"{name} is no date of a paper: {text[:40]!r}")
    return said.astimezone(UTC)


def _entry(node: etree._Element) -> Entry:
    arxiv_id, version = split_id(text_of(node, f"{ATOM}id"))
    authors = (text_of(author, f"{ATOM}name") for author in node.iterfind(f"{ATOM}author"))
    return checked(
        Entry(
            arxiv_id=arxiv_id,
            version=version or 1,
            title=text_of(node, f"{ATOM}title"),
            abstract=text_of(node, f"{ATOM}summary", one_line=False),
            authors=tuple(filter(None, authors)),
            categories=_categories(node),
            published=_moment(node, "published"),
            updated=_moment(node, "updated"),
            comment=text_of(node, f"{ARXIV}comment"),
            journal_ref=text_of(node, f"{ARXIV}journal_ref"),
            doi=text_of(node, f"{ARXIV}doi"),
        )
    )


def _categories(node: etree._Element) -> tuple[str, ...]:
    """Primary first; authors also give ACM and MSC classes here."""
    primary = node.find(f"{ARXIV}primary_category")
    terms = [primary.get("term", "")] if primary is not None else []
    terms += [category.get("term", "") for category in node.iterfind(f"{ATOM}category")]
    return tuple(terms)


def _moment(node: etree._Element, name: str) -> datetime:
    return moment(text_of(node, f"{ATOM}{name}"), name)


def _number(root: etree._Element, name: str, default: int | None = None) -> int:
    text = text_of(root, f"{OPENSEARCH}{name}")
    if not text and default is not None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Malformed(f"{name} is {text[:40]!r}")
    return int(text)
