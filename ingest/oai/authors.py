"""A line of authors as its submitter wrote it, made a list of names.

arXiv's own forms with separate names are better where there is a choice; this follows
the conventions that arXiv asks submitters to keep.
"""

import re
from collections.abc import Iterator

_SEPARATOR = re.compile(r"\s*[,;:]\s*(?:and\s+|&\s+)?|\s+(?:and|\\?&)\s+", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|2nd|3rd)\.?", re.IGNORECASE)
_LEADING = re.compile(
    r"\s*(?:and|for(?= the )|on behalf of|with an appendix by)\s+(?:the\s+)?", re.IGNORECASE
)
_OTHERS = re.compile(r"\s*\bet\.? al\.?$", re.IGNORECASE)
_LETTER = re.compile(r"[^\W_]")


def split_authors(line: str) -> tuple[str, ...]:
    """The names, without affiliations in brackets; a collaboration is a name, too."""
    names: list[str] = []
    for part in _parts(_without_brackets(line)):
        leading = _LEADING.match(part)
        name = " ".join(part[leading.end() if leading else 0 :].split())
        name = _OTHERS.sub("", name)
        if _SUFFIX.fullmatch(name) and names:
            names[-1] += f" {name}"
        elif _LETTER.search(name):
            names.append(name)
    return tuple(names)


def _without_brackets(line: str) -> str:
    """Brackets inside brackets go with them; one without its other half is a blank."""
    kept: list[str] = []
    opened: list[int] = []
    for character in line:
        if character == "(":
            opened.append(len(kept))
            kept.append(" ")
        elif character == ")":
            if opened:
                del kept[opened.pop() :]
            kept.append(" ")
        else:
            kept.append(character)
    return "".join(kept)


def _parts(line: str) -> Iterator[str]:
    """Between separators, except where TeX's braces hold a name together."""
    waiting: list[str] = []
    depth = at = 0
    for found in _SEPARATOR.finditer(line):
        part = line[at : found.start()]
        depth = max(depth + part.count("{") - part.count("}"), 0)
        waiting.append(part)
        if depth:
            waiting.append(found[0])
        else:
            yield "".join(waiting)
            waiting.clear()
        at = found.end()
    yield "".join([*waiting, line[at:]])
