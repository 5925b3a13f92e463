"""Feeds: what is read, what is refused, what is an error."""

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import feed
from tests.ingest.server import FEED, FIRST, Record, error_feed, feed_of


def parse(*records, **numbers):
    return feed.parse(feed_of([r.xml() for r in records], **numbers).encode())


def test_an_entry_is_read_whole():
    sent = Record(
        "2506.00001",
        FIRST,
        title="  A title\n over  lines ",
        abstract="First.\n  Second.",
        version=3,
        updated=datetime(2025, 6, 9, tzinfo=UTC),
        comment="12 pages",
        categories=("cs.LG", "cs.CL", "68T50", "I.2.7"),
    )
    page = parse(sent, total=7, start=2, per_page=50)
    assert (page.total, page.start, page.per_page, page.refused) == (7, 2, 50, ())
    assert page.entries == (
        feed.Entry(
            arxiv_id="2506.00001",
            version=3,
            title="A title over lines",
            abstract="First.\n  Second.",
            authors=("Ada Example", "Bo Sample"),
            categories=("cs.LG", "cs.CL"),
            published=FIRST,
            updated=datetime(2025, 6, 9, tzinfo=UTC),
            comment="12 pages",
        ),
    )


def test_a_repeated_entry_is_kept_once_in_its_newest_version():
    page = parse(Record("2506.00001", FIRST), Record("2506.00001", FIRST, version=2))
    assert [(e.arxiv_id, e.version) for e in page.entries] == [("2506.00001", 2)]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (
            "<entry><id>http://arxiv.org/abs/2513.00001v1</id></entry>",
            "2513 is no year and month",
        ),
        ("<entry><id>http://arxiv.org/abs/no-id</id></entry>", "is no arXiv id"),
        (Record("2506.00001", FIRST, title=" ").xml(), "no title"),
        (Record("2506.00001", FIRST, abstract="x" * 40_000).xml(), "the abstract has 40,000"),
        (Record("2506.00001", FIRST).xml().replace("2025-06-01T", "soon", 1), "is no date"),
    ],
)
def test_a_bad_entry_is_refused_and_the_others_are_kept(raw, reason):
    page = feed.parse(feed_of([raw, Record("2506.00002", FIRST).xml()]).encode())
    assert [entry.arxiv_id for entry in page.entries] == ["2506.00002"]
    assert len(page.refused) == 1
    assert reason in page.refused[0].reason


def test_a_refusal_keeps_the_start_of_what_came_and_the_digest_of_all_of_it():
    page = parse(Record("2506.00001", FIRST, abstract="x" * 6_000_000))
    (refused,) = page.refused
    assert refused.arxiv_id == "2506.00001"
    assert refused.published == FIRST
    assert len(refused.raw) == feed.KEPT_RAW
    assert refused.digest != hashlib.sha256(refused.raw.encode()).hexdigest()


def test_one_entry_that_is_not_well_formed_does_not_stop_the_others():
    broken = Record("2506.00001", FIRST).xml().replace("A made-up", "A &bad; <made-up")
    page = feed.parse(feed_of([broken, Record("2506.00002", FIRST).xml()], total=2).encode())
    assert [entry.arxiv_id for entry in page.entries] == ["2506.00002"]
    assert page.refused[0].raw == broken
    assert page.total == 2


@pytest.mark.parametrize(
    "dirt", [b"\x00", b"\x0b", b"&#0;", b"&#x1F;", b"&#xD800;", b"\xed\xa0\x80", b"\xff",
             "\u202e".encode(), b"&#55555555;"],
)  # fmt: skip
def test_what_xml_forbids_is_blanked(dirt):
    body = feed_of([Record("2506.00001", FIRST).xml()]).encode()
    (entry,) = feed.parse(body.replace(b"<title>", b"<title>" + dirt)).entries
    assert entry.title.strip("\ufffd ") == "A made-up paper"


def test_markup_in_a_title_stays_text():
    (entry,) = parse(Record("2506.00001", FIRST, title="<script>alert(1)</script>")).entries
    assert entry.title == "<script>alert(1)</script>"


def test_thousands_of_authors_are_kept():
    names = tuple(f"Author {n}" for n in range(5000))
    assert parse(Record("2506.00001", FIRST, authors=names)).entries[0].authors == names


def test_an_error_feed_is_an_error_with_its_message():
    with pytest.raises(feed.ErrorFeed, match="unknown field"):
        feed.parse(error_feed("unknown field").encode())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "an empty body"),
        (b"Rate exceeded.", "Rate exceeded"),
        (b"<html><body>Down</body></html>", "not a feed: 'Down'"),
        (feed_of([Record("2506.00001", FIRST).xml()]).encode()[:-300], "cut off"),
        (f"{FEED}</feed>".encode(), "totalResults"),
        (feed_of([]).replace("http://www.w3.org/2005/Atom", "urn:x").encode(), "root element"),
    ],
)
def test_what_is_no_feed_is_an_error_and_never_empty(body, message):
    with pytest.raises(feed.Malformed, match=message):
        feed.parse(body)


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE feed [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>',
     '<!DOCTYPE feed SYSTEM "file:///etc/passwd">'],
)  # fmt: skip
def test_a_document_type_is_refused(doctype):
    body = feed_of([Record("2506.00001", FIRST).xml()]).replace("<feed", f"{doctype}<feed", 1)
    with pytest.raises(feed.Malformed, match="document type"):
        feed.parse(body.encode())


@given(st.binary(max_size=400))
def test_any_bytes_are_a_page_or_a_feed_error(body):
    with pytest.raises(feed.FeedError):
        feed.parse(body)


@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, 2000))
def test_any_text_in_an_entry_and_any_cut_end_well(title, abstract, cut):
    record = Record("2506.00001", FIRST, title=title, abstract=abstract)
    body = feed_of([record.xml(), Record("2506.00002", FIRST).xml()])
    body = body.encode(errors="surrogatepass")
    page = feed.parse(body)
    assert len(page) == 2
    assert "2506.00002" in [entry.arxiv_id for entry in page.entries]
    for entry in page.entries:
        assert not set("\x00\x0b\u202e") & set(str(dataclasses.astuple(entry)))
    with pytest.raises(feed.Malformed):
        feed.parse(body[: max(0, len(body) - 1 - cut)])
