"""All signals together, without and with training."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.suggest import training
from ingest.suggest.combine import Suggester, lead, steps_down, tree_of_each
from tests.ingest.suggest.made_up import SUBJECTS, examples

TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from("pruning law SSM language model latency court the".split())).map(
        " ".join
    ),
)


@pytest.fixture(scope="module")
def learned():
    return training.train(SUBJECTS, examples()).suggester


def suggested(suggester, title, abstract=""):
    probabilities = suggester.probabilities([(title, abstract)])
    chosen = suggester.chosen(probabilities)[0]
    return [suggester.subjects.slugs[column] for column in np.flatnonzero(chosen)]


def test_the_vocabulary_alone_suggests_what_is_named():
    found = suggested(Suggester(SUBJECTS), "Hallucinations of language models")
    assert found == ["made-up-facts"]


def test_a_narrower_concept_brings_its_broader_one():
    found = suggested(Suggester(SUBJECTS), "Pruning large language models", "Weight removal.")
    assert found == ["slow-answers", "pruning"]


def test_nothing_is_suggested_off_topic():
    text = "Pruning of apple trees in spring, and the law of diminishing returns in orchards"
    assert suggested(Suggester(SUBJECTS), text, text) == []


def test_nothing_is_suggested_without_evidence():
    assert suggested(Suggester(SUBJECTS), "A language model of whales", "They sing.") == []


def test_training_teaches_words_that_no_label_holds(learned):
    text = ("Language models as lawyers", "A judge reads the statute; precedent in litigation.")
    assert suggested(Suggester(SUBJECTS), *text) == []
    assert suggested(learned, *text) == ["law"]


def test_a_concept_nobody_labelled_still_has_the_vocabulary(learned):
    assert suggested(learned, "A rarely named matter of language models") == ["rare"]


def test_no_papers_no_scores():
    assert Suggester(SUBJECTS).probabilities([]).shape == (0, len(SUBJECTS))


@settings(max_examples=50, deadline=None)
@given(title=TEXTS, abstract=TEXTS)
def test_scores_are_probabilities_and_a_narrower_one_is_never_above(learned, title, abstract):
    for suggester in (Suggester(SUBJECTS), learned):
        found = suggester.probabilities([(title, abstract)])
        assert found.shape == (1, len(SUBJECTS))
        assert ((found >= 0) & (found <= 1)).all()
        assert found[0, 1] <= found[0, 0]


def test_papers_do_not_see_each_other(learned):
    papers = examples(9, seed=5).papers
    alone = np.vstack([learned.probabilities([paper]) for paper in papers])
    assert learned.probabilities(papers) == pytest.approx(alone, abs=1e-5)


def test_what_is_narrower_comes_level_by_level():
    steps = [(one.tolist(), above.tolist()) for one, above in steps_down([-1, 0, -1, 1, 2])]
    assert steps == [([1, 4], [0, 2]), ([3], [1])]
    assert steps_down([]) == []


def test_having_other_things_learned_leaves_the_first_as_it_was(learned):
    choosy = learned.having(target=95)
    assert (choosy.target, learned.target) == (95, None)
    assert (
        choosy.thresholds.tolist()
        == learned.calibration.thresholds(learned.subjects.slugs, 95).tolist()
    )
    assert choosy.lexicon is learned.lexicon


def test_the_lead_is_over_the_best_other_tree():
    trees = tree_of_each([-1, 0, -1], [0, 2, 1])
    assert trees.tolist() == [0, 0, 2]
    signal = np.array([[5, 4, 2], [1, 1, 3]], np.float32)
    assert lead(signal, trees).tolist() == [[3, 2, -3], [-2, -2, 2]]
