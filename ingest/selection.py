"""Which records of a stream are wanted: of these categories, since this day, with these words.

Plain Python, for the ways in where arXiv does not choose for us.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ingest.feed import Entry


@dataclass(frozen=True)
class Selection:
    """Empty fields let everything pass."""

    categories: frozenset[str] = frozenset()  # cs.CL, or cs for a whole archive
    since: date | None = None  # submitted, version 1
    match: str = ""  # phrases with | between; one of them begins a word of title or abstract

    def wants(self, entry: Entry) -> bool:
        """Whether this paper is one of those that were asked for."""
        return (
            self._wants_categories(entry.categories)
            and (self.since is None or entry.published.date() >= self.since)
            and (self._phrases is None or self._has_phrase(entry))
        )

    def _wants_categories(self, categories: Collection[str]) -> bool:
        if not self.categories:
            return True
        return any(
            category in self.categories or category.partition(".")[0] in self.categories
            for category in categories
        )

    def _has_phrase(self, entry: Entry) -> bool:
        pattern = self._phrases
        return pattern is None or bool(
            pattern.search(entry.title) or pattern.search(entry.abstract)
        )

    @cached_property
    def _phrases(self) -> re.Pattern[str] | None:
        """Escaped, so that nobody's pattern can run for ever; a blank is any white space."""
        phrases = [
            r"\s+".join(map(re.escape, phrase.split())) for phrase in self.match.split("|")
        ]
        wanted = [phrase for phrase in phrases if phrase]
        if not wanted:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})", re.IGNORECASE)
