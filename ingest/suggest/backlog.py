"""How far the papers are that wait for suggestions, seen from a page that stays open."""

import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from ingest.run_log import Speed
from ingest.suggest import run
from ingest.suggest.forms import SinceForm


@dataclass(frozen=True)
class Backlog:
    """What waits now, and what waited when the page was opened, in seconds since 1970.

    The page carries that moment along: nothing is kept of it here.
    """

    waiting: int
    waited: int
    since: int
    now: float

    @property
    def done(self) -> int:
        """Since the page was opened; papers that came meanwhile count against it."""
        return max(self.waited - self.waiting, 0)

    @property
    def target(self) -> int:
        return max(self.waited, self.waiting)

    @property
    def speed(self) -> Speed | None:
        """None: not known yet."""
        seconds = self.now - self.since
        if self.done == 0 or seconds <= 0:
            return None
        left = timedelta(seconds=self.waiting * seconds / self.done)
        return Speed(60 * self.done / seconds, left)

    @property
    def address(self) -> str:
        """What the page asks with, to be told how far it is."""
        return urlencode({"waited": self.target, "since": self.since})


def current(asked: SinceForm) -> Backlog:
    """As a page asks that was opened before, or that is being opened. One query."""
    waiting, now = run.waiting(), time.time()
    if asked.is_valid() and asked.cleaned_data["since"] <= now:
        return Backlog(waiting, asked.cleaned_data["waited"], asked.cleaned_data["since"], now)
    return Backlog(waiting, waiting, int(now), now)
