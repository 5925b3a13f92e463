"""A second curator reads some papers, and knows nothing of the first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from taxonomy import agreed, curation, people, queue, second_readings, vocabulary
from taxonomy.curation import Actor
from taxonomy.errors import NotYours
from taxonomy.models import (
    Decision,
    GoldPaper,
    Judgement,
    ReadingPolicy,
    Screening,
    SecondReading,
    Tag,
)
from taxonomy.second_readings import GOLD_EVERY, HELD
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    ScreeningFactory,
    new_text,
)
from tests.taxonomy.test_queue import in_threads

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    return CuratorFactory(username="first")


@pytest.fixture
def second():
    return CuratorFactory(username="second")


@pytest.fixture
def editor():
    return people.give_role(CuratorFactory(username="editor"), people.Role.EDITOR)


@pytest.fixture
def all_twice(editor):
    second_readings.set_share(share=100, editor=editor)


def screened(curator, *concepts, paper=None):
    """A paper to which a curator gave these concepts and closed it."""
    paper = paper or PaperFactory()
    if not Screening.objects.filter(paper=paper).update(state="waiting"):
        ScreeningFactory(paper=paper)
    for concept in concepts:
        curation.decide(
            paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator)
        )
    queue.finish(paper=paper, curator=curator)
    return paper


def read(curator, *concepts):
    reading = second_readings.take_next(curator)
    return second_readings.judge(reading=reading, curator=curator, concepts=concepts)


def test_nothing_is_read_twice_until_an_editor_says_so(first, second):
    screened(first)
    assert second_readings.open_drawn() == 0
    assert second_readings.take_next(second) is None


def test_a_screened_paper_goes_to_somebody_else_and_never_back(all_twice, first, second):
    paper = screened(first, ConceptFactory())
    assert second_readings.open_drawn() == 1
    assert second_readings.take_next(first) is None
    assert second_readings.take_next(second).paper == paper
    assert second_readings.take_next(second).paper == paper  # until it is read
    assert second_readings.take_next(CuratorFactory()) is None


def test_who_decided_something_on_a_paper_does_not_read_it_second(all_twice, first, second):
    paper, concept = PaperFactory(), ConceptFactory()
    curation.decide(paper=paper, concept=concept, verdict="reject", actor=Actor.person(second))
    screened(first, concept, paper=paper)
    second_readings.open_drawn()
    assert second_readings.take_next(second) is None


def test_drawing_again_changes_nothing_but_a_new_text_is_drawn_anew(all_twice, first):
    paper = screened(first)
    assert [second_readings.open_drawn(), second_readings.open_drawn()] == [1, 0]
    new_text(paper)
    queue.open_paper(paper=paper, curator=first)
    assert second_readings.open_drawn() == 1


def test_the_share_draws_about_so_many(editor, first):
    second_readings.set_share(share=30, editor=editor)
    for number in range(60):
        screened(first, paper=PaperFactory(arxiv_id=f"2501.{number:05}"))
    # The md5 of these sixty identifiers draws so many of them, every time.
    assert second_readings.open_drawn() == SecondReading.objects.count()
    assert 8 <= SecondReading.objects.count() <= 28


def test_what_was_screened_before_is_left_alone(editor, first):
    screened(first)
    second_readings.set_share(share=100, editor=editor)
    assert second_readings.open_drawn() == 0


def test_the_same_concepts_agree_and_move_nothing(all_twice, first, second):
    concept = ConceptFactory()
    paper = screened(first, concept)
    second_readings.open_drawn()
    before = list(Decision.objects.values()), list(Tag.objects.values())
    assert read(second, concept) == "agreed"
    assert (list(Decision.objects.values()), list(Tag.objects.values())) == before
    assert Judgement.objects.filter(reading__paper=paper).count() == 2


def test_other_concepts_are_settled_by_an_editors_decisions(all_twice, first, second, editor):
    one, other = ConceptFactory.create_batch(2)
    paper = screened(first, one)
    second_readings.open_drawn()
    assert read(second, other) == "disputed"
    reading = SecondReading.objects.disputed().get()
    verdicts = {one: False, other: True}
    assert len(second_readings.settle(reading=reading, editor=editor, verdicts=verdicts)) == 2
    assert list(Tag.objects.values_list("paper", "concept")) == [(paper.pk, other.pk)]
    assert {
        (decision.concept, decision.verdict)
        for decision in Decision.objects.filter(actor=editor)
    } == {(one, "reject"), (other, "accept")}
    # What each had said stays as they said it.
    assert agreed.measured(vocabulary.current()).same == 0
    assert second_readings.settle(reading=reading, editor=editor, verdicts=verdicts) == []


def test_a_reading_is_judged_once_and_by_whom_it_was_given(all_twice, first, second):
    screened(first)
    second_readings.open_drawn()
    reading = second_readings.take_next(second)
    with pytest.raises(NotYours):
        second_readings.judge(reading=reading, curator=CuratorFactory(), concepts=[])
    second_readings.judge(reading=reading, curator=second, concepts=[])
    with pytest.raises(NotYours):
        second_readings.judge(reading=reading, curator=second, concepts=[ConceptFactory()])
    assert not Judgement.objects.exists()


def test_what_is_not_read_in_an_hour_goes_to_another(all_twice, first, second):
    screened(first)
    second_readings.open_drawn()
    reading = second_readings.take_next(second)
    third = CuratorFactory()
    assert second_readings.take_next(third) is None
    SecondReading.objects.update(taken_at=timezone.now() - HELD - timedelta(seconds=1))
    assert second_readings.take_next(third) == reading
    with pytest.raises(NotYours):
        second_readings.judge(reading=reading, curator=second, concepts=[])


def test_gold_papers_come_now_and_then_and_each_once(all_twice, first, second, editor):
    concept = ConceptFactory()
    gold = screened(first, concept)
    second_readings.mark_gold(paper=gold, editor=editor)
    ReadingPolicy.objects.update(changed_at=timezone.now())
    for _ in range(2 * GOLD_EVERY):
        screened(first)
    second_readings.open_drawn()
    kinds = []
    while reading := second_readings.take_next(second):
        kinds.append(reading.kind)
        second_readings.judge(reading=reading, curator=second, concepts=[])
    assert kinds.index("gold") == GOLD_EVERY - 1
    assert kinds.count("gold") == 1
    # It is no dispute: what is true of it is known.
    assert not SecondReading.objects.disputed().exists()
    own = agreed.of_curator(second)
    assert (own.gold, own.gold_right) == (1, 0)
    assert (own.read_with_others, own.same_as_others) == (20, 20)


def test_a_gold_paper_becomes_an_ordinary_one_again(first, editor):
    paper = screened(first, ConceptFactory())
    gold = second_readings.mark_gold(paper=paper, editor=editor)
    assert gold.concepts.count() == 1
    second_readings.unmark_gold(paper=paper)
    assert not GoldPaper.objects.exists()


def test_agreement_is_counted_concept_by_concept(all_twice, first, second):
    one, other = ConceptFactory.create_batch(2)
    for given in ([one], [one], [one, other], []):
        screened(first, *given)
    second_readings.open_drawn()
    for given in ([one], [], [one], []):
        read(second, *given)
    found = agreed.measured(vocabulary.current())
    assert (found.papers, found.same) == (4, 2)
    assert {
        line.term.id: (line.both, line.first_only, line.second_only) for line in found.concepts
    } == {one.pk: (2, 1, 0), other.pk: (0, 1, 0)}
    assert found.concepts[0].term.id == other.pk  # the worst first


def test_deleting_an_account_keeps_what_was_compared(all_twice, first, second):
    screened(first, ConceptFactory())
    second_readings.open_drawn()
    read(second)
    second.delete()
    assert agreed.count() == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_curators_at_once_never_get_the_same_paper(all_twice, first):
    for _ in range(2):
        screened(first)
    second_readings.open_drawn()
    curators, taken = CuratorFactory.create_batch(2), []
    in_threads(2, lambda at: taken.append(second_readings.take_next(curators[at]).pk))
    assert len(set(taken)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_at_once_open_each_reading_once(all_twice, first):
    for _ in range(3):
        screened(first, ConceptFactory())
    assert in_threads(2, lambda _: second_readings.open_drawn()) == []
    assert SecondReading.objects.count() == 3
    assert Judgement.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_settle_a_dispute_once(all_twice, first, second, editor):
    concept = ConceptFactory()
    screened(first, concept)
    second_readings.open_drawn()
    read(second)
    reading = SecondReading.objects.get()

    def settle(_):
        second_readings.settle(reading=reading, editor=editor, verdicts={concept: False})

    assert in_threads(2, settle) == []
    assert Decision.objects.filter(actor=editor).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_kept_once(all_twice, first, second):
    concept = ConceptFactory()
    screened(first, concept)
    second_readings.open_drawn()
    reading = second_readings.take_next(second)

    def judge(_):
        second_readings.judge(reading=reading, curator=second, concepts=[concept])

    assert [type(error) for error in in_threads(2, judge)] == [NotYours]
    assert Judgement.objects.filter(side="second").count() == 1
