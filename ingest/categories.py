"""arXiv's categories, as each of its interfaces names them. Plain Python.

A category is `cs.CL`, or an archive without subjects such as `quant-ph`. The search API
calls it `cat:cs.CL`, OAI-PMH the set `cs:cs:CL` (group, archive, subject), the daily
listing `cs.CL`. Archives (`cs`) are sets and listings, too.
"""

import re

_OWN_GROUP = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})
_PHYSICS = "physics"
_WITHOUT_SUBJECTS = frozenset(
    "gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph".split()
)
_NAME = r"[a-z]+(?:-[a-z]+)*(?:\.(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)*))?"
_TERM = re.compile(rf"\bcat:({_NAME})\b(?:\.?\*)?")
_WHOLE = re.compile(rf"\s*\(?\s*cat:({_NAME})\s*\)?\s*")
_LEFT_OUT = re.compile(r"\bANDNOT\s+(?:\([^()]*\)|\S+)")


def in_search(search: str) -> frozenset[str]:
    """The categories and archives that a search looks into; none: it names none."""
    return frozenset(_TERM.findall(_LEFT_OUT.sub(" ", search)))


def whole(search: str) -> str:
    """The category that a search takes in as a whole; empty where it chooses further."""
    found = _WHOLE.fullmatch(search)
    return found[1] if found and not is_archive(found[1]) else ""


def is_archive(name: str) -> bool:
    """An archive with subjects is no category of its own: no paper is in `cs` alone."""
    return "." not in name and name not in _WITHOUT_SUBJECTS


def set_of(category: str) -> str:
    """The OAI-PMH set of a category or an archive."""
    archive, _, subject = category.partition(".")
    group = archive if archive in _OWN_GROUP else _PHYSICS
    return ":".join(filter(None, (group, archive, subject)))


def of_set(spec: str) -> str:
    """The category or archive of an OAI-PMH set; empty for physics as a group."""
    group, _, rest = spec.partition(":")
    if not rest:
        return group if group in _OWN_GROUP else ""
    archive, _, subject = rest.partition(":")
    return f"{archive}.{subject}" if subject else archive


def covers(name: str, categories: tuple[str, ...]) -> bool:
    """Whether a paper of these categories is in that category or archive."""
    return any(one == name or one.startswith(f"{name}.") for one in categories)
