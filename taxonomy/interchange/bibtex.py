"""BibTeX of many papers; what one entry looks like is `taxonomy.citations`'."""

from collections.abc import Iterable, Iterator

from taxonomy import citations
from taxonomy.interchange.papers import TaggedPaper


def papers(found: Iterable[TaggedPaper]) -> Iterator[str]:
    for one in found:
        yield citations.of_paper(one.paper) + "\n\n"
