"""Which open suggestions are meant, when many are decided at once."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from typing import Any, Self

from taxonomy.models import Suggestion
from taxonomy.models.review import SuggestionQuerySet

DAYS = ("since", "until", "published_after", "published_before")


@dataclass(frozen=True)
class SuggestionFilter:
    """Empty fields ask for nothing. Days are of UTC; the first counts, the last does not."""

    concept: str = ""  # slug; what is narrower has suggestions of its own
    suggester: str = ""
    least: float | None = None  # probability
    most: float | None = None
    since: date | None = None  # when it was suggested
    until: date | None = None
    published_after: date | None = None
    published_before: date | None = None

    @property
    def is_empty(self) -> bool:
        return self == SuggestionFilter()

    def rows(self) -> SuggestionQuerySet:
        """The open ones that meet all this, on papers and concepts that take decisions."""
        wanted: dict[str, object] = {
            "concept__slug": self.concept or None,
            "suggester": self.suggester or None,
            "score__gte": self.least,
            "score__lte": self.most,
            "created_at__gte": _start_of(self.since),
            "created_at__lt": _start_of(self.until),
            "paper__published_at__gte": _start_of(self.published_after),
            "paper__published_at__lt": _start_of(self.published_before),
        }
        given = {name: one for name, one in wanted.items() if one is not None}
        return Suggestion.objects.open().filter(
            **given,
            concept__deprecated=False,
            paper__withdrawn=False,
            paper__removed_at__isnull=True,
        )

    def as_json(self) -> dict[str, Any]:
        """What was given, as `from_json` reads it."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in vars(self).items()
            if value not in {"", None}
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        given = {one.name: stored[one.name] for one in fields(cls) if one.name in stored}
        for name in DAYS:
            if name in given:
                given[name] = date.fromisoformat(given[name])
        return cls(**given)


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
