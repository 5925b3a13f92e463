"""About language models, or about something else."""

import pytest

from ingest.suggest.text import raw_words, stems
from ingest.suggest.topic import closeness


def near(text):
    words = raw_words(text)
    return closeness(words, stems(words))


@pytest.mark.parametrize(
    "text",
    [
        "Large Language Models can be wrong",
        "LLMs in court",
        "GPT-4 passes an exam",
        "A chatbot for farmers",
        "Answers by Claude",
    ],
)
def test_a_sure_sign_is_enough(text):
    assert near(text) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Thickness of gold membranes under Casimir forces in a cavity",
        "The claude glass in landscape painting and other optical curiosities of the past",
        "",
    ],
)
def test_other_matters_are_far(text):
    assert near(text) <= 0.1


def test_several_weak_signs_make_it_likely():
    assert near("Transformer decoding with attention over text tokens") == pytest.approx(0.8)
