"""Words, their normal form, and where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest.text import raw_words, stem


@pytest.mark.parametrize(
    "forms",
    [
        ["quantization", "quantisation", "quantize", "quantized", "Quantising"],
        ["pruning", "prune", "pruned", "prunes"],
        ["hallucination", "hallucinations", "hallucinate", "hallucinated"],
        ["pre-training", "pretraining", "Pre-trained", "pretrain"],
        ["fine-tuning", "finetuning", "fine-tuned"],
        ["study", "studies", "studied"],
        ["modelling", "modeling", "models", "model"],
        ["watermarks", "watermarking", "watermark"],
    ],
)
def test_inflections_of_a_word_share_a_form(forms):
    assert {stem(form) for form in forms} == {stem(forms[0])}


@pytest.mark.parametrize(
    ("one", "other"), [("bias", "base"), ("law", "lawn"), ("agent", "agency"), ("bus", "bu")]
)
def test_different_words_keep_different_forms(one, other):
    assert stem(one) != stem(other)


def test_a_compound_is_several_words_unless_its_prefix_is_often_joined():
    assert raw_words("Retrieval-augmented pre-training") == [
        "Retrieval",
        "augmented",
        "pre-training",
    ]


@given(st.text(max_size=20))
def test_any_word_has_a_form_and_always_the_same(word):
    assert stem(word) == stem(word)
