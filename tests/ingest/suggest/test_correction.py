"""What decisions add to the logits of papers like those decided on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest import correction
from ingest.suggest.reading import Reading
from ingest.suggest.vectors import learn_features

TEXTS = [
    ("Court and statute", "A judge."),
    ("Court and clause", "A judge."),
    ("Kernels", "A cache."),
]
READING = Reading.of(TEXTS)
FEATURES = learn_features(READING.whole(), least=1)
ROWS = FEATURES.transform(READING)
LIKENESS = np.asarray((ROWS @ ROWS.T).todense(), float)


def moved(weights):
    found = correction.assemble(FEATURES, ROWS, {"law": dict(enumerate(weights))})
    return found.score(READING, {"other": 0, "law": 1})


def fitted(rows, said, accepted):
    part = LIKENESS[np.ix_(rows, rows)]
    return correction.fit(part, np.array(said, float), np.array(accepted))


def test_a_rejection_lowers_papers_like_it_most_and_unlike_ones_not_at_all():
    (weight,) = fitted([0], [2.0], [False])
    found = moved([weight, 0, 0])[:, 1]
    assert found[0] < found[1] < found[2] == 0


def test_an_acceptance_raises_what_was_unlikely():
    (weight,) = fitted([0], [-2.0], [True])
    assert (moved([weight, 0, 0])[:2, 1] > 0.3).all()


def test_what_was_said_rightly_moves_little():
    surprised, confirmed = (abs(fitted([0], [said], [True])[0]) for said in (-3.0, 5.0))
    assert confirmed < 0.01 < surprised


def test_a_concept_that_nobody_decided_on_stays():
    assert (moved([1, 1, 1])[:, 0] == 0).all()


@given(
    st.permutations([0, 1, 2]),
    st.lists(st.floats(-12, 12), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_the_order_of_the_decisions_does_not_matter(order, said, accepted):
    straight = fitted([0, 1, 2], said, accepted)
    other = fitted(order, [said[at] for at in order], [accepted[at] for at in order])
    assert np.isfinite(straight).all()
    assert np.allclose(straight[list(order)], other, atol=1e-6)


@given(st.lists(st.floats(-6, 6), min_size=3, max_size=3))
def test_the_fit_is_where_the_likelihood_has_its_top(said):
    accepted = np.array([True, False, True])
    weights = fitted([0, 1, 2], said, accepted)
    logits = np.array(said) + LIKENESS @ weights
    chance = 1 / (1 + np.exp(-logits))
    assert np.allclose(accepted - chance, correction.PENALTY * weights, atol=1e-4)
