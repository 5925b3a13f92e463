"""Where a paper stands in each order of the queue."""

import pytest

from ingest.suggest import orders, run
from taxonomy.models import Screening
from tests.ingest.suggest.rows import LATENCY, concepts, waiting


def placed(pending, accepted=None, paper_id=1):
    return orders.of(paper_id, pending, accepted or {})


def test_halfway_between_yes_and_no_is_most_uncertain():
    scores = (0.1, 0.5, 0.8, 0.95)
    found = sorted(scores, key=lambda score: -placed({1: score}).uncertainty)
    assert found == [0.5, 0.8, 0.1, 0.95]


def test_the_most_uncertain_of_a_papers_concepts_counts():
    assert placed({1: 0.95, 2: 0.5}).uncertainty == 1.0


@pytest.mark.parametrize(("paper_id", "value"), [(1, 0.9), (2, 0.36)])
def test_likely_and_uncertain_come_in_turn(paper_id, value):
    assert placed({1: 0.9}, paper_id=paper_id).mixed == value


def test_a_concept_with_few_accepted_papers_comes_before_one_with_many():
    accepted = {1: 99, 2: 3}
    assert placed({1: 0.9}, accepted).rare == 0.09
    assert placed({1: 0.9, 2: 0.5}, accepted).rare == 0.25


def test_nothing_open_stands_last_everywhere():
    assert placed({}) == (0, 0, 0, 0)


@pytest.mark.django_db
def test_suggesting_writes_every_order():
    concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    found = Screening.objects.get(paper=paper)
    expected = placed({1: found.priority}, paper_id=paper.pk)
    assert found.uncertainty == expected.uncertainty
    assert (found.mixed, found.rare) == (expected.mixed, found.priority)
