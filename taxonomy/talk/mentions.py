"""A comment's text taken apart: paragraphs, lines, links and names. Nothing else is markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taxonomy.models import User

MOST = 10  # people one comment calls
_PART = re.compile(
    r"(?P<link>https?://[^\s<>\"“”‘’「」、。]+)|(?<![\w@.+/-])@(?P<name>[\w.+-]+)",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; a link has an address, a mention a name."""

    text: str
    href: str = ""
    name: str = ""


def pieces_of(line: str) -> Iterator[Piece]:
    """Joined, their texts are the line."""
    at = 0
    for found in _PART.finditer(line):
        whole = _without_the_end(found["link"]) if found["link"] else "@" + _name(found["name"])
        if whole == "@" or ("://" in whole and not whole.partition("://")[2]):
            continue
        if found.start() > at:
            yield Piece(line[at : found.start()])
        yield Piece(whole, href=whole) if found["link"] else Piece(whole, name=whole[1:])
        at = found.start() + len(whole)
    if at < len(line):
        yield Piece(line[at:])


def paragraphs_of(text: str) -> list[list[list[Piece]]]:
    """Paragraphs of lines of pieces."""
    blocks = _BLANK_LINE.split(text.strip("\n"))
    return [[list(pieces_of(line)) for line in block.split("\n")] for block in blocks if block]


def names_in(text: str) -> list[str]:
    """Whom the text calls, each once, in their order."""
    found = [piece.name for line in text.split("\n") for piece in pieces_of(line) if piece.name]
    return list(dict.fromkeys(found))[:MOST]


def called_in(text: str) -> list[User]:
    """The accounts of those names, however they are spelled. One query, none without names."""
    wanted = names_in(text)
    if not wanted:
        return []
    pattern = "^(" + "|".join(re.escape(name) for name in wanted) + ")$"
    return list(User.objects.filter(username__iregex=pattern, is_active=True).order_by("pk"))


def renamed(text: str, old: str, new: str) -> str:
    """The text with another name wherever it called that one."""
    lines = []
    for line in text.split("\n"):
        pieces = pieces_of(line)
        lines.append(
            "".join(
                f"@{new}" if piece.name.casefold() == old.casefold() else piece.text
                for piece in pieces
            )
        )
    return "\n".join(lines)


def _name(name: str) -> str:
    """Without the full stop that ends the sentence."""
    return name.rstrip(".+-")


def _without_the_end(link: str) -> str:
    """Without what closes the sentence or the bracket around the address."""
    link = link.rstrip(".,;:!?*_'")
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(".,;:!?*_'")
    return link
