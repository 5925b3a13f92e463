"""Which refusals a page shows: its filters from the address, and keyset paging."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from ingest.models import Refusal, Way

SIZE = 25
LARGEST_ID = 2**63 - 1
OPEN, SETTLED, ANY = "open", "settled", "any"


@dataclass(frozen=True)
class RefusalFilter:
    """What is asked for; empty fields ask for nothing, and so does what nobody can mean."""

    state: str = OPEN
    kind: str = ""
    way: str = ""
    query: str = ""  # slug
    run: int | None = None
    before: int | None = None  # older than this id
    after: int | None = None  # newer

    @classmethod
    def of(cls, asked: QueryDict) -> "RefusalFilter":
        state = asked.get("state", "")
        kind, way = asked.get("kind", ""), asked.get("way", "")
        return cls(
            state=state if state in {OPEN, SETTLED, ANY} else OPEN,
            kind=kind if kind in Refusal.Kind.values else "",
            way=way if way in Way.values else "",
            query=asked.get("query", "")[:60].replace("\x00", ""),
            run=_number(asked.get("run", "")),
            before=_number(asked.get("before", "")),
            after=_number(asked.get("after", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        return replace(self, before=None, after=None, state=OPEN) != RefusalFilter()

    def rows(self) -> QuerySet[Refusal]:
        """All that meet the conditions, whatever the page."""
        rows = Refusal.objects.for_list()
        if self.state != ANY:
            rows = rows.open() if self.state == OPEN else rows.settled()
        wanted = {
            "kind": self.kind,
            "harvest__way": self.way,
            "harvest__query__slug": self.query,
            "harvest": self.run,
        }
        return rows.filter(**{name: value for name, value in wanted.items() if value})

    def page(self) -> "RefusalPage":
        """One query, as fast on the last page as on the first."""
        rows = self.rows()
        if self.after is not None:
            found = list(rows.filter(pk__gt=self.after).order_by("pk")[: SIZE + 1])
            more, found = len(found) > SIZE, found[:SIZE][::-1]
            return RefusalPage(found, self._to(after=more, rows=found), self._to(rows=found))
        if self.before is not None:
            rows = rows.filter(pk__lt=self.before)
        found = list(rows[: SIZE + 1])
        more, found = len(found) > SIZE, found[:SIZE]
        newer = self._to(after=self.before is not None, rows=found)
        return RefusalPage(found, newer, self._to(rows=found) if more else "")

    def url(self, **changes: object) -> str:
        """The list with other conditions, from its beginning unless a place is given."""
        other = replace(self, **({"before": None, "after": None} | changes))  # type: ignore[arg-type]
        named = {name: value for name, value in vars(other).items() if value not in {"", None}}
        if named["state"] == OPEN:
            del named["state"]
        return reverse("ingest:refusals") + (f"?{urlencode(named)}" if named else "")

    def _to(self, *, rows: list[Refusal], after: bool | None = None) -> str:
        """The address of newer ones, if there are any; without `after`, of older ones."""
        if not rows or after is False:
            return ""
        return self.url(after=rows[0].pk) if after else self.url(before=rows[-1].pk)


@dataclass(frozen=True)
class RefusalPage:
    rows: list[Refusal]
    newer: str  # addresses; empty at an end
    older: str


def _number(text: str) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(int(text), LARGEST_ID)
