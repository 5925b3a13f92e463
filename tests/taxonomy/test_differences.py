"""What changed between two texts, word by word."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.differences import MOST, Kind, Run, abridged, differences, is_changed

words = st.lists(st.sampled_from(["a", "model", "is", "large", ",", "(", ")", ".", "モデル"]))
texts = st.text(max_size=80) | words.map(" ".join) | words.map("".join)


def told(before, after):
    return [(run.kind.value, run.text) for run in differences(before, after)]


def joined(runs, *kinds):
    return "".join(run.text for run in runs if run.kind in kinds)


@given(texts, texts)
def test_the_pieces_join_to_both_texts(before, after):
    runs = differences(before, after)
    assert joined(runs, Kind.SAME, Kind.GONE) == before
    assert joined(runs, Kind.SAME, Kind.NEW) == after
    assert all(run.text for run in runs)


@given(texts, texts)
def test_neighbours_are_of_different_kinds_and_nothing_is_marked_in_the_same_text(
    before, after
):
    kinds = [run.kind for run in differences(before, after)]
    assert all(one != following for one, following in itertools.pairwise(kinds))
    assert is_changed(differences(before, after)) is (before != after)


@given(texts, texts)
def test_what_is_left_out_is_only_what_stayed(before, after):
    short = abridged(differences(before, after))
    kept = (Kind.SAME, Kind.SKIPPED)
    assert joined(short, *kept, Kind.GONE) == before
    assert joined(short, *kept, Kind.NEW) == after


@given(texts)
def test_a_run_is_its_words_and_the_space_around_them(text):
    run = Run(Kind.NEW, text)
    assert run.lead + run.words + run.trail == text


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("", "New text", [("new", "New text")]),
        ("Old text", "", [("gone", "Old text")]),
        ("The same", "The same", [("same", "The same")]),
        (
            "Training large models",
            "Training small models",
            [("same", "Training"), ("gone", " large"), ("new", " small"), ("same", " models")],
        ),
        ("Aligning models", "Better aligning", None),
        ("Models align", "Better Models align", [("new", "Better "), ("same", "Models align")]),
        ("A model is fast.", "A model, is fast.", None),
    ],
)
def test_changes_are_told_by_words(before, after, expected):
    if expected is not None:
        assert told(before, after) == expected
    assert is_changed(differences(before, after)) is (before != after)


def test_a_comma_that_comes_in_changes_no_word():
    found = told("we train a model which is large", "we train a model, which is large")
    assert found == [
        ("same", "we train a model"),
        ("new", ","),
        ("same", " which is large"),
    ]


def test_one_word_that_stayed_between_two_changes_is_told_with_them():
    found = told("it is the old way now", "it is a the new way now")
    assert [kind for kind, _ in found] == ["same", "gone", "new", "same"]


def test_a_long_stretch_that_stayed_is_left_out():
    many = " ".join(f"word{n}" for n in range(100))
    short = abridged(differences(f"first {many} last", f"First {many} Last"))
    assert [run.kind.value for run in short] == [
        *("gone", "new", "same", "skipped", "same", "gone", "new"),
    ]
    assert len(joined(short, Kind.SAME).split()) < 20


def cyclic(length, step, base):
    return " ".join(f"w{step * n % base}" for n in range(length))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (cyclic(MOST - 5, 1, 100), cyclic(MOST - 5, -1, 100)),
        (cyclic(MOST - 5, 7, 150), cyclic(MOST - 5, 11, 150)),
        ("a" * 30_000, "b " * 15_000),
        ("." * 30_000, "! " * 15_000),
        (" " * 30_000, " " * 29_999),
        ("x " * 3_000_000, "y " * 3_000_000),
    ],
)
def test_texts_made_to_be_slow_are_compared_in_bounded_time(before, after):
    start = time.process_time()
    runs = differences(before, after)
    assert time.process_time() - start < 2
    assert joined(runs, Kind.SAME, Kind.NEW) == after
