"""What every page may say about arXiv."""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from ingest.models import Pace

KEY = "ingest.arxiv-status"
KEPT = 10  # seconds that one answer serves the pages of a process
CALM = 3  # failures in a row that are not worth a line on every page


def arxiv_status(request: HttpRequest) -> dict[str, object]:
    """`arxiv_status` for templates: empty while all is well. A query in ten seconds at most."""
    status = cache.get(KEY)
    if status is None:
        status = _status()
        cache.set(KEY, status, KEPT)
    return {"arxiv_status": status}


def _status() -> dict[str, object]:
    pace = Pace.objects.filter(id=1).first()
    if pace is None or not (pace.stopped or pace.failures >= CALM):
        return {}
    next_try = max(filter(None, (pace.next_allowed_at, pace.open_until)))
    return {
        "reachable": False,
        "since": pace.failing_since or pace.last_asked_at,
        "next_try": None if pace.stopped else max(next_try, timezone.now()),
    }
