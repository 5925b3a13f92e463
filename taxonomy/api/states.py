"""The state of a paper as an entity tag names it, and whether If-Match still meets it."""

from dataclasses import dataclass

from django.utils.http import parse_etags
from rest_framework.request import Request

from taxonomy.api.errors import StateChanged
from taxonomy.models import Decision, Paper


@dataclass(frozen=True)
class PaperState:
    """The revision of its record, and the last decision on it."""

    revision: int
    decision: int

    def etag(self, *form: object) -> str:
        """`form` sets answers apart that show the same state in other words."""
        return '"' + "-".join(map(str, (self.revision, self.decision, *form))) + '"'

    def is_met_by(self, etag: str) -> bool:
        # Weak, too: compression on the way makes a strong tag weak.
        values = etag.removeprefix("W/").strip('"').split("-")
        return values[:2] == [str(self.revision), str(self.decision)]


def paper_state(paper: Paper) -> PaperState:
    """One query. Decisions on one paper come one after another, so the last tells all."""
    last = Decision.objects.filter(paper=paper).order_by("-id").values_list("id", flat=True)
    return PaperState(paper.revision, last.first() or 0)


def require_match(request: Request, state: PaperState) -> None:
    """StateChanged if the caller has read another state. Without If-Match, none is asked."""
    header = request.headers.get("If-Match", "")
    if not header or header.strip() == "*":
        return
    if not any(state.is_met_by(etag) for etag in parse_etags(header)):
        raise StateChanged
