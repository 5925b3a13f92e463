"""Labels found in texts."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest.lexical import Lexicon
from ingest.suggest.places import Places
from ingest.suggest.reading import Reading
from ingest.suggest.subjects import Subject, Subjects
from ingest.suggest.text import raw_words, stems
from tests.ingest.suggest.made_up import SUBJECTS

LABEL_WORDS = st.sampled_from(
    "pruned weight removal slow answers law SSM ssm the made-up".split()
)
TEXTS = st.one_of(st.text(), st.lists(LABEL_WORDS).map(" ".join))


def score(lexicon, title, abstract=""):
    return lexicon.score(Reading.of([(title, abstract)]))[0]


def found(text, subjects=SUBJECTS):
    return [text[start:end] for start, end in stretches(text, subjects)]


def stretches(text, subjects=SUBJECTS):
    """Where labels stand, in characters."""
    raw = raw_words(text)
    matches = Lexicon(subjects).matches(raw, stems(raw))
    papers = [(text, "")]
    return Places(papers, Reading.of(papers)).of(
        [(0, match.first, match.last) for match in matches]
    )


def test_a_label_is_found_in_any_inflection():
    assert found("We prune, and removing weights? Weight removals!") == [
        "prune",
        "Weight removals",
    ]


def test_the_longest_label_wins():
    subjects = Subjects(
        (
            Subject("tuning", labels=(("Tuning", 1.0),)),
            Subject("prompt-tuning", labels=(("Prompt tuning", 1.0),)),
        )
    )
    assert found("Prompt tuning, tuning", subjects) == ["Prompt tuning", "tuning"]


def test_an_abbreviation_needs_its_capitals():
    assert found("An SSM, two SSMs, an ssm") == ["SSM", "SSMs"]


def test_the_title_counts_more_than_the_abstract():
    lexicon = Lexicon(SUBJECTS)
    law = SUBJECTS.columns()["law"]
    assert score(lexicon, "Law")[law] > score(lexicon, "", "Law")[law] > 0


def test_a_narrower_label_speaks_for_the_broader_concept_too_but_less():
    columns = SUBJECTS.columns()
    scores = score(Lexicon(SUBJECTS), "Pruning")
    assert scores[columns["pruning"]] > scores[columns["slow-answers"]] > 0
    assert np.flatnonzero(scores).tolist() == [0, 1]


def test_a_label_that_two_trees_claim_counts_less_for_each():
    alone = Lexicon(Subjects((Subject("one", labels=(("Drift", 1.0),)), Subject("two"))))
    shared = Lexicon(
        Subjects(
            (
                Subject("one", labels=(("Drift", 1.0),)),
                Subject("two", labels=(("Drift", 1.0),)),
            )
        )
    )
    assert score(shared, "Drift")[0] < score(alone, "Drift")[0]


def test_a_label_without_words_is_no_phrase():
    assert found("the — …", Subjects((Subject("x", labels=(("—", 1.0), ("The", 1.0))),))) == []


@given(TEXTS)
def test_matches_lie_in_the_text_in_order_and_apart(text):
    spans = stretches(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_labels_of_papers_read_together_are_those_of_each_text(papers):
    lexicon = Lexicon(SUBJECTS)
    found = lexicon.found(Reading.of(papers))
    for row, texts in enumerate(papers):
        expected = [
            (field, match)
            for field, text in enumerate(texts)
            for match in lexicon.matches(raw_words(text), stems(raw_words(text)))
        ]
        assert found.of(row) == expected
