"""Every fault that arXiv is known for becomes a right answer or a typed error."""

import email.utils
import pickle
import socket
from datetime import UTC, datetime, timedelta

import pytest

from ingest import fetching
from ingest.arxiv import (
    ArxivRefused,
    ArxivUnavailable,
    BadAnswer,
    Client,
    Incomplete,
    QueryRejected,
    Window,
    retry_after_seconds,
)
from ingest.fetching import TooFast
from tests.ingest.conftest import JUNE
from tests.ingest.server import FakeArxiv, Record, made_up

WINDOW = Window("cat:cs.CL", *JUNE)


@pytest.fixture
def server():
    with FakeArxiv(records=made_up(8)) as server:
        yield server


def ask(server, **values):
    return Client(server.url).page(WINDOW, **values)


def test_a_page_is_asked_for_oldest_first_and_as_large_as_wanted(server):
    page = ask(server, start=2, size=5)
    assert [e.arxiv_id for e in page.entries] == [f"2506.0000{n}" for n in range(3, 8)]
    assert server.log[0].query == {
        "search_query": "(cat:cs.CL) AND submittedDate:[202506010000 TO 202506302359]",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "start": "2",
        "max_results": "5",
    }


def test_the_user_agent_says_who_we_are_and_whom_to_write_to(server):
    Client(server.url, "atlas@example.org").page(WINDOW)
    assert server.log[0].agent == (
        "Kadai/1 (an atlas of papers; polite harvester; atlas@example.org)"
    )


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("rate", TooFast, "rate exceeded"),
        ("html", BadAnswer, "a web page instead of a feed: Down for maintenance"),
        ("error", QueryRejected, "the search is not right"),
        ("400", QueryRejected, "the search is not right"),
        ("403", ArxivRefused, "HTTP 403"),
        ("429", TooFast, "HTTP 429"),
        ("500", ArxivUnavailable, "HTTP 500"),
        ("503", TooFast, "HTTP 503"),
        ("302", ArxivUnavailable, "HTTP 302"),
        ("empty", Incomplete, "announced 8 papers and sent none"),
        ("reset", ArxivUnavailable, "connection to arXiv failed"),
        ("truncate", BadAnswer, "cannot be read"),
        ("cut", ArxivUnavailable, "arXiv"),
        ("start", BadAnswer, "asked for results from 0, sent from 1"),
    ],
)
def test_a_fault_is_an_error_of_its_kind_and_one_request(server, fault, error, message):
    server.faults = [fault]
    with pytest.raises(error, match=message) as caught:
        ask(server)
    assert type(caught.value) is error or fault == "cut"
    assert len(server.log) == 1
    assert len(ask(server).entries) == 8  # and the next request fares well


def test_control_characters_in_a_feed_are_no_fault(server):
    server.faults = ["badxml"]
    assert ask(server).entries[0].title == "Made-up paper 0"


@pytest.mark.parametrize("fault", ["429", "503"])
def test_a_wait_that_arxiv_asks_for_is_kept_on_the_error(server, fault):
    server.faults = [fault]
    with pytest.raises(ArxivUnavailable) as caught:
        ask(server)
    assert caught.value.retry_after == 1.0


def test_what_an_error_quotes_can_be_kept_in_the_database(server):
    server.faults = ["nulls"]
    with pytest.raises(BadAnswer, match=r"instead of a feed: Down for maintenance$"):
        ask(server)


def test_no_one_there_is_worth_another_try():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(ArxivUnavailable, match="refused"):
        Client(f"http://127.0.0.1:{port}/api/query").page(WINDOW)


def test_a_server_that_never_answers_is_given_up_on(server, monkeypatch):
    monkeypatch.setattr(fetching, "TIMEOUT", (0.2, 0.2))
    server.pause = 0.6
    with pytest.raises(ArxivUnavailable, match="in time"):
        ask(server)


def test_an_answer_without_end_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(fetching, "LONGEST_ANSWER", 1000)
    with pytest.raises(BadAnswer, match="longer than 1,000 bytes"):
        ask(server)


def test_records_come_by_base_id_whatever_their_order(server):
    server.records.append(Record("math/0611800", datetime(2006, 11, 27, tzinfo=UTC), version=4))
    found = Client(server.url).records(["2506.00003", "math/0611800", "2506.99999"])
    assert {key: entry.version for key, entry in found.items()} == {
        "2506.00003": 1,
        "math/0611800": 4,
    }


def test_a_hundred_records_take_one_request(server):
    server.records = made_up(100)
    ids = [record.arxiv_id for record in server.records]
    assert sorted(Client(server.url).records(ids)) == ids
    assert server.log[0].query["max_results"] == "100"


@pytest.mark.parametrize("fault", ["empty", "short", "stray", "dup"])
def test_records_that_were_announced_and_did_not_come_are_an_error(server, fault):
    server.faults = [fault]
    with pytest.raises(Incomplete):
        Client(server.url).records(["2506.00001", "2506.00002", "2506.00003"])


@pytest.mark.parametrize(
    "error",
    [ArxivUnavailable("gone", 3.0), BadAnswer("odd"), Incomplete("few"), ArxivRefused("no"),
     QueryRejected("what?")],
)  # fmt: skip
def test_errors_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    assert getattr(again, "retry_after", None) == getattr(error, "retry_after", None)


NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (email.utils.format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300.0),
        (email.utils.format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0.0),
        ("9999999", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds
