"""Planes fitted to labelled papers."""

import numpy as np
import scipy.sparse as sp

from ingest.suggest import planes

# Papers × words: the first stands on one side alone, the second on both, the third is rare.
ROWS = sp.csr_matrix(
    np.array([[1, 1, 0], [1, 1, 1], [1, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 1]], np.float32)
)
MINE = np.array([True, True, True, False, False, False])
EVEN = np.ones(6)


def test_papers_on_the_concept_lie_above_the_plane_and_others_below():
    found, bias = planes.fit(ROWS, MINE[:, None], EVEN[:, None])
    assert ((ROWS @ found + bias)[:, 0] > 0).tolist() == MINE.tolist()


def test_a_word_that_stands_on_both_sides_looks_smallest():
    sizes = planes.telling(ROWS, MINE, EVEN)
    assert sizes[1] == sizes.min()
    assert sizes[0] == sizes.max()


def test_a_word_looks_bigger_the_more_a_rejected_paper_with_it_counts():
    rejected = np.array([1, 1, 1, 1, 1, 5.0])
    assert planes.telling(ROWS, MINE, rejected)[2] > planes.telling(ROWS, MINE, EVEN)[2]


def test_nothing_is_learned_of_a_concept_that_all_papers_are_about():
    found, bias = planes.fit(ROWS, np.ones((6, 1), bool), EVEN[:, None])
    assert not found.any()
    assert bias.tolist() == [planes.UNTAUGHT]


def test_the_same_papers_teach_the_same_plane():
    one, other = (planes.fit(ROWS, MINE[:, None], EVEN[:, None]) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])
