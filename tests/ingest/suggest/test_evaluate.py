"""The figures, against cases done by hand."""

import numpy as np
import pytest

from ingest.suggest.evaluate import calibration_error, measure


def test_figures_of_a_case_done_by_hand():
    truth = np.array([[1, 0, 0], [0, 1, 0]], bool)
    probabilities = np.array([[0.9, 0.2, 0.1], [0.6, 0.3, 0.1]], np.float32)
    found = measure(["a", "b", "c"], truth, probabilities, probabilities >= 0.5)
    assert found["micro"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["macro"] == {"precision": 0.25, "recall": 0.5, "f1": 0.3333}
    assert found["ndcg@5"] == pytest.approx((1 + 1 / np.log2(3)) / 2, abs=1e-4)
    assert found["recall@5"] == 1.0
    assert found["precision@1"] == 0.5
    assert found["abstained"] == 0.0
    assert found["labels"]["b"] == {
        "papers": 1,
        "suggested": 0,
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "calibration_error": 0.45,
    }


def test_a_perfect_ranking_of_many_labels_is_one():
    truth = np.array([[True] * 7])
    found = measure(list("abcdefg"), truth, np.ones((1, 7), np.float32), truth)
    assert (found["ndcg@5"], found["micro"]["f1"]) == (1.0, 1.0)
    assert found["recall@5"] == pytest.approx(5 / 7, abs=1e-4)


def test_nothing_to_measure_is_no_failure():
    empty = np.zeros((0, 2), bool)
    found = measure(["a", "b"], empty, np.zeros((0, 2), np.float32), empty)
    assert (found["papers"], found["ndcg@5"], found["micro"]["f1"]) == (0, 0.0, 0.0)


def test_probabilities_that_come_true_have_no_calibration_error():
    said = np.full(10, 0.3, np.float32)
    assert calibration_error(said, np.arange(10) < 3) == pytest.approx(0, abs=1e-6)
    assert calibration_error(said, np.zeros(10, bool)) == pytest.approx(0.3, abs=1e-6)
