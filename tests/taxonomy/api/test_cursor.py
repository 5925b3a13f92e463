"""Cursors come back from outside."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.api.pagination import Cursor

BEGIN, END = datetime(1991, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  (as hypothesis wants)
moments = st.none() | st.datetimes(BEGIN, END, timezones=st.timezones())
cursors = st.builds(
    Cursor, st.text(max_size=20), st.booleans(), st.integers(0, 2**63 - 1), moments
)


@given(cursors)
def test_a_cursor_says_the_same_after_a_journey(cursor):
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_refused_and_nothing_breaks(text):
    try:
        cursor = Cursor.decode(text)
    except ValueError:
        return
    assert 0 <= cursor.number < 2**63


@given(cursors, st.integers(0, 200), st.characters())
def test_a_damaged_cursor_is_refused_or_another_cursor(cursor, at, character):
    text = cursor.encode()
    try:
        Cursor.decode(text[:at] + character + text[at + 1 :])
    except ValueError:
        return


@pytest.mark.parametrize("text", ["W10", "bnVsbA", "e30", "WzFd", "W1tdLDAsMSxudWxsXQ"])
def test_json_that_is_no_cursor_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        Cursor.decode(text)
