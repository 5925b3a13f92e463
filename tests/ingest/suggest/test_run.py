"""Suggesting for the papers that wait."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from ingest.suggest import active, run
from ingest.suggest.combine import Suggester
from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Paper, Screening, Suggestion, Tag
from tests.factories import CuratorFactory, new_text
from tests.ingest.suggest.rows import (
    LATENCY,
    LATENCY_AGAIN,
    LAW,
    ORCHARD,
    concepts,
    state,
    suggested,
    waiting,
)

pytestmark = pytest.mark.django_db


class Choosy(Suggester):
    """Fails on one title, as a defect would."""

    def signals(self, reading):
        if any("curs" in words for words in reading.whole()):
            raise ValueError("no score for this")
        return super().signals(reading)


def choosy():
    return Choosy(active.current().subjects)


def error(paper):
    return Screening.objects.get(paper=paper).error


def decide(paper, concept, verdict):
    user = CuratorFactory()
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user)
    )


def test_a_paper_that_waits_gets_suggestions_with_evidence():
    concepts()
    paper = waiting(**LATENCY)
    assert run.suggest_batch() == 1
    suggestion = Suggestion.objects.get(paper=paper)
    assert suggestion.concept.slug == "slow-answers"
    assert suggestion.suggester == active.current().name
    assert {span["field"] for span in suggestion.evidence["spans"]} == {"title", "abstract"}
    first = suggestion.evidence["spans"][0]
    assert paper.title_plain[first["start"] : first["end"]] == "Inference latency"
    assert set(suggestion.evidence["signals"]) == {"labels", "definition", "topic"}
    screening = Screening.objects.get(paper=paper)
    assert (screening.state, screening.paper_version) == ("waiting", 1)
    assert screening.priority == suggestion.score
    assert screening.suggested_at is not None


def test_a_paper_on_something_else_is_abstained_from():
    concepts()
    paper = waiting(**ORCHARD)
    run.suggest_batch()
    assert (state(paper), suggested(paper)) == ("abstained", [])


@pytest.mark.parametrize(
    "gone", [{"withdrawn": True}, {"removed_at": datetime(2025, 5, 4, tzinfo=UTC)}]
)
def test_a_paper_that_is_withdrawn_or_removed_gets_no_suggestion(gone):
    concepts()
    paper = waiting(**LATENCY, **gone)
    run.suggest_batch()
    assert (state(paper), suggested(paper)) == ("abstained", [])


def test_papers_that_do_not_wait_are_left_alone():
    concepts()
    paper = waiting(**LATENCY)
    Screening.objects.update(state="screened")
    assert run.suggest_batch() == 0
    assert suggested(paper) == []


def test_an_empty_vocabulary_suggests_nothing():
    paper = waiting(**LATENCY)
    assert run.suggest_batch() == 1
    assert state(paper) == "abstained"


def test_suggesting_again_replaces():
    concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    before = Suggestion.objects.get(paper=paper).pk
    assert run.wait_again(everything=True) == 1
    run.suggest_batch()
    assert Suggestion.objects.get(paper=paper).pk != before


@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_what_is_decided_is_not_suggested_again(verdict):
    made = concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    decide(paper, made["slow-answers"], verdict)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert (suggested(paper), state(paper)) == ([], "screened")


def test_a_rejected_concept_may_be_suggested_when_the_text_has_changed():
    made = concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    decide(paper, made["slow-answers"], "reject")
    new_text(paper, **LATENCY_AGAIN)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert suggested(paper) == ["slow-answers"]
    assert Suggestion.objects.get(paper=paper).paper_version == 2


def test_an_accepted_concept_stays_a_tag_and_is_not_asked_about_again():
    made = concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    decide(paper, made["slow-answers"], "accept")
    new_text(paper, **LATENCY_AGAIN)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert suggested(paper) == ["slow-answers"]  # for the desk to show
    assert curation.pending_suggestions(paper) == []
    assert state(paper) == "screened"
    assert Tag.objects.get().concept == made["slow-answers"]


@pytest.mark.parametrize("verdict", ["reject", "unsure"])
def test_a_version_with_the_same_text_asks_about_nothing_again(verdict):
    made = concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    decide(paper, made["slow-answers"], verdict)
    Paper.objects.update(version=2)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert (suggested(paper), state(paper)) == ([], "screened")


def test_the_last_verdict_counts_and_not_an_accept_before_it():
    made = concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    decide(paper, made["slow-answers"], "accept")
    decide(paper, made["slow-answers"], "reject")
    new_text(paper, **LATENCY_AGAIN)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert [one.concept for one in curation.pending_suggestions(paper)] == [
        made["slow-answers"]
    ]
    assert state(paper) == "waiting"


def test_a_paper_that_waits_on_a_new_text_waits_until_someone_reads_it():
    concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    curation.finish(paper=paper, curator=CuratorFactory())
    new_text(paper, **LATENCY_AGAIN)
    for _ in range(2):  # the second time nothing has changed since
        run.wait_again(everything=True)
        run.suggest_batch()
        assert state(paper) == "waiting"
    assert Screening.objects.get().screened_at is None


def test_a_text_that_nobody_has_finished_is_asked_about_when_something_is_found():
    concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    curation.finish(paper=paper, curator=CuratorFactory())
    new_text(paper, withdrawn=True, **LATENCY_AGAIN)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert state(paper) == "screened"
    Paper.objects.update(withdrawn=False)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert state(paper) == "waiting"


def test_a_finished_paper_stays_finished_until_its_text_changes():
    concepts()
    paper = waiting(**LATENCY)
    run.suggest_batch()
    curation.finish(paper=paper, curator=CuratorFactory())
    run.wait_again(everything=True)
    run.suggest_batch()
    assert state(paper) == "screened"
    new_text(paper, **LATENCY_AGAIN)
    run.wait_again(everything=True)
    run.suggest_batch()
    assert state(paper) == "waiting"


def test_a_paper_that_fails_says_why_and_the_others_go_on(caplog):
    concepts()
    cursed = waiting(title="Cursed", abstract="Inference latency of a language model.")
    fine = waiting(**LATENCY)
    assert run.suggest_batch(provider=choosy) == 2
    assert (state(cursed), suggested(cursed)) == ("failed", [])
    assert error(cursed) == "ValueError: no score for this"
    assert (state(fine), suggested(fine)) == ("waiting", ["slow-answers"])
    assert run.suggest_batch(provider=choosy) == 0
    assert run.wait_again(everything=False) == 1
    run.suggest_batch()
    assert suggested(cursed) == ["slow-answers"]
    assert error(cursed) == ""


def test_a_failure_keeps_the_suggestions_that_were_there(caplog):
    concepts()
    paper = waiting(title="Cursed", abstract="Inference latency of a language model.")
    run.suggest_batch()
    assert suggested(paper) == ["slow-answers"]
    run.wait_again(everything=True)
    run.suggest_batch(provider=choosy)
    assert (state(paper), suggested(paper)) == ("failed", ["slow-answers"])


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_costs_the_same_whatever_its_size(count, django_assert_num_queries):
    concepts()
    active.current()
    for _ in range(count):
        waiting(**LAW)
    # lock, numbers of vocabulary, model and update, decisions, the newest decision
    # and the accepted papers, delete, insert, update, two savepoints opened and released
    with django_assert_num_queries(14):
        run.suggest_batch()


def test_what_arrived_last_is_not_kept_waiting_by_a_backlog():
    concepts()
    old, later = waiting(**LATENCY), waiting(**LATENCY)
    run.suggest_batch(1)
    new = waiting(**LATENCY)
    run.suggest_batch(1)
    assert [state(paper) for paper in (old, later, new)] == ["identified", "waiting", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_in_a_batch_leaves_its_papers_waiting():
    concepts()
    papers = [waiting(**LATENCY) for _ in range(3)]
    run.suggest_batch(1)

    class Killed(BaseException):
        pass

    def dying():
        raise Killed

    with pytest.raises(Killed):
        run.suggest_batch(1, provider=dying)
    assert [state(paper) for paper in papers] == ["identified", "identified", "waiting"]
    assert run.suggest_batch() == 2
    assert [suggested(paper) for paper in papers] == [["slow-answers"]] * 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_papers_and_double_none():
    concepts()
    papers = [waiting(**(LATENCY if number % 2 else LAW)) for number in range(24)]
    together = threading.Barrier(2)
    done = []

    def work():
        try:
            together.wait()
            while handled := run.suggest_batch(3):
                done.append(handled)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == 24
    assert Suggestion.objects.count() == 24
    assert {state(paper) for paper in papers} == {"waiting"}


@pytest.mark.django_db(transaction=True)
def test_a_paper_that_another_holds_is_skipped():
    concepts()
    free, held = waiting(**LATENCY), waiting(**LATENCY)
    seen, go_on = threading.Event(), threading.Event()

    def hold():
        def slow():
            seen.set()
            go_on.wait(10)
            return active.current()

        try:
            run.suggest_batch(1, provider=slow)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    seen.wait(10)
    assert run.suggest_batch() == 1
    assert (state(held), state(free)) == ("identified", "waiting")
    go_on.set()
    holder.join()
    assert state(held) == "waiting"
