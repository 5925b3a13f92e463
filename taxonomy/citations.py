"""How to cite what a page shows, as BibTeX."""

import re
import unicodedata
from datetime import date

from taxonomy.models import Paper

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    # BibTeX counts braces whether or not a backslash stands before them.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def escape(text: str) -> str:
    """On one line, and nothing in it has a meaning to TeX."""
    flat = " ".join(text.split())
    return "".join(SPECIAL.get(c, c) for c in flat if c.isprintable())


def _author(name: str) -> str:
    """As it is; braces keep a name whole that BibTeX would take apart."""
    escaped = escape(name)
    apart = "," in escaped or " and " in f" {escaped.lower()} "
    return f"{{{escaped}}}" if apart else escaped


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _key_word(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def of_paper(paper: Paper) -> str:
    """An entry as arXiv suggests it, titles escaped."""
    names = paper.authors[0].split() if paper.authors else []
    family = _key_word(names[-1]) if names else ""
    key = (family or "arxiv") + f"{paper.published_at:%Y}" + _key_word(paper.arxiv_id)
    return _entry(
        "misc",
        key,
        {
            "title": "{" + escape(paper.title_plain) + "}",
            "author": " and ".join(_author(name) for name in paper.authors),
            "year": f"{paper.published_at:%Y}",
            "eprint": paper.arxiv_id,
            "archivePrefix": "arXiv",
            "primaryClass": paper.primary_category,
            "doi": escape(paper.doi),
            "url": paper.abs_url,
            "note": status(paper),
        },
    )


def status(paper: Paper) -> str:
    """That it was withdrawn or removed, in English as the formats are; empty if it stands."""
    if paper.removed_at:
        return f"Removed from arXiv on {paper.removed_at:%Y-%m-%d}"
    return f"Withdrawn in version {paper.version}" if paper.withdrawn else ""


def of_concept(label: str, slug: str, url: str, edition: int | None, modified: date) -> str:
    """The entry of a concept in an edition of the taxonomy."""
    note = f"Edition {edition}" if edition else "Living edition"
    return _entry(
        "misc",
        f"kadai-{slug}",
        {
            "title": "{" + escape(label) + "}",
            "author": "{Kadai}",
            "howpublished": "Kadai, the atlas of the challenges of large language models",
            "note": f"{note}, changed {modified:%Y-%m-%d}",
            "year": f"{modified:%Y}",
            "url": url,
        },
    )
