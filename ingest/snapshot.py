"""A line of arXiv's metadata snapshot, from bytes to a record. Plain Python, no Django.

The snapshot is JSON lines, an object a paper, published every week. Nothing in it is
trusted: a line that cannot be used is refused with its reason, whatever it is, and the
limits are those of the other ways in.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias

import orjson

from ingest import feed
from ingest.feed import Entry, Form, Refused
from ingest.identifiers import split_id

LONGEST_LINE: Final = 4 * 1024 * 1024  # bytes; the longest list of authors takes a tenth

# To be raised with every change of what becomes of a line, here or in `tex`: lines that were
# read the old way are then read again.
_READING = b"1"

Record: TypeAlias = dict[str, Any]

# The id, at the beginning as arXiv writes it: enough to look up a line that was read before.
_BEGINNING = re.compile(rb'\{ ?"id": ?"([a-zA-Z0-9./-]{1,40})"')
_UNREADABLE = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_VERSION = re.compile(r"v([1-9][0-9]{0,3})")
_CREATED = re.compile(
    r"(?:[A-Z][a-z]{2}, +)?(?P<day>[0-9]{1,2}) (?P<month>[A-Z][a-z]{2}) (?P<year>[0-9]{4}) "
    r"(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}) (?:GMT|UTC|[+-]0000)"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1
    )
}
_BETWEEN_NAMES = re.compile(r",? and |, ")


def digest_of(line: bytes) -> int:
    """64 bits of the line and of how it is read, as PostgreSQL's bigint holds them."""
    digest = hashlib.blake2b(line, digest_size=8, person=_READING).digest()
    return int.from_bytes(digest, "big", signed=True)


def likely_id(line: bytes) -> str:
    """The id that the line begins with; empty where it begins otherwise."""
    found = _BEGINNING.match(line)
    return found[1].decode() if found else ""


def read(line: bytes) -> Entry | Refused:
    """The paper in this line, or why there is none. Never raises."""
    record: object = None
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError(f"the line has more than {LONGEST_LINE:,} bytes")
        record = _parsed(line)
        if not isinstance(record, dict):
            raise ValueError("not a JSON object")
        return _entry(record, _same if _is_harmless(line) else _clean, digest_of(line))
    except RecursionError:
        return _refuse("nested too deeply", line, record)
    except UnicodeDecodeError:
        return _refuse("not UTF-8", line, record)
    except json.JSONDecodeError as error:
        return _refuse(f"not JSON: {error.msg}", line, record)
    except ValueError as error:
        return _refuse(str(error), line, record)


def _parsed(line: bytes) -> object:
    """What is unusual is left to Python's own parser, which says what is wrong with it."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line.decode())


def read_kept(text: str) -> Entry | Refused:
    """The same of the text that a refusal has kept."""
    return read(text.encode(errors="replace"))


def _refuse(reason: str, line: bytes, record: object) -> Refused:
    arxiv_id = ""
    if isinstance(record, dict) and isinstance(record.get("id"), str):
        with contextlib.suppress(ValueError):
            arxiv_id = split_id(record["id"])[0]
    refused = feed.refuse(_storable(reason), _storable(line.decode(errors="replace")), arxiv_id)
    return replace(refused, digest=hashlib.sha256(line).hexdigest())


def _storable(text: str) -> str:
    """PostgreSQL has no place for a null byte, nor UTF-8 for half a character."""
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")


def _entry(record: Record, clean: Callable[[str], str], digest: int) -> Entry:
    arxiv_id, _ = split_id(_text(record, "id", clean))
    version, published, updated = _versions(record)
    return feed.checked(
        Entry(
            arxiv_id=arxiv_id,
            version=version,
            title=_line(record, "title", clean),
            abstract=_text(record, "abstract", clean).strip(),
            authors=_authors(record, clean),
            categories=tuple(_text(record, "categories", clean).split()),
            published=published,
            updated=updated,
            comment=_line(record, "comments", clean),
            journal_ref=_line(record, "journal-ref", clean),
            doi=_line(record, "doi", clean),
            licence=_line(record, "license", clean),
            form=Form.SNAPSHOT,
            digest=digest,
        )
    )


def _text(record: Record, name: str, clean: Callable[[str], str]) -> str:
    found = record.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise ValueError(f"{name} is no text")
    return clean(found)


def _line(record: Record, name: str, clean: Callable[[str], str]) -> str:
    return " ".join(_text(record, name, clean).split())


def _authors(record: Record, clean: Callable[[str], str]) -> tuple[str, ...]:
    """Forenames, name and what follows it (Jr, III); where they are not apart, as written."""
    parsed = record.get("authors_parsed")
    if not parsed:
        names = _BETWEEN_NAMES.split(_line(record, "authors", clean))
        return tuple(filter(None, names))
    if not isinstance(parsed, list):
        raise ValueError("authors_parsed is no list of names")
    return tuple(filter(None, (clean(_full_name(name)) for name in parsed)))


def _full_name(name: object) -> str:
    """Of name, forenames, suffix; affiliations may follow them and are left out."""
    if isinstance(name, list):
        last, first, suffix = name[:3] if len(name) > 2 else [*name, "", "", ""][:3]
        if isinstance(last, str) and isinstance(first, str) and isinstance(suffix, str):
            name = f"{first} {last} {suffix}" if suffix else f"{first} {last}"
            return " ".join(name.split())
    raise ValueError("authors_parsed is no list of names")


def _versions(record: Record) -> tuple[int, datetime, datetime]:
    """The newest version's number, when the first one was sent, and when the newest."""
    versions = record.get("versions")
    if not isinstance(versions, list) or not versions:
        raise ValueError("no versions")
    numbers: dict[int, object] = {}
    for one in versions:
        number = one.get("version") if isinstance(one, dict) else None
        found = _VERSION.fullmatch(number) if isinstance(number, str) else None
        if found is None:
            raise ValueError("versions is no list of versions")
        numbers[int(found[1])] = one.get("created")
    first, newest = min(numbers), max(numbers)
    published = _moment("published", numbers[first])
    return (
        newest,
        published,
        _moment("updated", numbers[newest]) if newest > first else published,
    )


def _moment(name: str, text: object) -> datetime:
    found = _CREATED.fullmatch(text) if isinstance(text, str) else None
    if found is None or found["month"] not in _MONTHS:
        raise ValueError(f"{name} is no date: {str(text)[:40]!r}")
    day, month, year, time = found.groups()
    return feed.moment(f"{year}-{_MONTHS[month]:02}-{day:0>2}T{time}+00:00", name)


def _is_harmless(line: bytes) -> bool:
    r"""No letter in it needs to be looked at: ASCII, and no \u, \b or \f before any letter."""
    return line.isascii() and not (
        b"\\u" in line or b"\\b" in line or b"\\f" in line or b"\x7f" in line
    )


def _same(text: str) -> str:
    return text


def _clean(text: str) -> str:
    """Controls are blanked as in a feed; what no text has at all is refused."""
    if text.isascii() and text.replace("\n", " ").isprintable():
        return text
    if found := _NO_TEXT.search(text):
        what = "a null byte" if found[0] == "\x00" else "half a character"
        raise ValueError(f"{what} in a text")
    return _UNREADABLE.sub(" ", text)
