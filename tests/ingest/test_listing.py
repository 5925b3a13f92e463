"""Daily listings: what is read of RSS and Atom, and what is no listing."""

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import listing
from ingest.fetching import ArxivRefused, TooFast
from ingest.listing import Announcement, Kind, Malformed, NoListing
from tests.ingest.rss_answers import CC_BY, atom_of, rss_of
from tests.ingest.server import FIRST, FakeArxiv, Record

DAY = date(2025, 12, 2)
RECORDS = [
    Record("2512.00001", FIRST),
    Record("2512.00002", FIRST, categories=("cs.AI", "cs.CL"), licence="http://x/by"),
    Record("2506.00003", FIRST, version=3),
    Record("math/0611800", FIRST, version=2, categories=("math.CA", "cs.CL")),
]
READ = (
    Announcement("2512.00001", 1, Kind.NEW, CC_BY, ("cs.CL",)),
    Announcement("2512.00002", 1, Kind.CROSS, "http://x/by", ("cs.AI", "cs.CL")),
    Announcement("2506.00003", 3, Kind.REPLACE, CC_BY, ("cs.CL",)),
    Announcement("math/0611800", 2, Kind.REPLACE_CROSS, CC_BY, ("math.CA", "cs.CL")),
)


@pytest.mark.parametrize("form", [rss_of, atom_of])
def test_both_forms_say_the_same(form):
    read = listing.parse(form(DAY, RECORDS).encode())
    assert (read.day, read.announcements, read.refused) == (DAY, READ, 0)
    assert read.skip_days == {"Saturday", "Sunday"}
    assert [one.is_new for one in read.announcements] == [True, True, False, False]


@pytest.mark.parametrize("form", [rss_of, atom_of])
def test_a_day_without_papers_is_a_listing(form):
    assert listing.parse(form(DAY, []).encode()) == listing.DailyListing(DAY)


def test_a_paper_listed_twice_counts_once_in_its_newest_version():
    twice = [Record("2512.00001", FIRST, version=2), Record("2512.00001", FIRST)]
    read = listing.parse(rss_of(DAY, twice).encode())
    assert [(one.arxiv_id, one.version) for one in read.announcements] == [("2512.00001", 2)]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Tue, 02 Dec 2025 00:00:00 -0500", DAY),
        ("Tue, 02 Dec 2025 05:00:09 +0000", DAY),
        ("Tue, 02 Dec 2025 04:59:00 GMT", date(2025, 12, 1)),
        ("2025-12-02", DAY),
        ("2025-12-02T00:00:00-05:00", DAY),
        ("2025-12-02T23:59:59", DAY),
    ],
)
def test_the_day_is_that_of_new_york(said, day):
    body = rss_of(DAY, []).replace("Tue, 02 Dec 2025 00:00:00 -0500", said)
    assert listing.parse(body.encode()).day == day


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("oai:arXiv.org:2512.00001v1", "2512.00001v1"),
        ("oai:arXiv.org:2512.00001v1", "oai:arXiv.org:2512.00001"),
        ("oai:arXiv.org:2512.00001v1", "oai:arXiv.org:2513.00001v1"),
        ("oai:arXiv.org:2512.00001v1", "oai:arXiv.org:2512.00001v1 OR 1=1"),
        (">new<", ">fresh<"),
        (">new<", "><"),
    ],
)
def test_an_item_that_cannot_be_read_does_not_stop_the_others(old, new):
    read = listing.parse(rss_of(DAY, RECORDS).replace(old, new, 1).encode())
    assert (read.announcements, read.refused) == (READ[1:], 1)


@pytest.mark.parametrize(
    "licence", ["javascript:alert(1)", "http://x/ y", "http://x/" + "y" * 250, "http://\u202ex"]
)
def test_a_licence_that_is_no_address_is_left_out(licence):
    sent = [Record("2512.00001", FIRST, licence=licence)]
    assert listing.parse(rss_of(DAY, sent).encode()).announcements[0].licence == ""


def test_words_are_no_categories():
    sent = [Record("2512.00001", FIRST, categories=("cs.CL", "68T50", "x" * 40, "Best papers"))]
    assert listing.parse(rss_of(DAY, sent).encode()).announcements[0].categories == ("cs.CL",)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    '<rss version="2.0"><channel><title>&b;</title></channel></rss>'
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "neither RSS nor Atom: an empty body"),
        ("<html><body>Down</body></html>", "neither RSS nor Atom"),
        (BOMB, "document type"),
        ("<!-- <rss> -->" + BOMB[BOMB.index("?>") + 2 :], "document type"),
        (rss_of(DAY, []).replace("</channel>", "<item/>" * 50_001 + "</channel>"), "50,001"),
        (rss_of(DAY, RECORDS)[:900], "cut off"),
        (rss_of(DAY, RECORDS).replace("</item>", "</itm>", 1), "not well-formed"),
        ("<rss version='2.0'></rss>", "the root element"),
        ("<feed><entry/></feed>", "the root element is feed"),
        (rss_of(DAY, []).replace("Tue, 02 Dec 2025", "Someday"), "its date is 'Someday"),
        (rss_of(DAY, []).replace("2025 00:00:00", "2025 99:00:00"), "its date is"),
        (rss_of(DAY, RECORDS).replace("oai:arXiv", "oai:other"), "none of its 4 items"),
    ],
)
def test_what_is_no_listing_says_why(body, why):
    with pytest.raises(Malformed, match=why):
        listing.parse(body.encode())


def test_what_xml_forbids_is_blanked():
    body = rss_of(DAY, RECORDS).replace("<title>", "<title>\x0b\x00&#0;&#xD800;")
    assert listing.parse(body.encode()).announcements == READ


def test_a_full_listing_may_have_been_cut_off():
    sent = [Record(f"2512.{n:05d}", FIRST) for n in range(1, 2001)]
    assert listing.parse(rss_of(DAY, sent).encode()).is_full
    assert not listing.parse(rss_of(DAY, sent[1:]).encode()).is_full


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode(errors="replace"))))
def test_any_bytes_are_a_listing_or_malformed(body):
    for wrapped in (body, b"<rss version='2.0'><channel>" + body + b"</channel></rss>"):
        with contextlib.suppress(Malformed):
            assert listing.parse(wrapped).announcements == ()


@given(
    st.lists(
        st.builds(
            Record,
            st.integers(1, 99999).map(lambda number: f"2512.{number:05d}"),
            st.just(FIRST),
            version=st.integers(1, 99),
            title=st.text(),
            categories=st.sampled_from([("cs.CL",), ("cs.AI", "cs.CL"), ("quant-ph",)]),
        ),
        max_size=8,
    )
)
def test_whatever_is_announced_is_read_in_both_forms(records):
    newest = {}
    for record in records:
        newest[record.arxiv_id] = max(record.version, newest.get(record.arxiv_id, 0))
    for form in (rss_of, atom_of):
        read = listing.parse(form(DAY, records).encode(errors="replace"))
        assert {one.arxiv_id: one.version for one in read.announcements} == newest
        assert read.refused == 0


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2025, 12, 2, 4, 59, tzinfo=UTC), date(2025, 12, 1)),
        (datetime(2025, 12, 2, 5, 0, tzinfo=UTC), DAY),
        (datetime(2025, 7, 1, 4, 0, tzinfo=UTC), date(2025, 7, 1)),  # summer time
        (datetime(2025, 12, 6, 12, 0, tzinfo=UTC), date(2025, 12, 5)),  # Saturday
        (datetime(2025, 12, 8, 4, 59, tzinfo=UTC), date(2025, 12, 5)),  # still Sunday there
        (datetime(2025, 12, 8, 5, 0, tzinfo=UTC), date(2025, 12, 8)),
    ],
)
def test_the_listing_that_is_due_is_of_the_last_working_day(now, day):
    assert listing.day_due(now) == day
    assert listing.out_at(day) <= now


@pytest.fixture
def server():
    with FakeArxiv() as fake:
        fake.announced = (DAY, RECORDS)
        yield fake


def ask(server):
    return listing.Client(server.rss_url, "keeper@example.org").day({"cs.CL", "cs.AI"})


def test_all_categories_take_one_request_that_says_who_asks(server):
    assert len(ask(server).announcements) == 4
    assert [asked.agent for asked in server.log] == [
        "Kadai/1 (an atlas of papers; polite harvester; keeper@example.org)"
    ]


@pytest.mark.parametrize("fault", ["404", "500", "400", "302", "html", "reset", "truncate"])
def test_a_listing_that_cannot_be_had_concerns_nothing_else(server, fault):
    server.faults = [fault]
    with pytest.raises(NoListing):
        ask(server)
    assert len(server.log) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [("429", TooFast), ("503", TooFast), ("rate", TooFast), ("403", ArxivRefused)],
)
def test_what_concerns_every_interface_is_said_to_the_pace(server, fault, error):
    server.faults = [fault]
    with pytest.raises(error):
        ask(server)
