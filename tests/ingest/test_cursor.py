"""The walk through a window, page by page, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.arxiv import Incomplete
from ingest.cursor import PAGE, SMALLEST_PAGE, Cursor, follow, page_size
from ingest.feed import Entry, Page

BEGIN = datetime(2025, 6, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=2)


def entry(number, minute, second=0):
    moment = BEGIN + timedelta(minutes=minute, seconds=second)
    return Entry(f"2506.{number:05d}", 1, "T", "", (), (), moment, moment)


class Shelf:
    """Answers like arXiv: what lies in the window, a slice of it, in an order."""

    def __init__(self, entries, ordered=True):
        key = (lambda e: (e.published, e.arxiv_id)) if ordered else (lambda e: e.arxiv_id)
        self.entries = sorted(entries, key=key)
        self.asked = 0

    def page(self, cursor, size):
        self.asked += 1
        low, high = (at.replace(second=0) for at in (cursor.since, cursor.until))
        found = [e for e in self.entries if low <= e.published.replace(second=0) <= high]
        return Page(len(found), cursor.start, 0, tuple(found[cursor.start :][:size]), ())


def walk(shelf, size, steps=500):
    cursor, got = Cursor(BEGIN, END, END), []
    for _ in range(steps):
        step = follow(cursor, shelf.page(cursor, size), size)
        got += [e.arxiv_id for e in step.entries]
        cursor = step.cursor
        if cursor is None:
            return got
    raise AssertionError("the walk does not end")


MOMENTS = st.tuples(st.integers(0, 2879), st.integers(0, 59))


@given(st.lists(MOMENTS, max_size=60), st.integers(1, 20))
def test_every_paper_comes_exactly_once_at_any_page_size(moments, size):
    entries = [entry(n, *moment) for n, moment in enumerate(moments, start=1)]
    assert sorted(walk(Shelf(entries), size)) == [e.arxiv_id for e in entries]


@given(st.sets(st.integers(0, 2879), max_size=60), st.integers(2, 20))
def test_every_paper_comes_exactly_once_when_the_order_is_ignored(minutes, size):
    newest_first = sorted(minutes, reverse=True)
    entries = [entry(n, minute) for n, minute in enumerate(newest_first, start=1)]
    got = walk(Shelf(entries, ordered=False), size)
    assert sorted(got) == [e.arxiv_id for e in entries]


def test_more_papers_in_a_minute_than_on_a_page():
    entries = [entry(n, 700, n % 60) for n in range(1, 100)]
    assert len(set(walk(Shelf(entries), 10))) == 99


def test_an_ordered_window_takes_about_as_many_requests_as_it_has_pages():
    shelf = Shelf([entry(n, n) for n in range(1, 2500)])
    assert len(walk(shelf, 1000)) == 2499
    assert shelf.asked == 3


def test_a_window_narrowed_for_its_order_costs_few_requests():
    entries = [entry(n, (n * 977) % 2880) for n in range(1, 2001)]
    shelf = Shelf(entries, ordered=False)
    assert sorted(walk(shelf, 500)) == sorted(e.arxiv_id for e in entries)
    assert shelf.asked < 16


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entries: entries[:-1],
        lambda entries: [*entries[:-1], entry(99, -3000)],
        lambda entries: [],
    ],
)
def test_a_page_that_lacks_papers_is_not_taken(spoil):
    entries = [entry(n, n) for n in range(1, 11)]
    page = Page(10, 0, 0, tuple(spoil(entries)), ())
    with pytest.raises(Incomplete, match="announced 10 papers"):
        follow(Cursor(BEGIN, END, END), page, 1000)


def test_a_smaller_page_than_asked_for_is_whole_if_arxiv_says_so():
    page = Page(10, 0, 4, tuple(entry(n, n) for n in range(1, 5)), ())
    step = follow(Cursor(BEGIN, END, END), page, 1000)
    assert (len(step.entries), step.cursor.since) == (4, BEGIN + timedelta(minutes=4))


def test_pages_shrink_with_bad_answers_and_not_below_the_smallest():
    assert [page_size(n) for n in (0, 1, 2, 50)] == [PAGE, PAGE // 2, PAGE // 4, SMALLEST_PAGE]
