"""Shifts and thresholds."""

import numpy as np
import pytest

from ingest.suggest.calibrate import (
    HIGHEST,
    LOWEST,
    NEVER,
    Calibration,
    best_threshold,
    find_shift,
    find_target_threshold,
    find_threshold,
    precise_threshold,
)


def test_the_shift_makes_the_mean_come_true():
    chance = np.random.default_rng(3)
    truth = chance.random(40_000) < 0.2
    shift = find_shift(np.zeros(40_000, np.float32), truth)
    assert 1 / (1 + np.exp(-shift)) == pytest.approx(truth.mean(), abs=0.01)


def test_few_papers_hardly_shift():
    assert abs(find_shift(np.zeros(2, np.float32), np.array([False, False]))) < 0.5


def test_the_best_threshold_parts_right_from_wrong():
    found = best_threshold(np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, False]))
    assert 0.3 < found < 0.8


def test_the_best_threshold_of_what_is_only_likely_weighs_each_pair_by_how_likely_it_is():
    likely = np.array([0.9, 0.8, 0.1, 0.1])
    assert 0.1 < best_threshold(likely, likely) < 0.8
    unsure = np.array([0.5, 0.4, 0.3, 0.3])  # leaving any of them out would lose more
    assert best_threshold(unsure, unsure) < 0.3


def test_a_threshold_lies_halfway_between_what_was_best_and_what_should_be():
    likely = np.array([0.9, 0.8, 0.6, 0.3, 0.1] * 100)
    truth = np.array([True, True, False, False, False] * 100)
    was, should = best_threshold(likely, truth), best_threshold(likely, likely)
    assert should < was
    found = find_threshold(likely, truth, 0.4)
    assert abs(found - (was + should) / 2) < 0.02


def test_a_threshold_from_few_papers_stays_near_the_default():
    few = find_threshold(np.array([0.9, 0.1]), np.array([True, False]), 0.4)
    many = find_threshold(np.array([0.9, 0.1] * 200), np.array([True, False] * 200), 0.4)
    assert 0.4 < few < 0.45 < many
    assert find_threshold(np.array([0.9]), np.array([False]), 0.4) == 0.4


def test_a_threshold_is_never_extreme():
    right = np.array([True] * 500 + [False] * 500)
    high = find_threshold(np.where(right, 0.99, 0.95), right, 0.4)
    low = find_threshold(np.where(right, 0.02, 0.01), right, 0.4)
    assert (low, high) == (LOWEST, HIGHEST)


def test_what_is_not_known_has_the_default():
    calibration = Calibration(shifts={"a": 1.0}, cuts={"a": 0.6}, default=0.3)
    assert calibration.shifts_of(["a", "b"]).tolist() == [1, 0]
    assert calibration.thresholds(["a", "b"]) == pytest.approx([0.6, 0.3])


@pytest.mark.parametrize(
    ("share", "expected"), [(1.0, 0.9), (0.75, 0.6), (0.6, 0.5), (0.1, 0.5)]
)
def test_above_the_threshold_of_a_share_at_least_that_share_is_true(share, expected):
    probabilities = np.array([0.9, 0.8, 0.7, 0.6, 0.5], np.float32)
    truth = np.array([True, False, True, True, False])
    assert precise_threshold(probabilities, truth, share) == pytest.approx(expected)


def test_equal_probabilities_are_taken_together():
    truth = np.array([True, False, False])
    assert precise_threshold(np.array([0.5, 0.5, 0.5]), truth, 0.9) == NEVER


def test_a_share_from_few_papers_stays_near_the_common_threshold():
    one = np.array([0.9, 0.1]), np.array([True, False])
    assert 0.4 < find_target_threshold(*one, 0.9, 0.4) < 0.45


def test_a_target_that_nothing_was_learned_for_is_a_probability():
    calibration = Calibration(cuts={"a": 0.6}, targets={"80": {"a": 0.7, "": 0.75}})
    assert calibration.thresholds(["a", "b"], 80) == pytest.approx([0.7, 0.75])
    assert calibration.thresholds(["a", "b"], 90) == pytest.approx([0.9, 0.9])
