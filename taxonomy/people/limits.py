"""How often something may be tried, counted in the database: for all processes together."""

import hashlib
from dataclasses import dataclass

from django.db import connection

from taxonomy.models import Attempt

COUNT = """
INSERT INTO taxonomy_attempt (key, count, resets_at)
VALUES (%(key)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN taxonomy_attempt.resets_at <= clock_timestamp() THEN 1
                 ELSE taxonomy_attempt.count + 1 END,
    resets_at = CASE WHEN taxonomy_attempt.resets_at <= clock_timestamp()
                     THEN EXCLUDED.resets_at ELSE taxonomy_attempt.resets_at END
RETURNING count
"""
# What has run out, a few rows each time a new count begins; another's rows are left to them.
SWEEP = """
DELETE FROM taxonomy_attempt WHERE key IN (
    SELECT key FROM taxonomy_attempt WHERE resets_at < clock_timestamp()
    LIMIT 20 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True)
class Limit:
    """So many tries at `what` in so many seconds, for each of whatever is counted."""

    what: str
    tries: int
    seconds: int

    def spend(self, *who: str) -> bool:
        """Count one more try; whether it is allowed. Counted before it is made: of many at
        once no more get through than the limit says."""
        values: dict[str, str | int] = {"key": self._key(who), "seconds": self.seconds}
        with connection.cursor() as cursor:
            cursor.execute(COUNT, values)
            (count,) = cursor.fetchone()
            if count == 1:
                cursor.execute(SWEEP)
        return bool(count <= self.tries)

    def forget(self, *who: str) -> None:
        """Begin anew, as after the right password."""
        Attempt.objects.filter(key=self._key(who)).delete()

    def _key(self, who: tuple[str, ...]) -> str:
        return hashlib.sha256("\x00".join((self.what, *who)).encode()).hexdigest()
