"""Which papers belong to a queue, and in which order they come."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from taxonomy import curation, queue
from taxonomy.curation import Actor
from taxonomy.forms.queues import queue_in
from taxonomy.models import Screening
from taxonomy.queues import AGES, ARRIVALS, EVERYTHING, Part, Queue
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    DomainFactory,
    ScreeningFactory,
    SuggestionFactory,
)
from tests.taxonomy.test_queue import in_threads


def of(curator, **asked):
    """The papers of a queue, in its order."""
    wanted = Queue(**asked)
    found = wanted.ordered(wanted.narrow(Screening.objects.waiting(), curator))
    return [screening.paper for screening in found.with_paper()]


def decide(paper, concept, user, verdict):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user)
    )


def test_a_queue_of_a_challenge_has_what_is_suggested_for_it_or_for_a_narrower_one(curator):
    broad = ConceptFactory(slug="latency")
    narrow = ConceptFactory(slug="slow-start", broader=broad)
    papers = [SuggestionFactory(concept=concept).paper for concept in (broad, narrow)]
    SuggestionFactory()
    assert set(of(curator, challenge="latency")) == set(papers)
    assert of(curator, challenge="slow-start") == [papers[1]]


def test_a_challenge_and_a_domain_narrow_together(curator):
    concept, domain = ConceptFactory(slug="latency"), DomainFactory(slug="law")
    both = SuggestionFactory(concept=concept).paper
    SuggestionFactory(paper=both, concept=domain)
    SuggestionFactory(concept=domain)
    assert of(curator, challenge="latency", domain="law") == [both]


@pytest.mark.parametrize("asked", [{"challenge": "nothing"}, {"domain": "latency"}])
def test_a_concept_that_is_none_of_its_kind_has_no_papers(curator, asked):
    SuggestionFactory(concept=ConceptFactory(slug="latency"))
    assert of(curator, **asked) == []


def test_words_are_sought_in_the_papers(curator):
    found = ScreeningFactory(paper__title="Decoded more slow").paper
    ScreeningFactory(paper__title="Something else")
    assert of(curator, q="slow decoding") == [found]


def test_age_is_that_of_the_paper(curator):
    now = timezone.now()
    papers = [
        ScreeningFactory(paper__published_at=now - timedelta(days=days)).paper
        for days in (400, 100, 20, 3)
    ]
    sizes = [len(of(curator, days=days)) for days in ("7", "30", "365", "")]
    assert sizes == [1, 2, 3, 4]
    assert of(curator, days="7") == [papers[3]]


def test_my_own_are_those_on_which_i_decided_before(curator):
    mine, theirs, _nobodys = (ScreeningFactory().paper for _ in range(3))
    SuggestionFactory.create_batch(2, paper=mine)
    SuggestionFactory.create_batch(2, paper=theirs)
    decide(mine, mine.suggestions.first().concept, curator, "accept")
    decide(theirs, theirs.suggestions.first().concept, CuratorFactory(), "accept")
    assert of(curator, part="mine") == [mine]


def test_disputed_is_where_two_people_hold_different_verdicts(curator):
    disputed, agreed, changed = (ScreeningFactory().paper for _ in range(3))
    other = CuratorFactory()
    for paper in (disputed, agreed, changed):
        SuggestionFactory.create_batch(2, paper=paper)
    for paper, verdict in ((disputed, "reject"), (agreed, "accept")):
        decide(paper, paper.suggestions.first().concept, other, "accept")
        decide(paper, paper.suggestions.first().concept, curator, verdict)
    for verdict in ("accept", "reject"):
        decide(changed, changed.suggestions.first().concept, curator, verdict)
    assert of(curator, part="disputed") == [disputed]


def test_what_was_skipped_is_a_queue_with_what_is_due_first_on_top(curator):
    first, second = (ScreeningFactory(priority=n).paper for n in (1, 2))
    queue.skip(paper=first, curator=CuratorFactory())
    queue.skip(paper=second, curator=curator)
    queue.skip(paper=first, curator=curator, time=queue.PUT_OFF_FOR)
    assert queue.take_next(curator, Queue(part="skipped")).paper == first
    queue.skip(paper=first, curator=curator)
    assert queue.take_next(curator, Queue(part="skipped")).paper == second


def test_arrivals_are_an_order(curator):
    first, second = (ScreeningFactory().paper for _ in range(2))
    assert of(curator, order="oldest") == [first, second]
    assert of(curator, order="newest") == [second, first]


@pytest.mark.parametrize("order", ARRIVALS)
def test_the_next_paper_by_arrival_is_one_index_scan(db, order):
    waiting = Screening.objects.waiting().without_lease()
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = Queue(order=order).ordered(waiting)[:1].explain()
    assert "using screening_by_arrival" in plan
    assert "Sort" not in plan


def test_a_paper_of_another_queue_stays_on_the_desk_and_is_not_shown(curator):
    SuggestionFactory(paper=ScreeningFactory(priority=1).paper)
    wanted = SuggestionFactory(concept=ConceptFactory(slug="latency")).paper
    other = queue.take_next(curator)
    assert other.paper != wanted
    assert queue.take_next(curator, Queue(challenge="latency")).paper == wanted
    assert queue.take_next(CuratorFactory(), EVERYTHING) is None


@pytest.mark.django_db(transaction=True)
def test_curators_of_different_queues_who_ask_at_once_get_different_papers():
    concept = ConceptFactory(slug="latency")
    SuggestionFactory.create_batch(6, concept=concept)
    curators = CuratorFactory.create_batch(6)
    asked = [EVERYTHING, Queue(challenge="latency"), Queue(order="newest")] * 2
    taken = {}

    def take(number):
        taken[number] = queue.take_next(curators[number], asked[number]).paper_id

    assert in_threads(6, take) == []
    assert len(set(taken.values())) == 6


queues = some.builds(
    Queue,
    challenge=some.sampled_from(["", "latency"]),
    domain=some.sampled_from(["", "law"]),
    q=some.text(max_size=120).map(str.strip).filter(lambda text: "\x00" not in text),
    days=some.sampled_from(["", *AGES]),
    part=some.sampled_from(["", *Part.values]),
    order=some.sampled_from(["", "rare", *ARRIVALS]),
)


@given(queues)
def test_a_queue_is_what_its_address_says(asked):
    try:
        asked.q.encode()
    except UnicodeEncodeError:
        return  # half a character is in no address
    assert queue_in(asked.query) == asked


@given(some.text(max_size=80))
def test_no_address_is_too_odd_to_be_a_queue(query):
    found = queue_in(query)
    assert queue_in(found.query) == found
