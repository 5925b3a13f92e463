"""RIS, which reference managers read: a tag, two spaces, a dash, a value, a line."""

from collections.abc import Iterable, Iterator

from taxonomy import citations
from taxonomy.interchange.papers import TaggedPaper

END = "\r\n"


def papers(found: Iterable[TaggedPaper]) -> Iterator[str]:
    for one in found:
        fields = (f"{tag}  - {flat(value)}" for tag, value in _fields(one) if value)
        yield END.join([*fields, "ER  - ", "", ""])


def flat(value: str) -> str:
    """On one line: a line break would begin another field. Control characters go, too."""
    return "".join(c for c in " ".join(value.split()) if c.isprintable())


def _fields(one: TaggedPaper) -> Iterator[tuple[str, str]]:
    paper = one.paper
    yield "TY", "JOUR" if paper.journal_ref else "GEN"
    yield "TI", paper.title_plain
    for name in paper.authors:
        yield "AU", name
    yield "PY", f"{paper.published_at:%Y}"
    yield "DA", f"{paper.published_at:%Y/%m/%d}"
    yield "AB", paper.abstract_plain
    yield "T2", paper.journal_ref
    yield "DO", paper.doi
    yield "AN", f"arXiv:{paper.arxiv_id}"
    yield "N1", citations.status(paper)
    for term in one.direct:
        yield "KW", term.pref_label("en")
    yield "UR", paper.abs_url
