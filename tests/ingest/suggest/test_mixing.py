"""How much each signal counts for each concept."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.suggest import training
from ingest.suggest.combine import Signals, Suggester
from ingest.suggest.mixing import learn_mixture
from tests.ingest.suggest.made_up import SUBJECTS, examples

LEXICAL, LINEAR = 1, 5  # places of two signals among the weights
COLUMNS = SUBJECTS.columns()


def made_up_signals(truth, *, misleading, seed=0):
    """All signals tell the truth with some noise, but the labels of one concept."""
    chance = np.random.default_rng(seed)
    found = [(truth + chance.normal(0, 0.5, truth.shape)).astype(np.float32) for _ in range(3)]
    found[0][:, COLUMNS[misleading]] = chance.normal(0, 0.5, len(truth))
    return Signals(*found, closeness=np.ones(len(truth), np.float32))


def test_a_concept_departs_from_the_common_weights_where_its_papers_ask_for_it():
    truth = np.random.default_rng(1).random((600, len(SUBJECTS))) < 0.2
    signals = made_up_signals(truth, misleading="law")
    mixture = learn_mixture(Suggester(SUBJECTS), signals, truth)
    trusted, misled = mixture.own["made-up-facts"], mixture.own["law"]
    assert misled[LEXICAL] < mixture.trained[LEXICAL] < trusted[LEXICAL]
    assert misled[LEXICAL] < 0.6 * trusted[LEXICAL]


def test_what_was_not_learned_gets_no_weights_of_its_own():
    truth = np.random.default_rng(1).random((200, len(SUBJECTS))) < 0.2
    signals = made_up_signals(truth, misleading="law")
    signals.linear[:, COLUMNS["rare"]] = np.nan
    mixture = learn_mixture(Suggester(SUBJECTS), signals, truth)
    assert sorted(mixture.own) == ["law", "made-up-facts", "pruning", "slow-answers"]


def test_the_fewer_papers_of_a_concept_are_labelled_the_more_the_vocabulary_decides():
    found = examples()
    few = [{"slow-answers"} if labels == {"law"} else labels for labels in found.labels]
    few[2:9:3] = [{"law"}] * 3
    suggester = training.train(SUBJECTS, replace(found, labels=few)).suggester
    learned = suggester.weights[LINEAR]
    assert 0 < learned[COLUMNS["law"]] < 0.6 * learned[COLUMNS["slow-answers"]]
    plain = [*suggester.mixture.untrained, 0, 0]
    assert suggester.weights[:, COLUMNS["rare"]].tolist() == pytest.approx(plain, abs=1e-5)
