"""The words that carried a suggestion."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.suggest import training
from ingest.suggest.combine import Suggester
from ingest.suggest.explain import MOST_SPANS, Explanations
from tests.ingest.suggest.made_up import SUBJECTS, examples

COLUMNS = SUBJECTS.columns()
TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from("pruning, law SSM language model latency court statute the".split())
    ).map(" ".join),
)


@pytest.fixture(scope="module")
def learned():
    return training.train(SUBJECTS, examples()).suggester


def told(suggester, slug, title, abstract):
    texts = {"title": title, "abstract": abstract}
    spans = Explanations(suggester, [(title, abstract)]).spans(0, COLUMNS[slug])
    return [(span.field, texts[span.field][span.start : span.end]) for span in spans]


def test_a_label_in_the_text_is_the_evidence():
    found = told(Suggester(SUBJECTS), "pruning", "On pruning", "Nothing else.")
    assert found == [("title", "pruning")]


def test_learned_words_are_evidence(learned):
    found = told(learned, "law", "On models", "A judge read the statute.")
    assert ("abstract", "statute") in found
    assert ("abstract", "judge") in found


def test_the_heaviest_span_weighs_one(learned):
    text = "judge statute court " * 5
    spans = Explanations(learned, [("On models", text)]).spans(0, COLUMNS["law"])
    assert max(span.weight for span in spans) == 1.0
    assert len(spans) == MOST_SPANS


@settings(max_examples=60, deadline=None)
@given(title=TEXTS, abstract=TEXTS)
def test_spans_are_words_of_the_text_in_order_and_apart(learned, title, abstract):
    texts = {"title": title, "abstract": abstract}
    for column in range(len(SUBJECTS)):
        spans = Explanations(learned, [("", ""), (title, abstract)]).spans(1, column)
        assert len(spans) <= MOST_SPANS
        for span in spans:
            text = texts[span.field]
            assert 0 <= span.start < span.end <= len(text)
            assert text[span.start].isalnum()
            assert text[span.end - 1].isalnum()
            assert not text[span.end : span.end + 1].isalnum()
            assert 0 < span.weight <= 1
        assert spans == Explanations(learned, [(title, abstract)]).spans(0, column)
        for one, other in pairwise(spans):
            assert one.field != other.field or one.end <= other.start
