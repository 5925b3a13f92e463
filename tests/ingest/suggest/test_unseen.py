"""How many relevant papers wait unseen."""

import numpy as np
import pytest

from ingest.models import Measurement
from ingest.suggest import tasks, unseen
from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Screening
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, SuggestionFactory

TRIALS = 150


def decide(suggestion, verdict="accept"):
    return curation.decide(
        paper=suggestion.paper,
        concept=suggestion.concept,
        verdict=verdict,
        actor=Actor.person(CuratorFactory()),
    )


def drawn(chance, waiting, decided, off, recall):
    """A made-up concept whose probabilities are `off` in the logit, and what is true."""
    score = np.clip(chance.beta(2, 1.2, waiting + decided), 0.25, 0.999)
    logit = np.log(score / (1 - score)) + off
    relevant = chance.random(len(score)) < 1 / (1 + np.exp(-logit))
    stratum = np.minimum(
        np.searchsorted(unseen.EDGES, score, side="right") - 1, unseen.STRATA - 1
    )
    seen = np.arange(len(score)) < decided
    counts = unseen.Counts()
    for at in range(unseen.STRATA):
        here = stratum == at
        counts.decided[at] = (here & seen).sum()
        counts.accepted[at] = (here & seen & relevant).sum()
        counts.waiting[at] = (here & ~seen).sum()
        counts.expected[at] = score[here & ~seen].sum()
    missed = [
        int(chance.negative_binomial(found, recall)) if found else 0
        for found in ((relevant & seen).sum(), (relevant & ~seen).sum())
    ]
    counts.unasked = missed[0]
    return counts, int((relevant & ~seen).sum()) + missed[1]


@pytest.mark.parametrize(
    ("waiting", "decided", "off", "recall"),
    [
        (300, 0, 0.0, 0.8),  # nothing decided: what the probabilities say
        (300, 100, 0.0, 0.9),
        (1_000, 300, -0.7, 0.85),  # the probabilities promise too much
        (1_000, 300, 0.7, 0.85),  # or too little
        (20, 50, 0.0, 0.9),
        (500, 300, 0.0, 0.6),  # the suggester misses many
    ],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(waiting, decided, off, recall):
    chance = np.random.default_rng(7)
    held = 0
    for trial in range(TRIALS):
        counts, truth = drawn(chance, waiting, decided, off, recall)
        found = unseen.estimate(counts, seed=trial)
        held += found.low <= truth <= found.high
    # 95 of 100, less three standard errors of a simulation of this length.
    assert held / TRIALS >= 0.95 - 3 * (0.95 * 0.05 / TRIALS) ** 0.5


def test_more_decisions_make_the_interval_narrower():
    chance = np.random.default_rng(7)
    widths = []
    for decided in (10, 1_000):
        counts, _ = drawn(chance, 500, decided, 0.0, 0.9)
        found = unseen.estimate(counts)
        widths.append(found.high - found.low)
    assert widths[0] > 2 * widths[1]


def test_where_nothing_waits_nothing_is_unseen():
    found = unseen.estimate(unseen.Counts(unasked=5))
    assert (found.papers, found.low, found.high, found.decided) == (0, 0, 0, 5)


def test_the_same_counts_give_the_same_estimate():
    counts, _ = drawn(np.random.default_rng(7), 300, 100, 0.0, 0.9)
    assert unseen.estimate(counts) == unseen.estimate(counts)


@pytest.mark.django_db
def test_what_is_decided_and_what_is_open_is_counted_apart():
    concept = ConceptFactory()
    for verdict in ("accept", "accept", "reject"):
        decide(SuggestionFactory(concept=concept, score=0.85), verdict)
    SuggestionFactory(concept=concept, score=0.85)
    SuggestionFactory(concept=concept, score=1.0)
    elsewhere = SuggestionFactory(concept=concept, score=0.85)
    Screening.objects.filter(paper=elsewhere.paper).update(state="screened")
    counts = unseen.count()[concept.pk]
    assert counts.accepted.tolist() == [0, 0, 0, 0, 2, 0, 0]
    assert counts.decided.tolist() == [0, 0, 0, 0, 3, 0, 0]
    assert counts.waiting.tolist() == [0, 0, 0, 0, 1, 0, 1]
    assert counts.expected.sum() == pytest.approx(1.85)


@pytest.mark.django_db
def test_what_was_accepted_unasked_is_what_the_suggester_missed():
    concept, paper = ConceptFactory(), PaperFactory()
    decision = curation.decide(
        paper=paper, concept=concept, verdict="accept", actor=Actor.person(CuratorFactory())
    )
    assert unseen.count()[concept.pk].unasked == 1
    curation.revert(decision=decision, actor=Actor.person(CuratorFactory()))
    assert concept.pk not in unseen.count()


@pytest.mark.django_db
def test_an_import_is_no_judgement_of_a_suggestion():
    suggestion = SuggestionFactory()
    curation.decide(
        paper=suggestion.paper, concept=suggestion.concept, verdict="accept",
        actor=Actor.importing("made up"),
    )  # fmt: skip
    assert suggestion.concept_id not in unseen.count()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_counting_costs_two_queries(django_assert_num_queries, count):
    for _ in range(count):
        decide(SuggestionFactory())
        SuggestionFactory()
    with django_assert_num_queries(2):
        unseen.count()


@pytest.mark.django_db
def test_the_task_keeps_the_estimates_for_programs(client):
    empty = client.get("/api/v1/stats/unseen/").json()
    assert empty == {"measured_at": None, "results": []}
    suggestion = SuggestionFactory(score=0.9)
    assert tasks.estimate_unseen() == tasks.estimate_unseen() == 1
    (found,) = client.get("/api/v1/stats/unseen/").json()["results"]
    assert found["concept"] == suggestion.concept.slug
    assert found["low"] <= found["papers"] <= found["high"]
    assert Measurement.objects.count() == 1
