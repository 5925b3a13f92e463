"""Single papers asked for by id, and whether the answer can be believed."""

from ingest.arxiv import Incomplete, QueryRejected
from ingest.asking import Asker
from ingest.feed import Entry

CONTROL = "cat:cs.CL"  # a search that has results wherever there is an arXiv


def by_id(ids: list[str], asker: Asker) -> dict[str, Entry]:
    """What arXiv has of these, up to 100. One id that it rejects spoils the whole request:
    then halves are asked."""
    try:
        return asker(lambda: asker.client.records(ids)) or _believe_none(ids, asker)
    except QueryRejected:
        if len(ids) == 1:
            return {}
    middle = len(ids) // 2
    return by_id(ids[:middle], asker) | by_id(ids[middle:], asker)


def _believe_none(ids: list[str], asker: Asker) -> dict[str, Entry]:
    """None of them is suspect: it is what a broken index says, too.

    A search that must find something is asked; then the second answer counts.
    """
    if not asker(lambda: asker.client.total(CONTROL)):
        raise Incomplete(f"arXiv says it has none of {len(ids)} papers, and no others either")
    return asker(lambda: asker.client.records(ids))
