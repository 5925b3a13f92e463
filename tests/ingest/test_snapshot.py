"""Lines of a snapshot: what is read, what is refused, what is known again."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import feed, snapshot
from ingest.feed import Entry, Form, Refused
from tests.ingest.lines import HOSTILE, line, record, versions

MAY = datetime(2025, 5, 4, 3, tzinfo=UTC)


def test_a_line_is_read_whole():
    sent = line(versions=versions(4, 9, 11), doi="10.1/x", **{"journal-ref": "J 1"})
    assert snapshot.read(sent) == Entry(
        arxiv_id="2505.00001",
        version=3,
        title="A made-up paper, number 1",
        abstract="It costs 5\\% of it,\nand $\\alpha$ more.",
        authors=("Ada M. Example", "Bo Sample Jr"),
        categories=("cs.CL", "cs.AI"),
        published=MAY,
        updated=datetime(2025, 5, 11, 3, tzinfo=UTC),
        comment="12 pages",
        journal_ref="J 1",
        doi="10.1/x",
        licence="http://creativecommons.org/licenses/by/4.0/",
        form=Form.SNAPSHOT,
        digest=snapshot.digest_of(sent),
    )


def test_an_old_id_is_read_without_its_subject_class():
    assert snapshot.read(line(id="math.CA/0611800")).arxiv_id == "math/0611800"


def test_versions_are_told_by_their_numbers_whatever_their_order():
    entry = snapshot.read(line(versions=versions(4, 9)[::-1]))
    assert (entry.version, entry.published, entry.updated.day) == (2, MAY, 9)


@pytest.mark.parametrize("parsed", [None, []])
def test_authors_that_are_not_parsed_are_taken_from_the_text(parsed):
    entry = snapshot.read(line(authors_parsed=parsed, authors="A One, B Two, and C Three"))
    assert entry.authors == ("A One", "B Two", "C Three")


def test_thousands_of_authors_are_kept():
    parsed = [[f"Author{n}", "A.", ""] for n in range(5000)]
    assert len(snapshot.read(line(authors_parsed=parsed)).authors) == 5000


@pytest.mark.parametrize("dirt", ["\x0b", "\x1f", "\x7f", "\x9f", "\u202e", "\ufeff", "\uffff"])
def test_what_nobody_should_see_is_blanked(dirt):
    entry = snapshot.read(line(title=f"Made{dirt}up", authors_parsed=[[f"E{dirt}x", "A.", ""]]))
    assert (entry.title, entry.authors) == ("Made up", ("A. E x",))


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_line_is_refused_with_a_reason(sent):
    refused = snapshot.read(sent)
    assert isinstance(refused, Refused)
    assert refused.reason.isprintable()
    assert 5 < len(refused.reason) <= 300
    assert len(refused.raw) <= feed.KEPT_RAW
    assert refused.digest == hashlib.sha256(sent).hexdigest()
    assert "\x00" not in refused.raw


def test_a_refusal_names_the_paper_where_its_id_is_legible():
    assert snapshot.read(line(title="")).arxiv_id == "2505.00001"
    assert snapshot.read(line(id="no-id")).arxiv_id == ""


def test_the_text_that_a_refusal_has_kept_is_read_like_the_line():
    assert snapshot.read_kept(line().decode()) == snapshot.read(line())
    assert snapshot.read_kept("\ud800").reason.startswith("not JSON")


def test_markup_in_a_title_stays_text():
    title = "<script>alert(1)</script>"
    assert snapshot.read(line(title=title)).title == title


def test_the_beginning_of_a_line_tells_its_id():
    compact = json.dumps(record(7), separators=(",", ":")).encode()
    assert snapshot.likely_id(line(7)) == snapshot.likely_id(compact) == "2505.00007"
    assert snapshot.likely_id(b'{"title": "first"}') == ""


def test_a_digest_tells_lines_apart_and_fits_the_column():
    digests = {snapshot.digest_of(line(n)) for n in range(500)}
    assert len(digests) == 500
    assert all(-(2**63) <= digest < 2**63 for digest in digests)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def require_usable(read):
    """A paper that can be stored, or a refusal that can."""
    assert isinstance(read, Entry | Refused)
    for text in map(str, dataclasses.astuple(read)):
        assert not set("\x00\x0b\u202e") & set(text) or isinstance(read, Refused)
        assert "\x00" not in text
        text.encode()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_paper_or_a_refusal(sent):
    require_usable(snapshot.read(sent))


@given(st.dictionaries(st.sampled_from(sorted(record())), values, max_size=4), st.booleans())
def test_any_values_in_any_field_are_a_paper_or_a_refusal(changes, as_ascii):
    sent = json.dumps(record() | changes, ensure_ascii=as_ascii)
    require_usable(snapshot.read(sent.encode(errors="surrogatepass")))


@given(st.text(max_size=100))
def test_a_title_comes_out_as_it_would_of_a_feed(title):
    read = snapshot.read(line(title=title))
    if isinstance(read, Entry):
        assert read.title == " ".join(read.title.split())
        kept = [letter for letter in title if letter.isalnum()]
        assert [letter for letter in read.title if letter.isalnum()] == kept
