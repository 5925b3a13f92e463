"""A made-up arXiv for the tests of the ingest, and a pace that suits them."""

from datetime import UTC, datetime

import pytest

from ingest import cursor, pace
from ingest.models import Query
from taxonomy import people
from tests.ingest.server import FakeArxiv

JUNE = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 6, 30, 23, 59, tzinfo=UTC)


@pytest.fixture
def fake(settings, monkeypatch):
    """An arXiv that answers; the waits after failures are as short as the delay."""
    settings.ARXIV_DELAY_SECONDS = 0.01
    monkeypatch.setattr(pace, "wait_after", lambda failures, delay, retry_after=None: delay)
    with FakeArxiv() as server:
        settings.ARXIV_API_URL, settings.ARXIV_OAI_URL = server.url, server.oai_url
        settings.ARXIV_RSS_URL = server.rss_url
        yield server


@pytest.fixture
def query(db):
    return Query.objects.create(slug="made-up", name="Made-up papers", search="cat:cs.CL")


@pytest.fixture
def keeper(db):
    """May look after the harvest."""
    return people.create_curator("keeper")


@pytest.fixture
def small_pages(monkeypatch):
    """Twenty papers a page, so that a few dozen make a run of several."""
    monkeypatch.setattr(cursor, "PAGE", 20)
    monkeypatch.setattr(cursor, "SMALLEST_PAGE", 5)
