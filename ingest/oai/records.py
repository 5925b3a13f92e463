"""What is inside a record of OAI-PMH: the forms arXivRaw and arXiv.

arXivRaw has the history of versions with exact dates, and marks a withdrawn one; its
authors are one line of text. arXiv has separate names, but days for dates and no number
of a version: such an entry says version 1, and nobody may conclude anything from it. The
classes of ACM and MSC are not read: arXiv has sent one in the other's place.
"""

import email.utils
import re
from datetime import datetime
from typing import Final

from lxml import etree

from ingest.feed import Entry, Form, checked, moment
from ingest.hardened_xml import text_of
from ingest.identifiers import split_id
from ingest.oai.authors import split_authors

RAW: Final = "{http://arxiv.org/OAI/arXivRaw/}"
SPLIT: Final = "{http://arxiv.org/OAI/arXiv/}"

_VERSION = re.compile(r"v(?P<number>[1-9][0-9]{0,3})")
_WITHDRAWN = "I"  # among the letters of a version's source type: nothing to be had


def entry_in(metadata: etree._Element) -> Entry:
    """The paper in a record's metadata. Raises ValueError with what is wrong about it."""
    if (raw := metadata.find(f"{RAW}arXivRaw")) is not None:
        return checked(_raw(raw))
    if (split := metadata.find(f"{SPLIT}arXiv")) is not None:
        return checked(_split(split))
    raise ValueError("neither in the form arXivRaw nor in arXiv")


def _raw(node: etree._Element) -> Entry:
    versions = sorted(map(_version, node.iterfind(f"{RAW}version")))
    if not versions:
        raise ValueError("no version")
    number, updated, withdrawn = versions[-1]
    return _entry(
        node,
        RAW,
        version=number,
        published=versions[0][1],
        updated=updated,
        authors=split_authors(text_of(node, f"{RAW}authors")),
        withdrawn=withdrawn,
        form=Form.RAW,
    )


def _split(node: etree._Element) -> Entry:
    created = moment(text_of(node, f"{SPLIT}created"), "created")
    updated = text_of(node, f"{SPLIT}updated")
    return _entry(
        node,
        SPLIT,
        version=1,
        published=created,
        updated=max(created, moment(updated, "updated")) if updated else created,
        authors=tuple(filter(None, map(_name, node.iterfind(f"{SPLIT}authors/{SPLIT}author")))),
        withdrawn=False,
        form=Form.SPLIT,
    )


def _entry(
    node: etree._Element,
    space: str,
    *,
    version: int,
    published: datetime,
    updated: datetime,
    authors: tuple[str, ...],
    withdrawn: bool,
    form: Form,
) -> Entry:
    return Entry(
        arxiv_id=split_id(text_of(node, f"{space}id"))[0],
        version=version,
        title=text_of(node, f"{space}title"),
        abstract=text_of(node, f"{space}abstract", one_line=False),
        authors=authors,
        categories=tuple(text_of(node, f"{space}categories").split()),
        published=published,
        updated=updated,
        comment=text_of(node, f"{space}comments"),
        journal_ref=text_of(node, f"{space}journal-ref"),
        doi=text_of(node, f"{space}doi"),
        licence=text_of(node, f"{space}license"),
        withdrawn=withdrawn,
        form=form,
    )


def _version(node: etree._Element) -> tuple[int, datetime, bool]:
    """Number, date, and whether the paper was withdrawn with it."""
    found = _VERSION.fullmatch(node.get("version", ""))
    if found is None:
        raise ValueError(f"{node.get('version', '')[:40]!r} is no version")
    said = text_of(node, f"{RAW}date")
    try:
        date = email.utils.parsedate_to_datetime(said)
    except ValueError:
        raise ValueError(f"no date of a version: {said[:40]!r}") from None
    date = moment(date.isoformat(), "version")
    return int(found["number"]), date, _WITHDRAWN in text_of(node, f"{RAW}source_type")


def _name(author: etree._Element) -> str:
    parts = (text_of(author, f"{SPLIT}{part}") for part in ("forenames", "keyname", "suffix"))
    return " ".join(filter(None, parts))
