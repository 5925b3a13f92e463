"""What a language model said beside the suggester's own."""

import numpy as np
import pytest

from ingest.suggest.combine import Suggester
from ingest.suggest.llm_opinion import Opinion, table
from ingest.suggest.reading import Reading
from tests.ingest.suggest.made_up import SUBJECTS

PAPERS = [("Inference latency of a language model", "We shorten it."), ("Law", "Legal texts.")]
COLUMNS, PARENTS = SUBJECTS.columns(), SUBJECTS.parents()


def chance_of(logit):
    return 1 / (1 + np.exp(-logit))


def test_each_has_its_share_where_both_have_a_say():
    said = np.array([[0.9, 0.5], [np.nan, np.nan]], np.float32)
    logits = np.array([[1.0, -2.0], [1.0, -2.0]], np.float32)
    pooled = Opinion("m", said, 0.25).pool(logits)
    assert pooled[0] == pytest.approx([0.75 * 1.0 + 0.25 * np.log(9), 0.75 * -2.0])
    assert (pooled[1] == logits[1]).all()


def test_no_model_is_surer_than_is_believed():
    said = np.array([[1.0, 0.0]], np.float32)
    pooled = Opinion("m", said, 1.0).pool(np.zeros((1, 2), np.float32))
    assert chance_of(pooled)[0] == pytest.approx([0.98, 0.02])


def test_who_was_not_asked_has_no_opinion():
    opinion = Opinion("m", table([{}, None], COLUMNS, PARENTS), 0.4)
    assert (opinion.has(0), opinion.has(1)) == (True, False)


def test_a_table_knows_broader_concepts_and_leaves_out_what_is_gone():
    row = table([{"pruning": 0.7, "retired": 1.0}], COLUMNS, PARENTS)[0]
    expected = {"pruning": 0.7, "slow-answers": 0.7}
    assert row == pytest.approx([expected.get(slug, 0.0) for slug in COLUMNS])


def test_papers_without_an_opinion_score_to_the_bit_as_without_a_model():
    suggester = Suggester(SUBJECTS)
    signals = suggester.signals(Reading.of(PAPERS))
    before = suggester.mix(signals)
    asked = table([{"law": 1.0}, None], COLUMNS, PARENTS)
    with_model = type(signals)(**{**vars(signals), "opinion": Opinion("m", asked, 0.4)})
    after = suggester.mix(with_model)
    assert (after[1] == before[1]).all()
    assert after[0, COLUMNS["law"]] > before[0, COLUMNS["law"]]
