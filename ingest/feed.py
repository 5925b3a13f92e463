"""An answer of arXiv's search API, from bytes to records. Plain Python, no Django.

The feed is Atom 1.0 with two extensions (arxiv, opensearch). Nothing in it is trusted: no
document type, no entities, no network; what XML forbids is blanked before it is read. An
entry that cannot be used is refused with its reason and the text as it came, and does not
stop the others. A feed that cannot be read at all is an error, never an empty page.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from lxml import etree

from ingest.hardened_xml import legal_text, read_xml
from ingest.identifiers import split_id

ATOM: Final = "{http://www.w3.org/2005/Atom}"
ARXIV: Final = "{http://arxiv.org/schemas/atom}"
OPENSEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"

# arXiv itself takes abstracts up to 1,920 characters; far beyond lies damage or malice.
LONGEST_TITLE = 2_000
LONGEST_ABSTRACT = 30_000
LONGEST_AUTHORS = 400_000  # characters of all names; the longest lists have 5,000 people
LONGEST_DOI = 255
LONGEST_LICENCE = 255
KEPT_RAW = 20_000
EARLIEST = 1986  # the oldest papers were put in with the date they were written

_FEED = re.compile(r"<(?:[A-Za-z]+:)?feed\b[^>]*>")
_ENTRY = re.compile(r"(?=<entry[\s>])")
# Controls that XML allows, and those that turn the direction of the text around.
_UNREADABLE = re.compile("[\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?")


class FeedError(Exception):
    """Base of what makes a whole answer useless."""


class Malformed(FeedError):
    """Not a feed, or cut off."""


class ErrorFeed(FeedError):
    """arXiv's way to say no: a feed with one entry that is the message."""


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
    text = legal_text(body)
    opening = _FEED.search(text)
    if opening is None:
        raise Malformed(f"not a feed: {_excerpt(text)}")
    if "<!DOCTYPE" in text[: opening.start()]:
        raise Malformed("the feed has a document type, which arXiv's never have")
    try:
        root = read_xml(text)
        nodes = [(node, None) for node in root.iterfind(f"{ATOM}entry")]
        return _page(root, nodes)
    except etree.XMLSyntaxError as error:
        if not text.rstrip().endswith("feed>"):
            raise Malformed(f"the feed is cut off: {error}") from error
        return _page(*_salvage(text, opening[0]))


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
            nodes.append((None, _refuse(f"not well-formed: {error}", raw)))
    return root, nodes


def _raise_if_error(node: etree._Element) -> None:
    """An error comes as an entry whose id is an address under /api/errors."""
    if "/api/errors" in _text(node, f"{ATOM}id"):
        raise ErrorFeed(_text(node, f"{ATOM}summary") or "arXiv sent an error without a text")


def _record(node: etree._Element) -> Entry | Refused:
    try:
        return _entry(node)
    except ValueError as error:
        raw = etree.tostring(node, encoding="unicode", with_tail=False)
        return _refuse(str(error), raw, node)


def _refuse(reason: str, raw: str, node: etree._Element | None = None) -> Refused:
    arxiv_id, published = "", None
    if node is not None:
        for found in _legible(node):
            if isinstance(found, str):
                arxiv_id = found
            else:
                published = found
    return Refused(
        reason=reason[:300],
        raw=raw[:KEPT_RAW],
        digest=hashlib.sha256(raw.encode(errors="replace")).hexdigest(),
        arxiv_id=arxiv_id,
        published=published,
    )


def _legible(node: etree._Element) -> Iterator[str | datetime]:
    """The id and the date of a refused entry, as far as they can be read."""
    try:
        yield split_id(_text(node, f"{ATOM}id"))[0]
        yield _moment(node, "published")
    except ValueError:
        return


def _entry(node: etree._Element) -> Entry:
    arxiv_id, version = split_id(_text(node, f"{ATOM}id"))
    title = _text(node, f"{ATOM}title")
    if not title:
        raise ValueError("no title")
    require_length("title", title, LONGEST_TITLE)
    abstract = _text(node, f"{ATOM}summary", one_line=False)
    require_length("abstract", abstract, LONGEST_ABSTRACT)
    authors = tuple(
        filter(None, (_text(a, f"{ATOM}name") for a in node.iterfind(f"{ATOM}author")))
    )
    require_length("list of authors", "".join(authors), LONGEST_AUTHORS)
    doi = _text(node, f"{ARXIV}doi")
    return Entry(
        arxiv_id=arxiv_id,
        version=version or 1,
        title=title,
        abstract=abstract,
        authors=authors,
        categories=_categories(node),
        published=_moment(node, "published"),
        updated=_moment(node, "updated"),
        comment=_text(node, f"{ARXIV}comment")[:LONGEST_TITLE],
        journal_ref=_text(node, f"{ARXIV}journal_ref")[:LONGEST_TITLE],
        doi=doi if len(doi) <= LONGEST_DOI else "",
    )


def _categories(node: etree._Element) -> tuple[str, ...]:
    """arXiv's own, primary first; authors also give ACM and MSC classes, which are left out."""
    primary = node.find(f"{ARXIV}primary_category")
    terms = [primary.get("term", "")] if primary is not None else []
    terms += [category.get("term", "") for category in node.iterfind(f"{ATOM}category")]
    return own_categories(terms)


def own_categories(terms: Iterable[str]) -> tuple[str, ...]:
    """Those that have the form of arXiv's own, each once, in the order given."""
    return tuple(dict.fromkeys(t for t in terms if len(t) <= 32 and _CATEGORY.fullmatch(t)))


def _moment(node: etree._Element, name: str) -> datetime:
    text = _text(node, f"{ATOM}{name}")
    if not text:
        raise ValueError(f"no {name} date")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is no date: {text[:40]!r}") from None
    return moment_of_paper(name, moment)


def moment_of_paper(name: str, moment: datetime) -> datetime:
    """In UTC. Raises ValueError where no paper can have been sent then."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment.year <= 9000:
        raise ValueError(f"{name} is no date of a paper: {moment:%Y-%m-%d}")
    return moment.astimezone(UTC)


def _text(node: etree._Element, path: str, *, one_line: bool = True) -> str:
    found = node.find(path)
    if found is None:
        return ""
    text = readable("".join(str(part) for part in found.itertext()))
    return " ".join(text.split()) if one_line else text.strip()


def readable(text: str) -> str:
    """Without what nobody should see, or be misled by, in a text."""
    return _UNREADABLE.sub(" ", text)


def _number(root: etree._Element, name: str, default: int | None = None) -> int:
    text = _text(root, f"{OPENSEARCH}{name}")
    if not text and default is not None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Malformed(f"{name} is {text[:40]!r}")
    return int(text)


def require_length(what: str, text: str, longest: int) -> None:
    """Raises ValueError where a text is longer than any that arXiv takes."""
    if len(text) > longest:
        raise ValueError(f"the {what} has {len(text):,} characters")


def _excerpt(text: str) -> str:
    """The first readable words, without markup."""
    words = " ".join(re.sub(r"<[^>]{0,200}>", " ", text[:2000]).split())
    return repr(words[:80]) if words else "an empty body"
