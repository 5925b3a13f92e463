"""arXiv's identifiers and categories: what is one, and their parts. Plain Python."""

import re

# The article is the base id; the version is a number beside it. Never split at "v":
# solv-int/9701001 has one.
_MODERN = re.compile(r"(?P<base>(?P<yymm>[0-9]{4})\.(?P<number>[0-9]{4,5}))")
_OLD = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)*)(?:\.[A-Za-z]{2})?/(?P<number>(?P<yymm>[0-9]{4})[0-9]{3})"
)
_VERSION = re.compile(r"v(?P<version>[1-9][0-9]{0,3})")
_PREFIX = re.compile(
    r"(?:https?://)?(?:(?:www|export)\.)?arxiv\.org/(?:abs|pdf|html)/"
    r"|(?:https?://(?:dx\.)?doi\.org/)?10\.48550/arxiv\.|arxiv:",
    re.IGNORECASE,
)
_FIRST_MODERN, _FIRST_FIVE_DIGITS = 704, 1501  # as YYMM
LONGEST = 200

_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*\.[A-Za-z]+(?:-[a-z]+)*")
_LONGEST_CATEGORY = 32
_UNDIVIDED = frozenset(  # archives that are a category themselves, those of the past included
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg "
    "comp-gas cond-mat cs dg-ga econ eess funct-an gr-qc hep-ex hep-lat hep-ph hep-th math "
    "math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio q-fin "
    "quant-ph solv-int stat supr-con".split()
)


def is_category(text: str) -> bool:
    """Whether it can be one of arXiv's: authors also give classes of ACM and MSC, and words."""
    return text in _UNDIVIDED or (
        len(text) <= _LONGEST_CATEGORY and _CATEGORY.fullmatch(text) is not None
    )


def split_id(text: str) -> tuple[str, int | None]:
    """(base id, version or None) of an id, with or without `arXiv:`, an address or a DOI.

    The subject class of an old id is dropped, as arXiv does outside: math.CA/0611800 is
    math/0611800. Raises ValueError with what is wrong about it.
    """
    bare = text.strip()
    if len(bare) > LONGEST:
        raise ValueError("too long for an arXiv id")
    if found := _PREFIX.match(bare):
        bare = bare[found.end() :].removesuffix(".pdf")
    if modern := _MODERN.match(bare):
        base, end = _modern(modern), modern.end()
    elif old := _OLD.match(bare):
        base, end = _old(old), old.end()
    else:
        raise ValueError(f"{text.strip()[:60]!r} is no arXiv id")
    if end == len(bare):
        return base, None
    version = _VERSION.fullmatch(bare, end)
    if version is None:
        raise ValueError(f"{text.strip()[:60]!r} is no arXiv id")
    return base, int(version["version"])


def _modern(found: re.Match[str]) -> str:
    yymm = int(found["yymm"])
    _require_month(yymm)
    if yymm < _FIRST_MODERN:
        raise ValueError(f"{found['base']}: ids of this kind begin in 0704")
    digits = 5 if yymm >= _FIRST_FIVE_DIGITS else 4
    if len(found["number"]) != digits:
        raise ValueError(f"{found['base']}: ids of that month have {digits} digits")
    return found["base"]


def _old(found: re.Match[str]) -> str:
    yymm = int(found["yymm"])
    _require_month(yymm)
    if _FIRST_MODERN <= yymm < 9100:
        raise ValueError(f"{found[0]}: ids of this kind end in 0703")
    return f"{found['archive']}/{found['number']}"


def _require_month(yymm: int) -> None:
    if not 1 <= yymm % 100 <= 12:
        raise ValueError(f"{yymm:04d} is no year and month")
