"""Faults that arXiv has shown before, and that would lose papers without a word."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import harvest
from ingest.arxiv import Client, QueryRejected, Window
from ingest.oai.answers import parse_records
from tests.ingest.conftest import JUNE
from tests.ingest.oai_answers import listing, record_of
from tests.ingest.running import account, begin, go, ids
from tests.ingest.server import FakeArxiv, made_up

pytestmark = pytest.mark.usefixtures("small_pages")


def blind_to_this_year(found):
    """What finds nothing where the window ends in the current year."""

    def search(query):
        end = re.search(r"TO ([0-9]{4})", query["search_query"])
        return [] if end and int(end[1]) == timezone.now().year else found(query)

    return search


@pytest.mark.django_db
@pytest.mark.parametrize("zeros", [1, 2, 3, 6])
def test_a_storm_of_zeros_in_the_middle_ends_no_run(fake, query, zeros):
    fake.records = made_up(50)
    fake.faults = [None, *["zero"] * zeros]
    assert account(go(begin(query))) == ("done", 50, 50, 0, 0, 0)
    assert len(ids()) == 50


@pytest.mark.django_db
@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_zeros_on_the_last_page_end_no_run(fake, query, zeros):
    fake.records = made_up(50)
    fake.faults = [None, None, *["zero"] * zeros]
    assert account(go(begin(query))) == ("done", 50, 50, 0, 0, 0)


@pytest.mark.django_db
def test_a_window_that_is_empty_only_because_it_ends_this_year_is_no_empty_day(fake, query):
    fake.records = made_up(5, first=timezone.now() - timedelta(days=3))
    fake.found = blind_to_this_year(fake.found)
    run = go(harvest.begin(query, trigger="schedule"), steps=2)
    assert (run.state, run.received) == ("running", 0)
    assert run.error == "arXiv finds 5 papers only where the window ends in another year"
    query.refresh_from_db()
    assert query.watermark is None
    del fake.found
    assert account(go(run, step=run.step)) == ("done", 5, 5, 0, 0, 0)


@pytest.mark.django_db
def test_an_empty_day_that_is_true_is_done(fake, query):
    fake.records = made_up(5)
    run = go(harvest.begin(query, trigger="schedule"))
    assert account(run) == ("done", 0, 0, 0, 0, 0)
    query.refresh_from_db()
    assert query.watermark == run.until


@pytest.mark.parametrize("size", [1, 10, 150])
def test_as_many_are_asked_for_as_are_wanted(size):
    with FakeArxiv(records=made_up(160)) as server:
        assert len(Client(server.url).page(Window("cat:cs.CL", *JUNE), size=size)) == size
        assert server.log[0].query["max_results"] == str(size)


def test_an_error_without_dates_is_no_empty_feed():
    with FakeArxiv(faults=["error"]) as server, pytest.raises(QueryRejected):
        Client(server.url).total("all:(")


def test_the_class_of_another_society_in_the_field_for_acms_is_not_read():
    raw = record_of(made_up(1)[0]).replace(
        "<abstract>", "<acm-class>35Q55</acm-class><abstract>"
    )
    page = parse_records(listing([raw]).encode())
    assert "35Q55" in raw
    assert [entry.categories for entry in page.entries] == [("cs.CL",)]
    assert "35Q55" not in str(page.entries)
