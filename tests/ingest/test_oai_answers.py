"""Answers of OAI-PMH, from bytes to records, however they come."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feed import Form, Refused
from ingest.oai.answers import (
    Deleted,
    Header,
    Malformed,
    Page,
    ProtocolError,
    parse_headers,
    parse_identity,
    parse_records,
)
from tests.ingest.oai_answers import error, header_of, listing, record_of, wrap
from tests.ingest.server import FIRST, Record, made_up

LATER = datetime(2025, 8, 1, 2, 3, 4, tzinfo=UTC)


def read(*records, **values):
    return parse_records(listing(records, **values).encode(errors="surrogatepass"))


def only(record, prefix="arXivRaw"):
    (entry,) = read(record_of(record, prefix)).entries
    return entry


def paper(**values):
    return Record("2506.00001", FIRST, **values)


def test_a_raw_record_is_read_whole():
    entry = only(
        paper(
            title="On\n  it",
            version=3,
            updated=LATER,
            comment="12 pages",
            categories=("cs.CL", "cs.AI", "I.2.7"),
            authors=("Ada Example (Here)", "Bo Sample"),
            licence="http://creativecommons.org/licenses/by/4.0/",
        )
    )
    assert (entry.arxiv_id, entry.version, entry.form) == ("2506.00001", 3, Form.RAW)
    assert (entry.title, entry.abstract) == ("On it", "It is about a language model.")
    assert (entry.published, entry.updated) == (FIRST, LATER)
    assert entry.authors == ("Ada Example", "Bo Sample")
    assert entry.categories == ("cs.CL", "cs.AI")
    assert (entry.comment, entry.licence) == (
        "12 pages",
        "http://creativecommons.org/licenses/by/4.0/",
    )
    assert entry.withdrawn is False


def test_a_record_with_names_apart_is_read_whole():
    entry = only(paper(version=3, updated=LATER, authors=("Ada B. Example",)), "arXiv")
    assert (entry.version, entry.form, entry.authors) == (1, Form.SPLIT, ("Ada B. Example",))
    assert entry.published == datetime(2025, 6, 1, tzinfo=UTC)
    assert entry.updated == datetime(2025, 8, 1, tzinfo=UTC)


def test_a_suffix_follows_the_name():
    raw = record_of(paper(), "arXiv").replace(
        "<keyname>Sample</keyname>", "<keyname>Sample</keyname><suffix>Jr.</suffix>"
    )
    (entry,) = read(raw).entries
    assert entry.authors == ("Ada Example", "Bo Sample Jr.")


def test_the_last_version_says_whether_a_paper_is_withdrawn():
    assert only(paper(version=2, updated=LATER, withdrawn=True)).withdrawn is True
    raw = record_of(paper(version=2, updated=LATER)).replace(
        "<source_type>D", "<source_type>I", 1
    )
    (entry,) = read(raw).entries
    assert entry.withdrawn is False  # its first version was


def test_a_version_without_a_source_is_not_withdrawn_for_that():
    raw = record_of(paper()).replace("9kb", "0kb").replace("<source_type>D</source_type>", "")
    (entry,) = read(raw).entries
    assert entry.withdrawn is False


def test_a_deleted_record_is_a_record():
    page = read(record_of(paper(deleted=True, datestamp="2025-09-09")))
    assert page.deleted == (Deleted("2506.00001", date(2025, 9, 9)),)
    assert page.headers == (Header("2506.00001", date(2025, 9, 9), deleted=True),)


def test_what_the_list_says_of_itself():
    page = read(
        record_of(paper()),
        token='<resumptionToken expires="2025-07-02" completeListSize="41" cursor="20">'
        "a=b&amp;skip=20 </resumptionToken>",
    )
    assert (page.token, page.total, page.start, page.count) == ("a=b&skip=20", 41, 20, 1)
    assert page.responded_at == datetime(2025, 7, 1, 4, 5, 6, tzinfo=UTC)
    bare = read(record_of(paper()))
    assert (bare.token, bare.total, bare.start) == ("", None, None)


@pytest.mark.parametrize("size", ["", "many", "-1", "9" * 30])
def test_a_size_that_is_no_number_is_not_said(size):
    token = f'<resumptionToken completeListSize="{size}">x</resumptionToken>'
    assert read(record_of(paper()), token=token).total is None


def test_a_record_that_comes_twice_is_kept_as_it_comes_last():
    page = read(record_of(paper()), record_of(paper(title="Later", datestamp="2025-07-01")))
    assert [entry.title for entry in page.entries] == ["Later"]
    assert [header.datestamp for header in page.headers] == [date(2025, 7, 1)]
    assert page.count == 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<title>A made-up paper</title>", "<title> </title>", "no title"),
        ("<id>2506.00001</id>", "<id>2506.00002</id>", "2506.00001 is about 2506.00002"),
        ("<id>2506.00001</id>", "<id>1 OR 1=1</id>", "is no arXiv id"),
        ("oai:arXiv.org:2506.00001", "oai:example.org:2506.00001", "no identifier of arXiv"),
        ("oai:arXiv.org:2506.00001", "oai:arXiv.org:9999.1", "is no arXiv id"),
        ("<datestamp>2025-06-01", "<datestamp>June", "no datestamp: 'June'"),
        (' version="v1"', ' version="one"', "'one' is no version"),
        ("<date>Sun, 01 Jun 2025", "<date>Sun, 41 Jun 2025", "no date of a version"),
        ("<date>Sun, 01 Jun 2025", "<date>Sun, 01 Jun 1825", "no date of a paper"),
        ("It is about", "x" * 5_000_000, "the abstract has 5,000,0"),
        ("Ada Example", "A" * 500_000, "the list of authors has 500,0"),
        ("<title>", "<title>&bomb;", "not well-formed: "),
        ("</abstract>", "</abstrac>", "not well-formed: "),
        ("arXivRaw", "arXivNew", "neither in the form"),
        ("<metadata>", "<metadata/><other>", "not well-formed: "),
        ("header>", "head>", "no header"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_and_the_others_are_kept(old, new, reason):
    raw = record_of(paper()).replace(old, new)
    good = [record_of(record) for record in made_up(4)[1:]]
    page = read(good[0], raw, *good[1:], token="<resumptionToken>x</resumptionToken>")
    (refused,) = page.refused
    assert reason in refused.reason
    assert refused.raw.startswith("<record")
    assert len(refused.raw) <= 20_000
    assert [entry.arxiv_id for entry in page.entries] == [f"2506.0000{n}" for n in (2, 3, 4)]
    assert (page.token, page.count, len(page)) == ("x", 4, 4)


def test_a_refused_record_is_known_by_its_header():
    page = read(record_of(paper()).replace("A made-up paper", " "))
    assert page.refused[0].arxiv_id == "2506.00001"
    assert [header.arxiv_id for header in page.headers] == ["2506.00001"]


@pytest.mark.parametrize("mark", ["\x00", "\x0b", "&#0;", "&#xD800;", "\u202e", "\ufeff"])
def test_what_cannot_be_read_is_blanked(mark):
    (entry,) = read(record_of(paper()).replace("A made-up", f"A{mark}made-up")).entries
    assert entry.title == "A made-up paper"


def test_markup_in_a_title_stays_text():
    assert only(paper(title="<script>alert(1)</script>")).title == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "an empty body"),
        (b"<html><body>Down</body></html>", "not OAI-PMH: 'Down'"),
        (listing([record_of(paper())]).encode()[:-40], "cut off"),
        (b'<!DOCTYPE x [<!ENTITY a "x">]>' + listing([]).encode(), "document type"),
        (listing([]).encode(), "without a record"),
        (wrap("").encode(), "no ListRecords"),
        (listing(["<x/>"]).encode(), "without a record"),
        (
            listing([record_of(paper())]).replace("2025-07-01T04:05:06Z", "now").encode(),
            "'now'",
        ),
        (listing([], token="<b>").encode(), "not well-formed outside"),
        (
            listing([record_of(paper())], token="<resumptionToken>a&b").encode(),
            "not well-formed outside",
        ),
        (
            listing(
                [record_of(paper())], token=f"<resumptionToken>{'x' * 3000}</resumptionToken>"
            ).encode(),
            "3,000 characters",
        ),
        (
            listing([record_of(paper())]).replace("OAI/2.0/", "OAI/1.0/", 1).encode(),
            "the root element is",
        ),
    ],
)
def test_what_is_no_list_is_an_error_and_never_empty(body, message):
    with pytest.raises(Malformed, match=message):
        parse_records(body)


@pytest.mark.parametrize("parse", [parse_records, parse_headers, parse_identity])
def test_the_protocol_says_no_in_its_own_way(parse):
    with pytest.raises(ProtocolError, match=r"^what it was \(badArgument\)$") as caught:
        parse(error("badArgument", "what it was").encode())
    assert caught.value.code == "badArgument"
    assert caught.value.responded_at == datetime(2025, 7, 1, 4, 5, 6, tzinfo=UTC)


def test_identifiers_are_read_and_broken_ones_counted():
    headers = [header_of(record) for record in made_up(3)]
    headers[1] = headers[1].replace("2506.", "abc.")
    headers.append(header_of(paper(deleted=True)))
    listed = parse_headers(listing(headers, verb="ListIdentifiers").encode())
    assert [header.arxiv_id for header in listed.headers] == ["2506.00001", "2506.00003"]
    assert listed.headers[0].deleted is True
    assert (listed.refused, listed.count) == (1, 4)


def test_an_identity_has_a_first_day():
    body = wrap(
        "<Identify><repositoryName>arXiv</repositoryName>"
        "<earliestDatestamp>2005-09-16</earliestDatestamp></Identify>"
    )
    assert parse_identity(body.encode()).earliest == date(2005, 9, 16)
    with pytest.raises(Malformed, match="earliestDatestamp is 'long ago'"):
        parse_identity(body.replace("2005-09-16", "long ago").encode())


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=3000))
def test_no_bytes_are_too_much(noise, at):
    whole = listing([record_of(record) for record in made_up(3)]).encode()
    body = whole[:at] + noise + whole[at:]
    try:
        page = parse_records(body)
    except (Malformed, ProtocolError):
        return
    assert isinstance(page, Page)
    assert 1 <= len(page) <= page.count


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_comes_back_or_is_refused(title, comment):
    page = read(record_of(paper(title=title, comment=comment)))
    assert len(page) == 1
    for entry in page.entries:
        assert entry.title == " ".join(entry.title.split()) != ""
    assert all(isinstance(one, Refused) for one in page.refused)
