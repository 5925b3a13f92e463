"""An answer of OAI-PMH, from bytes to records.

As with the search API's feed, nothing in it is trusted, a record that cannot be used is
refused with its reason and the text as it came, and does not stop the others. An answer
that cannot be read at all is an error, never an empty list.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias, TypedDict

from lxml import etree

from ingest.feed import Entry, Refused, moment, refuse
from ingest.hardened_xml import Unsafe, excerpt, plain_text, read_xml, require_few, text_of
from ingest.identifiers import split_id
from ingest.oai.records import entry_in

OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"

_ROOT = re.compile(r"<OAI-PMH\b[^>]*>")
_RECORD = re.compile(r"(?=<record[\s>])")
_REST = re.compile(
    r"(?:<resumptionToken\b[^<>]*(?:/>|>[^<]*</resumptionToken>)\s*)?"
    r"</(?:ListRecords|GetRecord)>\s*</OAI-PMH>\s*\Z"
)
_IDENTIFIER = "oai:arXiv.org:"
LONGEST_TOKEN = 2_000


class Malformed(Exception):
    """Not an answer of OAI-PMH, or cut off."""


class ProtocolError(Exception):
    """The server says no: `code` is one of the protocol's."""

    def __init__(self, code: str, message: str, responded_at: datetime) -> None:
        super().__init__(code, message, responded_at)
        self.code = code
        self.responded_at = responded_at

    def __str__(self) -> str:
        return f"{self.args[1]} ({self.code})" if self.args[1] else self.code


@dataclass(frozen=True)
class Header:
    """Which record, and on which day it last changed: not when the paper was submitted."""

    arxiv_id: str
    datestamp: date
    deleted: bool = False


@dataclass(frozen=True)
class Deleted:
    """A record that is gone."""

    arxiv_id: str
    datestamp: date


Record: TypeAlias = Entry | Refused | Deleted


@dataclass(frozen=True)
class Listing:
    """What every part of a list says; `token` empty: it was the last."""

    responded_at: datetime  # by arXiv's clock
    count: int = 0  # of what was sent, repeats included; 0: nothing matches
    headers: tuple[Header, ...] = ()  # of those that can be read, in arXiv's order
    token: str = ""
    total: int | None = None  # of the whole list; the real one never says it
    start: int | None = None  # number of the first record here, from 0


@dataclass(frozen=True)
class Headers(Listing):
    """A part of a list of identifiers."""

    refused: int = 0  # those that cannot be read


@dataclass(frozen=True)
class Page(Listing):
    """A part of a list of records: each paper once, as it comes last."""

    entries: tuple[Entry, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    refused: tuple[Refused, ...] = ()

    def __len__(self) -> int:
        return len(self.entries) + len(self.deleted) + len(self.refused)


@dataclass(frozen=True)
class Identity:
    """Who answers, and since when its records are dated."""

    name: str
    earliest: date


def parse_records(body: bytes, verb: str = "ListRecords") -> Page:
    """The records in `body`. Raises Malformed and ProtocolError."""
    root, nodes = _read(body, verb)
    headers: dict[str, Header] = {}
    records: dict[str, Record] = {}
    for node in nodes:
        header, record = (None, node) if isinstance(node, Refused) else _record(node)
        key = record.key if isinstance(record, Refused) else record.arxiv_id
        records.pop(key, None)
        records[key] = record
        if header is not None:
            headers.pop(header.arxiv_id, None)
            headers[header.arxiv_id] = header
    return Page(
        responded_at=_responded_at(root),
        count=_counted(len(nodes)),
        headers=tuple(headers.values()),
        **_part(root, verb),
        entries=tuple(r for r in records.values() if isinstance(r, Entry)),
        deleted=tuple(r for r in records.values() if isinstance(r, Deleted)),
        refused=tuple(r for r in records.values() if isinstance(r, Refused)),
    )


def parse_headers(body: bytes) -> Headers:
    """The identifiers in `body`. Raises Malformed and ProtocolError."""
    root, _ = _read(body, "ListIdentifiers")
    headers: dict[str, Header] = {}
    nodes = root.findall(f"{OAI}ListIdentifiers/{OAI}header")
    refused = 0
    for node in nodes:
        try:
            header = _header(node)
        except ValueError:
            refused += 1
        else:
            headers[header.arxiv_id] = header
    return Headers(
        responded_at=_responded_at(root),
        count=_counted(len(nodes)),
        headers=tuple(headers.values()),
        **_part(root, "ListIdentifiers"),
        refused=refused,
    )


def parse_identity(body: bytes) -> Identity:
    """Who answers. Raises Malformed and ProtocolError."""
    root, _ = _read(body, "Identify")
    earliest = text_of(root, f"{OAI}Identify/{OAI}earliestDatestamp")
    try:
        return Identity(
            text_of(root, f"{OAI}Identify/{OAI}repositoryName"),
            date.fromisoformat(earliest[:10]),
        )
    except ValueError:
        raise Malformed(f"earliestDatestamp is {earliest[:40]!r}") from None


def _read(body: bytes, verb: str) -> tuple[etree._Element, list[etree._Element | Refused]]:
    """The root, and the records under `verb` or what could not be read of them."""
    try:
        return _read_text(plain_text(body), verb)
    except Unsafe as error:
        raise Malformed(f"not an answer that can be read: {error}") from error


def _read_text(text: str, verb: str) -> tuple[etree._Element, list[etree._Element | Refused]]:
    opening = _ROOT.search(text)
    if opening is None:
        raise Malformed(f"not OAI-PMH: {excerpt(text)}")
    try:
        root = read_xml(text)
        nodes: list[etree._Element | Refused] = [*root.iterfind(f"{OAI}{verb}/{OAI}record")]
        require_few(len(nodes))
    except etree.XMLSyntaxError as error:
        if not text.rstrip().endswith("</OAI-PMH>"):
            raise Malformed(f"the answer is cut off: {error}") from error
        root, nodes = _salvage(text, opening[0], verb)
    if root.tag != f"{OAI}OAI-PMH":
        raise Malformed(f"the root element is {root.tag}")
    _raise_if_error(root)
    if root.find(f"{OAI}{verb}") is None:
        raise Malformed(f"no {verb} in the answer")
    return root, nodes


def _salvage(
    text: str, opening: str, verb: str
) -> tuple[etree._Element, list[etree._Element | Refused]]:
    """Record by record, for an answer that is whole but not well-formed somewhere."""
    rest = _REST.search(text, max(0, len(text) - LONGEST_TOKEN - 1_000))
    head, *chunks = _RECORD.split(text if rest is None else text[: rest.start()])
    require_few(len(chunks))
    if rest is None or not chunks or "<resumptionToken" in chunks[-1]:
        raise Malformed("the answer is not well-formed outside of its records")
    try:
        root = read_xml(head + rest[0])
    except etree.XMLSyntaxError as error:
        raise Malformed(f"the answer is not well-formed: {error}") from error
    nodes: list[etree._Element | Refused] = []
    for chunk in chunks:
        raw = chunk.rstrip()
        try:
            nodes.append(read_xml(f"{opening}{raw}</OAI-PMH>")[0])
        except (etree.XMLSyntaxError, IndexError) as error:
            nodes.append(refuse(f"not well-formed: {error}", raw))
    return root, nodes


def _counted(count: int) -> int:
    """Where nothing matches the protocol has an error: a list without anything is damage."""
    if not count:
        raise Malformed("a list without a record")
    return count


def _raise_if_error(root: etree._Element) -> None:
    errors = {
        error.get("code", ""): " ".join(str(error.text or "").split())[:300]
        for error in root.iterfind(f"{OAI}error")
    }
    for code, message in errors.items():
        raise ProtocolError(code[:40] or "error", message, _responded_at(root))


def _record(node: etree._Element) -> tuple[Header | None, Record]:
    header = None
    try:
        if (found := node.find(f"{OAI}header")) is None:
            raise ValueError("no header")
        header = _header(found)
        if header.deleted:
            return header, Deleted(header.arxiv_id, header.datestamp)
        if (metadata := node.find(f"{OAI}metadata")) is None:
            raise ValueError("no metadata")
        entry = entry_in(metadata)
        if entry.arxiv_id != header.arxiv_id:
            raise ValueError(f"the record of {header.arxiv_id} is about {entry.arxiv_id}")
        return header, entry
    except ValueError as error:
        raw = etree.tostring(node, encoding="unicode", with_tail=False)
        return header, refuse(str(error), raw, header.arxiv_id if header else "")


def _header(node: etree._Element) -> Header:
    identifier = text_of(node, f"{OAI}identifier")
    if not identifier.startswith(_IDENTIFIER):
        raise ValueError(f"{identifier[:60]!r} is no identifier of arXiv")
    said = text_of(node, f"{OAI}datestamp")
    try:
        datestamp = date.fromisoformat(said[:10])
    except ValueError:
        raise ValueError(f"no datestamp: {said[:40]!r}") from None
    arxiv_id, _ = split_id(identifier.removeprefix(_IDENTIFIER))
    return Header(arxiv_id, datestamp, node.get("status") == "deleted")


class _Part(TypedDict):
    token: str
    total: int | None
    start: int | None


def _part(root: etree._Element, verb: str) -> _Part:
    token = root.find(f"{OAI}{verb}/{OAI}resumptionToken")
    if token is None:
        return {"token": "", "total": None, "start": None}
    text = (token.text or "").strip()
    if len(text) > LONGEST_TOKEN:
        raise Malformed(f"the resumption token has {len(text):,} characters")
    return {
        "token": text,
        "total": _number(token.get("completeListSize")),
        "start": _number(token.get("cursor")),
    }


def _number(text: str | None) -> int | None:
    """Both are optional, and only as good as a number can be."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None


def _responded_at(root: etree._Element) -> datetime:
    said = text_of(root, f"{OAI}responseDate")
    try:
        return moment(said, "response")
    except ValueError:
        raise Malformed(f"responseDate is {said[:40]!r}") from None
