"""Figures of agreement: those of published examples, and what must hold for any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.agreement import alpha, kappa, masi

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: four observers, twelve
# units, values that are missing; nominal and interval.
FOUR = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# The example of the Python package `krippendorff` and of the encyclopedias: three coders.
THREE = (
    ". . . . . 3 4 1 2 1 1 3 3 . 3",
    "1 . 2 1 3 3 4 3 . . . . . . .",
    ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
)
sets = st.frozensets(st.integers(0, 4), max_size=4)


def units(rows):
    columns = zip(*(row.split() for row in rows), strict=True)
    return [[int(value) for value in column if value != "."] for column in columns]


def differ(one, other):
    return float(one != other)


def squared(one, other):
    return float((one - other) ** 2)


@pytest.mark.parametrize(
    ("rows", "distance", "published"),
    [
        (FOUR, differ, 0.743421),
        (FOUR, squared, 0.849107),
        (THREE, differ, 0.691358),
        (THREE, squared, 0.810845),
    ],
)
def test_alpha_is_that_of_published_examples(rows, distance, published):
    assert alpha(units(rows), distance) == pytest.approx(published, abs=1e-6)


def test_of_single_concepts_alpha_with_masi_is_the_nominal_one():
    alone = [[frozenset({value}) for value in unit] for unit in units(FOUR)]
    assert alpha(alone, masi) == pytest.approx(0.743421, abs=1e-6)


def test_kappa_its_error_and_interval_are_those_of_a_published_example():
    """ci.kappa(.05, 31, 12, 4, 58) of D. Bonett's statpsych, after Fleiss and Paik 2003."""
    found = kappa(both=58, first=4, second=12, neither=31)
    assert found.papers == 105
    assert found.value == pytest.approx(0.6756757, abs=1e-6)
    assert (found.low, found.high) == (
        pytest.approx(0.5317210, abs=1e-6),
        pytest.approx(0.8196303, abs=1e-6),
    )


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("ab", "ab", 0.0),  # Passonneau 2006: 1 less Jaccard's times 1, 2/3, 1/3 or 0
        ("ab", "abcd", 1 - (2 / 4) * (2 / 3)),
        ("abc", "bcd", 1 - (2 / 4) * (1 / 3)),
        ("ab", "cd", 1.0),
        ("", "a", 1.0),
    ],
)
def test_masi_is_as_its_author_defines_it(one, other, distance):
    assert masi(frozenset(one), frozenset(other)) == pytest.approx(distance, abs=1e-12)


@given(sets, sets)
def test_masi_is_a_symmetric_distance_between_nought_and_one(one, other):
    assert masi(one, other) == masi(other, one)
    assert 0 <= masi(one, other) <= 1
    assert (masi(one, other) == 0) == (one == other)


@given(st.lists(st.tuples(sets, sets), min_size=1))
def test_alpha_does_not_tell_the_two_apart_and_never_exceeds_one(pairs):
    found = alpha(pairs, masi)
    turned = alpha([(other, one) for one, other in pairs], masi)
    assert (found is None) == (turned is None)
    if found is not None:
        assert found == pytest.approx(turned)
        assert found <= 1 + 1e-9


@given(st.lists(sets, min_size=2).filter(lambda found: len(set(found)) > 1))
def test_alpha_is_one_where_all_agree(found):
    assert alpha([(one, one) for one in found], masi) == pytest.approx(1)


@given(*[st.integers(0, 50)] * 4)
def test_kappa_does_not_tell_the_two_apart_and_its_interval_holds_it(both, one, other, neither):
    found, turned = kappa(both, one, other, neither), kappa(both, other, one, neither)
    assert (found.value is None) == (turned.value is None)
    if found.value is not None:
        assert found.value == pytest.approx(turned.value)
        assert -1 <= found.low <= found.value <= found.high <= 1


def test_where_chance_alone_agrees_there_is_no_figure():
    assert kappa(0, 0, 0, 9).value is None
    assert kappa(0, 0, 0, 0).observed == 0
    assert alpha([(frozenset({1}), frozenset({1}))], masi) is None
    assert alpha([], masi) is None
