"""The walk through a list of records: the safe point, and what is counted already."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feed import Refused
from ingest.fetching import Incomplete
from ingest.oai import BadToken, Deleted, Header, Page
from ingest.oai.walk import Place, follow

NOW = datetime(2025, 7, 1, tzinfo=UTC)
START = Place(date(2025, 6, 1), date(2025, 6, 30))


def day(number):
    return date(2025, 6, number)


def page(*days, token="more", first=0, refused=(), **values):
    """Deleted records stand for all kinds: the walk looks at days and ids only."""
    gone = tuple(Deleted(f"2506.{first + n:05d}", day(d)) for n, d in enumerate(days))
    return Page(
        NOW,
        count=len(gone) + len(refused),
        headers=tuple(Header(one.arxiv_id, one.datestamp, True) for one in gone),
        token=token,
        deleted=gone,
        refused=tuple(refused),
        **values,
    )


def test_the_safe_point_is_the_last_day_and_its_records_are_remembered():
    step = follow(START, page(1, 2, 3, 3))
    assert step.place == replace(
        START,
        since=day(3),
        token="more",
        start=4,
        seen=frozenset({"2506.00002", "2506.00003"}),
    )
    assert len(step) == 4


def test_a_day_over_many_pages_is_remembered_whole():
    step = follow(START, page(3, 3))
    step = follow(step.place, page(3, 3, first=2))
    assert step.place.seen == {f"2506.0000{n}" for n in range(4)}
    assert step.place.start == 4


def test_a_list_begun_again_brings_only_what_is_not_counted():
    place = replace(START, since=day(3), seen=frozenset({"2506.00000"}))
    step = follow(place, page(3, 3, 4, token="", total=3, start=0))
    assert [gone.arxiv_id for gone in step.deleted] == ["2506.00001", "2506.00002"]
    assert (step.place, step.total) == (None, 2)


def test_the_safe_point_stays_where_the_days_are_not_in_order():
    step = follow(START, page(2, 5, 4))
    assert (step.place.since, step.place.in_order) == (day(1), False)
    assert len(step.place.seen) == 3
    step = follow(step.place, page(6, 7, first=3))
    assert (step.place.since, step.place.in_order) == (day(1), False)
    assert len(step.place.seen) == 5


def test_a_page_that_falls_back_behind_the_safe_point_is_not_in_order():
    step = follow(START, page(5, 6))
    step = follow(step.place, page(3, 7, first=2))
    assert (step.place.since, step.place.in_order) == (day(6), False)
    assert step.place.seen == {"2506.00001", "2506.00002", "2506.00003"}


def test_the_safe_point_goes_no_further_than_the_run():
    step = follow(replace(START, end=day(4)), page(3, 5, 6))
    assert step.place.since == day(4)
    assert step.place.seen == {"2506.00001", "2506.00002"}


def test_what_cannot_be_read_is_remembered_by_its_digest():
    broken = Refused("no header", "<record/>", "d" * 64)
    step = follow(START, page(1, 2, refused=[broken]))
    assert "d" * 40 in step.place.seen
    assert (
        follow(replace(step.place, token=""), page(2, first=9, refused=[broken])).refused == ()
    )


def test_the_last_page_must_reach_the_announced_length():
    place = replace(START, token="more", start=2)
    assert follow(place, page(3, token="", total=3, start=2)).place is None
    with pytest.raises(Incomplete, match="announced 4 records and sent 3"):
        follow(place, page(3, token="", total=4, start=2))


def test_a_page_that_begins_elsewhere_means_that_some_were_left_out():
    with pytest.raises(BadToken, match="went on at record 20 of the list instead of 10"):
        follow(replace(START, token="more", start=10), page(3, start=20))


def test_nothing_ends_a_run_that_has_counted_nothing_on_that_day():
    assert follow(START, Page(NOW)).place is None
    with pytest.raises(Incomplete, match="nothing changed since a day of which it had some"):
        follow(replace(START, seen=frozenset({"2506.00001"})), Page(NOW))


@given(
    days=st.lists(st.integers(1, 30), min_size=1, max_size=60).map(sorted),
    size=st.integers(1, 9),
    lost=st.sets(st.integers(0, 70), max_size=12),
)
def test_every_record_comes_once_however_often_the_token_is_lost(days, size, lost):
    rows = [(day(d), f"2506.{n:05d}") for n, d in enumerate(days)]
    place, came, requests = START, [], 0
    while place is not None:
        requests += 1
        if requests in lost and place.token:
            place = replace(place, token="", start=0)
        rest = [
            row for row in rows if row[0] >= date.fromisoformat(place.token or str(place.since))
        ]
        found = rest[place.start : place.start + size]
        gone = tuple(Deleted(arxiv_id, at) for at, arxiv_id in found)
        more = place.start + size < len(rest)
        step = follow(
            place,
            Page(
                NOW,
                count=len(gone),
                headers=tuple(Header(one.arxiv_id, one.datestamp) for one in gone),
                token=(place.token or str(place.since)) if more else "",
                deleted=gone,
            ),
        )
        came += [one.arxiv_id for one in step.deleted]
        place = step.place
    assert came == [arxiv_id for _, arxiv_id in rows]
