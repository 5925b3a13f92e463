"""Shapes of the line charts."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest.drawing import HEIGHT, NEAR, WIDTH, chart


def test_one_is_at_the_top_and_nought_at_the_bottom():
    (line,) = chart(["a", "b"], [("quality", [0.0, 1.0])]).lines
    assert line.path == f"0.0,{HEIGHT:.1f} {WIDTH:.1f},0.0"


def test_a_missing_value_leaves_out_its_point():
    (line,) = chart(["a", "b", "c"], [("quality", [0.5, None, 0.5])]).lines
    assert [point.x for point in line.points] == [0.0, WIDTH]


def test_without_two_points_there_is_no_chart():
    assert chart(["a"], [("quality", [0.5])]) is None
    assert chart([], []) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=4))
def test_names_of_lines_do_not_stand_on_each_other(ends):
    found = chart(["a", "b"], [(str(end), [0.5, end]) for end in ends])
    at = sorted(line.name_y for line in found.lines)
    assert all(lower - upper >= NEAR - 0.2 for upper, lower in pairwise(at))
