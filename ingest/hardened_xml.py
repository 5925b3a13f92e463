"""XML from outside, read without trust. Plain Python.

What XML forbids is blanked before it is read; there are no document types, no entities, no
network and no trees without limit (libxml2's: depth 256, 10 MB a text).
"""

import re

from lxml import etree

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Controls that XML allows, and those that turn the direction of the text around.
_UNREADABLE = re.compile("[\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_REFERENCE = re.compile(r"&#(?:x(?P<hex>[0-9A-Fa-f]{1,8})|(?P<decimal>[0-9]{1,10}));")


MOST_TAGS = 2_000_000  # of a page of 20,000 identifiers it is a seventh
MOST_RECORDS = 50_000  # in one answer; 20,000 identifiers are the most that arXiv sends

_DOCTYPE = re.compile(r"\s*+(?:<\?.*?\?>\s*+|<!--.*?-->\s*+)*+<!DOCTYPE", re.DOTALL)


class Unsafe(ValueError):
    """Nothing that arXiv sends: it is not even parsed."""


def plain_text(body: bytes) -> str:
    """The legal text of an answer that may be parsed. Raises Unsafe."""
    text = legal_text(body)
    if _DOCTYPE.match(text):
        raise Unsafe("it has a document type, which arXiv's answers never have")
    if text.count("<") > MOST_TAGS:
        raise Unsafe(f"it has more than {MOST_TAGS:,} tags")
    return text


def require_few(records: int) -> None:
    """Each record costs time: raises Unsafe before it is spent."""
    if records > MOST_RECORDS:
        raise Unsafe(f"it has {records:,} records")


def legal_text(body: bytes) -> str:
    """The text without controls, lone surrogates and references to them."""
    text = body.decode("utf-8-sig", errors="replace")
    return _REFERENCE.sub(_legal_reference, _FORBIDDEN.sub(" ", text))


def _legal_reference(found: re.Match[str]) -> str:
    code = int(found["hex"], 16) if found["hex"] else int(found["decimal"])
    if code > 0x10FFFF or _FORBIDDEN.match(chr(code)):
        return " "
    return found[0]


def read_xml(text: str) -> etree._Element:
    """The root element of what went through `plain_text`. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(text.encode(), parser)


def text_of(node: etree._Element, path: str, *, one_line: bool = True) -> str:
    """The words of the first element at `path`; empty where there is none."""
    found = node.find(path)
    if found is None:
        return ""
    text = _UNREADABLE.sub(" ", "".join(str(part) for part in found.itertext()))
    return " ".join(text.split()) if one_line else text.strip()


def excerpt(text: str) -> str:
    """The first readable words, without markup, for a message."""
    words = " ".join(re.sub(r"<[^>]{0,200}>", " ", text[:2000]).split())
    return repr(words[:80]) if words else "an empty body"
