"""The day's listing, compared with what is here."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.environment import listing_beside
from ingest import daily, listing, tasks
from ingest.models import Listing, Pace, Query, Way
from taxonomy.models import Paper
from tests.factories import PaperFactory
from tests.ingest.rss_answers import CC_BY
from tests.ingest.server import FIRST, Record, made_up

DAY = date(2025, 12, 2)
NOON = datetime(2025, 12, 2, 17, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1, minutes=1)


@pytest.fixture
def noon(monkeypatch):
    """It is noon in New York on a Tuesday."""
    clock = [NOON]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    return clock


@pytest.fixture
def followed(db):
    """A whole category by the search, another over OAI-PMH, and changes of known papers."""
    Query.objects.all().delete()
    return [
        Query.objects.create(slug=slug, name=slug, last_pulled_at=YESTERDAY, **values)
        for slug, values in {
            "search": {"search": "cat:cs.CL"},
            "words": {"search": "(cat:cs.AI) AND (ti:LLM) ANDNOT cat:cs.CL"},
            "set": {"way": Way.OAI, "search": "cs:cs:LG"},
            "known": {"way": Way.OAI, "search": "cs", "known_only": True},
        }.items()
    ]


def due():
    return sorted(Query.objects.due().values_list("slug", flat=True))


def not_by_interval():
    """All were pulled a little ago, but before the listing."""
    Query.objects.update(last_pulled_at=datetime(2025, 12, 1, 23, tzinfo=UTC))


@pytest.mark.django_db
def test_one_request_asks_for_all_that_is_followed_once_a_day(fake, noon, followed):
    fake.announced = (DAY, made_up(3))
    row = daily.read()
    assert row.categories == ["cs.AI", "cs.CL", "cs.LG"]
    assert (row.new, row.unknown, row.known, row.total, row.error) == (3, 3, 0, 3, "")
    assert daily.read() is None
    assert len(fake.log) == 1
    noon[0] += timedelta(days=1)
    assert daily.read().day == date(2025, 12, 3)
    assert Listing.objects.count() == 2


@pytest.mark.django_db
def test_weekends_have_no_listing_of_their_own(fake, noon, followed):
    fake.announced = (date(2025, 12, 5), [])
    for day in (5, 6, 7):
        noon[0] = datetime(2025, 12, day, 17, tzinfo=UTC)
        daily.read()
    assert (Listing.objects.get().day, len(fake.log)) == (date(2025, 12, 5), 1)


@pytest.mark.django_db
def test_new_papers_make_those_due_who_follow_their_category(fake, noon, followed):
    not_by_interval()
    fake.announced = (DAY, [Record("2512.00001", FIRST, categories=("cs.CL",))])
    assert due() == []
    daily.read()
    assert due() == ["search"]
    Query.objects.update(last_pulled_at=noon[0] + timedelta(seconds=1))
    assert due() == []


@pytest.mark.django_db
def test_a_new_version_of_a_known_paper_is_news_for_who_follows_changes(fake, noon, followed):
    not_by_interval()
    PaperFactory(arxiv_id="2512.00001", version=1)
    PaperFactory(arxiv_id="2512.00002", version=2)
    sent = [Record(f"2512.0000{n}", FIRST, version=2) for n in (1, 2, 3)]
    fake.announced = (DAY, sent)
    row = daily.read()
    assert (row.replaced, row.known, row.outdated, row.unknown) == (3, 1, 1, 1)
    assert due() == ["known"]  # a search goes by the day of submission


@pytest.mark.django_db
def test_a_listing_without_news_spares_records_but_no_search(fake, noon, followed):
    PaperFactory(arxiv_id="2512.00001", version=1)
    fake.announced = (DAY, [Record("2512.00001", FIRST)])
    assert due() == ["known", "search", "set", "words"]
    daily.read()
    assert due() == ["search", "words"]
    Query.objects.filter(way=Way.OAI).update(last_pulled_at=NOON - timedelta(days=3, minutes=1))
    assert due() == ["known", "search", "set", "words"]  # whatever listings say


@pytest.mark.django_db
def test_silence_lasts_a_day(fake, noon, followed):
    fake.announced = (DAY, [])
    daily.read()
    assert due() == ["search", "words"]
    noon[0] += timedelta(days=1, minutes=1)
    assert due() == ["known", "search", "set", "words"]


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["of the day before", "full", "with an item nobody can read"])
def test_only_a_whole_and_current_listing_can_say_that_there_is_nothing(
    fake, noon, followed, monkeypatch, why
):
    PaperFactory(arxiv_id="2512.00001")
    sent = [Record("2512.00001", FIRST)]
    if why == "full":
        monkeypatch.setattr(listing, "FULL", 1)
    if why == "with an item nobody can read":
        sent.append(Record("nothing", FIRST))
    fake.announced = (DAY - timedelta(days=why == "of the day before"), sent)
    row = daily.read()
    assert (row.known, row.error) == (1, "")
    assert due() == ["known", "search", "set", "words"]


@pytest.mark.django_db
def test_who_has_pulled_since_it_was_built_has_seen_it(fake, noon, followed):
    Query.objects.update(last_pulled_at=NOON - timedelta(hours=2))
    fake.announced = (DAY, made_up(2))
    daily.read()
    assert due() == []


@pytest.mark.django_db
def test_a_query_that_is_asked_once_a_week_stays_so(fake, noon, followed):
    not_by_interval()
    Query.objects.update(interval=timedelta(days=7))
    fake.announced = (DAY, made_up(2))
    daily.read()
    assert due() == []


@pytest.mark.django_db
def test_licences_of_known_papers_are_filled_in_for_their_version(fake, noon, followed):
    for n, version in enumerate((1, 2, 1), start=1):
        PaperFactory(arxiv_id=f"2512.0000{n}", version=version)
    PaperFactory(arxiv_id="2512.00004", licence=CC_BY)
    fake.announced = (DAY, [Record(f"2512.0000{n}", FIRST) for n in (1, 2, 3, 4)])
    assert daily.read().licences == 2
    rows = Paper.objects.order_by("arxiv_id").values_list("licence", "revision")
    assert list(rows) == [(CC_BY, 2), ("", 1), (CC_BY, 2), (CC_BY, 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["404", "500", "html", "reset", "truncate"])
def test_without_a_listing_all_goes_by_interval_and_nothing_looks_broken(
    fake, noon, followed, fault
):
    Pace.objects.create(failures=0, last_error="")
    for tries in (1, 2, 3, 3):
        fake.faults = [fault]
        tasks.read_listing()
        assert len(fake.log) == tries
        noon[0] += timedelta(hours=1, minutes=1)
    row = Listing.objects.get()
    assert (row.attempts, row.answered_at) == (3, None)
    assert row.error != ""
    pace = Pace.objects.get()
    assert (pace.failures, pace.last_error, pace.stopped) == (0, "", False)
    assert due() == ["known", "search", "set", "words"]


@pytest.mark.django_db
def test_a_failure_is_made_good_an_hour_later(fake, noon, followed):
    fake.announced, fake.faults = (DAY, made_up(1)), ["html"]
    assert daily.read().error != ""
    assert daily.read() is None
    noon[0] += timedelta(minutes=61)
    row = daily.read()
    assert (row.total, row.error, row.attempts) == (1, "", 2)


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "stopped"), [("429", False), ("403", True)])
def test_what_concerns_every_interface_is_kept_by_the_pace(
    fake, noon, followed, fault, stopped
):
    fake.faults = [fault]
    assert daily.read().error != ""
    pace = Pace.objects.get()
    assert (pace.stopped, pace.failures) == (stopped, 0 if stopped else 1)


@pytest.mark.django_db
def test_an_atlas_that_follows_no_category_asks_for_none(fake, noon, followed):
    Query.objects.exclude(slug="known").update(search="au:Example", enabled=False)
    assert daily.read() is None
    assert (fake.log, Listing.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_news_wakes_the_runs(
    fake, noon, followed, monkeypatch, django_capture_on_commit_callbacks
):
    calls = []
    monkeypatch.setattr(tasks.pull_due, "delay", lambda: calls.append("pull_due"))
    fake.announced = (DAY, made_up(1))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.read_listing()
        tasks.read_listing()
    assert (calls, len(fake.log)) == (["pull_due"], 1)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_ask_once(fake, db):
    Query.objects.all().delete()
    Query.objects.create(slug="q", name="q", search="cat:cs.CL")
    fake.announced = (DAY, made_up(2))
    barrier, rows = threading.Barrier(2), []

    def work():
        barrier.wait()
        rows.append(daily.read())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row is None for row in rows].count(True) == 1
    assert (len(fake.log), Listing.objects.get().total) == (1, 2)


@pytest.mark.parametrize(
    ("oai", "api", "rss"),
    [
        ("https://oaipmh.arxiv.org/oai", "https://export.arxiv.org/api/query", "real"),
        ("http://127.0.0.1:8765/oai", "http://127.0.0.1:8765/api/query", "replay"),
        ("http://127.0.0.1:8765/oai", "https://export.arxiv.org/api/query", "replay"),
        ("https://oaipmh.arxiv.org/oai", "http://127.0.0.1:8765/api/query", "replay"),
        ("http://127.0.0.1:8765/oai", "http://127.0.0.1:9000/api/query", "replay"),
        ("http://127.0.0.1:8765/arxiv.org/oai", "https://export.arxiv.org/api/query", "replay"),
    ],
)
def test_beside_a_copy_the_real_listing_is_never_asked(oai, api, rss):
    at = {"real": "https://rss.arxiv.org/rss", "replay": "http://127.0.0.1:8765/rss"}
    assert listing_beside(oai, api) == at[rss]
