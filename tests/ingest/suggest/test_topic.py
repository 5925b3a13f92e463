"""About language models, or about something else."""

import pytest

from ingest.suggest.reading import Reading
from ingest.suggest.topic import closeness


def near(text):
    return closeness(Reading.of([("", text)]))[0]


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


def test_a_sign_may_begin_in_the_title_and_end_in_the_abstract():
    papers = [("Prompt", "engineering of gold"), ("Prompt", ""), ("Engineering", "of gold")]
    assert closeness(Reading.of(papers)).tolist() == pytest.approx([1.0, 0.1, 0.02])
