"""Finding all papers on one concept, decision by decision."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.suggest.combine import Suggester
from ingest.suggest.screen import Pool, Screen, log_odds, separate
from tests.ingest.suggest import made_up

WANTED = "made-up-facts"


@pytest.fixture(scope="module")
def found():
    return made_up.examples(90)


@pytest.fixture(scope="module")
def pool(found):
    return Pool.of(Suggester(made_up.SUBJECTS), found.papers)


def read_until_all_are_found(screen, found):
    """How many papers someone reads who decides as the labels say."""
    relevant = {at for at, labels in enumerate(found.labels) if WANTED in labels}
    read = 0
    while not relevant <= screen.verdicts.keys():
        (place,) = screen.unread(1)
        screen.decide(place, accepted=place in relevant)
        read += 1
    return read


def test_before_any_decision_the_vocabulary_orders_the_papers():
    papers = [("Kernels", "Cache."), ("Hallucinations of a language model", "Made-up facts.")]
    screen = Screen(Pool.of(Suggester(made_up.SUBJECTS), papers), WANTED)
    assert screen.unread(2) == [1, 0]


def test_decisions_bring_papers_with_the_same_words_to_the_front(pool, found):
    screen = Screen(pool, WANTED)
    for place in range(6):
        screen.decide(place, accepted=WANTED in found.labels[place])
    assert all(WANTED in found.labels[place] for place in screen.unread(20))


def test_all_are_found_after_reading_little_more_than_them(pool, found):
    screen = Screen(pool, WANTED)
    screen.decide(1, accepted=True)
    assert WANTED in found.labels[1]
    assert read_until_all_are_found(screen, found) < 40  # of 90, of which 30 are relevant


def test_what_was_decided_is_not_offered_again(pool):
    screen = Screen(pool, WANTED)
    for place in screen.unread(5):
        screen.decide(place, accepted=False)
    assert not screen.verdicts.keys() & set(screen.unread(len(pool)))
    assert len(screen.unread(len(pool))) == len(pool) - 5


def test_rejections_alone_push_their_like_back(pool, found):
    screen = Screen(pool, WANTED)
    before = screen.scores()
    screen.decide(0, accepted=False)
    alike = [at for at in range(1, len(pool)) if found.labels[at] == found.labels[0]]
    assert (screen.scores() - before)[alike].mean() < 0


def test_a_verdict_that_is_changed_is_learned_anew(pool):
    changed, once = Screen(pool, WANTED), Screen(pool, WANTED)
    changed.decide(1, accepted=True)
    changed.decide(0, accepted=True)
    changed.scores()
    changed.decide(0, accepted=False)
    once.decide(1, accepted=True)
    once.decide(0, accepted=False)
    assert changed.verdicts == once.verdicts
    assert changed.scores()[1] > changed.scores()[0]
    assert changed.scores() == pytest.approx(once.scores(), abs=0.05)


def test_two_screens_of_one_pool_do_not_touch_each_other(pool):
    one, other = Screen(pool, WANTED), Screen(pool, "law")
    before = other.scores()
    one.decide(0, accepted=True)
    one.scores()
    assert other.scores() == pytest.approx(before)


def test_the_same_decisions_give_the_same_order(pool):
    one, other = Screen(pool, WANTED), Screen(pool, WANTED)
    for screen in (one, other):
        screen.decide(1, accepted=True)
        screen.decide(2, accepted=False)
    assert one.unread(10) == other.unread(10)


def test_an_empty_pool_has_nothing_to_read():
    assert Screen(Pool.of(Suggester(made_up.SUBJECTS), []), WANTED).unread(5) == []


def test_a_pool_of_papers_without_words_keeps_its_order():
    papers = [("", "")] * 3
    screen = Screen(Pool.of(Suggester(made_up.SUBJECTS), papers), WANTED)
    screen.decide(0, accepted=True)
    assert screen.unread(3) == [1, 2]


def test_log_odds_stop_at_the_floor():
    logits = log_odds(np.array([[0.0, 0.5, 1.0]], np.float32), 0.1)
    assert logits[0] == pytest.approx([np.log(1 / 9), 0, np.log(9)], abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_separating_never_ends_worse_than_it_began(seed):
    chance = np.random.default_rng(seed)
    rows = sp.csr_matrix(chance.normal(size=(12, 6)).astype(np.float32))
    sides = np.where(chance.random(12) < 0.5, -1, 1).astype(np.float32)
    weights = chance.random(12).astype(np.float32)
    before = chance.normal(size=12).astype(np.float32)
    plane = chance.normal(size=6).astype(np.float32)

    def loss(at):
        short = np.maximum(1 - sides * (rows @ at + before), 0)
        return at @ at / 2 + weights @ (short * short)

    moved = separate(rows, sides, weights, before, plane)
    assert loss(moved) <= loss(plane) + 1e-4
