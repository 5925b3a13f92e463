"""The OAI-PMH client: what it asks, and what it makes of every fault."""

from datetime import UTC, date, datetime

import pytest

from ingest.feed import Form
from ingest.fetching import (
    ArxivRefused,
    ArxivUnavailable,
    BadAnswer,
    QueryRejected,
    TooFast,
)
from ingest.oai import BadToken, Client, Deleted, Selective, require_set
from tests.ingest.server import FakeArxiv, made_up

JUNE = Selective("cs:cs:CL", date(2025, 6, 1), date(2025, 6, 30))


@pytest.fixture
def server():
    with FakeArxiv(records=made_up(45)) as server:
        yield server


@pytest.fixture
def client(server):
    return Client(server.oai_url, "atlas@example.org")


def test_a_list_is_asked_for_by_set_and_days(server, client):
    page = client.records(JUNE)
    assert len(page) == 20
    assert server.log[0].query == {
        "verb": "ListRecords",
        "metadataPrefix": "arXivRaw",
        "set": "cs:cs:CL",
        "from": "2025-06-01",
        "until": "2025-06-30",
    }


def test_a_token_goes_alone_and_is_encoded_once(server, client):
    token = client.records(JUNE).token
    page = client.records(JUNE, token)
    assert server.log[1].query == {"verb": "ListRecords", "resumptionToken": token}
    assert "&skip=20" in token
    assert page.entries[0].arxiv_id == "2506.00021"
    assert client.records(JUNE, page.token).token == ""


def test_it_says_who_asks_and_whom_to_write_to(server, client):
    client.identify()
    assert server.log[0].agent == (
        "Kadai/1 (an atlas of papers; polite harvester; atlas@example.org)"
    )
    assert server.log[0].sender == "atlas@example.org"
    Client(server.oai_url, "https://example.org").identify()
    assert server.log[1].sender == ""  # an address of the web is no sender


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("rate", TooFast, "rate exceeded"),
        ("html", BadAnswer, "a web page instead of a feed: Down for maintenance"),
        ("error", QueryRejected, r"the request is not right \(badArgument\)"),
        ("400", QueryRejected, "HTTP 400"),
        ("403", ArxivRefused, "HTTP 403"),
        ("429", TooFast, "HTTP 429"),
        ("500", ArxivUnavailable, "HTTP 500"),
        ("503", TooFast, "HTTP 503"),
        ("302", ArxivUnavailable, "HTTP 302"),
        ("empty", BadAnswer, "without a record"),
        ("reset", ArxivUnavailable, "connection to arXiv failed"),
        ("truncate", BadAnswer, "cannot be read"),
        ("cut", ArxivUnavailable, "arXiv"),
    ],
)
def test_a_fault_is_an_error_of_its_kind_and_one_request(server, client, fault, error, message):
    server.faults = [fault]
    with pytest.raises(error, match=message) as caught:
        client.records(JUNE)
    assert type(caught.value) is error or fault == "cut"
    assert len(server.log) == 1
    assert len(client.records(JUNE)) == 20  # and the next request fares well


@pytest.mark.parametrize("fault", ["429", "503"])
def test_a_wait_that_arxiv_asks_for_is_kept_on_the_error(server, client, fault):
    server.faults = [fault]
    with pytest.raises(ArxivUnavailable) as caught:
        client.records(JUNE)
    assert caught.value.retry_after == 1.0


def test_a_token_that_is_refused_is_an_error_of_its_own(server, client):
    token = client.records(JUNE).token
    server.faults = ["badtoken"]
    with pytest.raises(BadToken, match=r"expired \(badResumptionToken\)"):
        client.records(JUNE, token)


def test_nothing_is_no_fault_and_still_says_when(server, client):
    day = Selective(since=date(2026, 1, 1))
    for listed in (client.records(day), client.identifiers(day)):
        assert (listed.count, listed.headers, listed.token) == (0, (), "")
        assert listed.responded_at == datetime(2025, 7, 1, 4, 5, 6, tzinfo=UTC)


def test_nothing_in_the_middle_of_a_list_is_a_fault(server, client):
    token = client.records(JUNE).token
    server.faults = ["zero"]
    with pytest.raises(BadAnswer, match="nothing where there must be"):
        client.records(JUNE, token)


def test_identifiers_come_with_their_days(server, client):
    listed = client.identifiers(Selective())
    assert (listed.count, listed.headers[0].arxiv_id) == (20, "2506.00001")
    assert listed.headers[0].datestamp == date(2025, 6, 1)


def test_one_record_comes_by_its_id_or_is_unknown(server, client):
    server.records[1].deleted = True
    found = client.record("2506.00001", prefix="arXiv")
    assert (found.title, found.form) == ("Made-up paper 0", Form.SPLIT)
    assert isinstance(client.record("2506.00002"), Deleted)
    assert client.record("2506.99999") is None
    server.records[0].oai = server.records[2].oai or "<record/>"
    assert client.record("2506.00001").reason == "no header"


@pytest.mark.parametrize(
    "spec", ["cs", "cs:cs", "cs:cs:CL", "physics:hep-th", "physics:cond-mat:str-el"]
)
def test_a_set_is_a_group_an_archive_or_a_category(spec):
    assert require_set(spec) == spec


@pytest.mark.parametrize(
    "spec", ["", "cs.CL", "cs:cs:CL:x", "cs:", ":cs", "CS", "cs cs", "cs&x=y"]
)
def test_what_is_no_set_is_told(spec):
    with pytest.raises(ValueError, match=r"is no set\. Write it as cs, cs:cs or cs:cs:CL"):
        require_set(spec)
