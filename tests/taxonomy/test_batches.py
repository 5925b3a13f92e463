"""Many decisions at once, and taking many back."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from taxonomy import batches, counts, curation, projection, queue, trail, vocabulary
from taxonomy.curation import Actor
from taxonomy.dossiers import standing_decisions
from taxonomy.errors import KeyReused, NotRevertible, TooWide
from taxonomy.models import (
    Batch,
    CellMonth,
    ConceptMonth,
    Decision,
    Lease,
    PassedOver,
    Screening,
    Suggestion,
    Tag,
)
from taxonomy.selection import SuggestionFilter
from taxonomy.trail import TrailFilter
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    DomainFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)

MINUTE = timedelta(minutes=1)
DAY = date(2025, 1, 1)
TAG = ("paper", "concept", "direct", "decision", "published_at")


def decide(paper, concept, user, verdict="accept", **values):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user), **values
    )


def accept(user, key="k", **wanted):
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(**wanted), verdict="accept", user=user, key=key
    )
    return batches.go_on(batch)


def revert(user, key="r", **wanted):
    batch = batches.begin_revert(wanted=TrailFilter(**wanted), user=user, key=key)
    return batches.go_on(batch)


def state():
    """Tags, counters and the places of papers: all that decisions amount to."""
    concepts = ConceptMonth.objects.filter(papers__gt=0)
    cells = CellMonth.objects.filter(papers__gt=0)
    return (
        sorted(
            Tag.objects.values_list("paper", "concept", "direct", "decision", "published_at")
        ),
        sorted(concepts.values_list("concept", "month", "papers")),
        sorted(cells.values_list("challenge", "domain", "month", "papers")),
        sorted(Screening.objects.values_list("paper", "state", "screened_at", "screened_by")),
    )


def feeds(*concepts):
    client = Client(headers={"accept-language": "en"})
    paths = [f"/feeds/{one.kind}s/{one.slug}/" for one in concepts]
    return [client.get(path).content for path in ["/feeds/papers/", *paths]]


@pytest.fixture
def latency(db):
    return ConceptFactory(slug="latency")


def test_what_is_open_in_the_database_is_what_is_open_on_the_desk(curator):
    """The two forms of one rule, over every history of a suggestion."""
    for verdict in ("accept", "reject", "unsure", None):
        for newer in (False, True):
            for taken_back in (False, True):
                one = SuggestionFactory()
                if verdict:
                    made = decide(one.paper, one.concept, curator, verdict)
                    if taken_back:
                        curation.revert(decision=made, actor=Actor.person(curator))
                if newer:
                    new_text(one.paper)
                    one.delete()
                    SuggestionFactory(paper=one.paper, concept=one.concept, text_revision=2)
    opened = {
        one.pk
        for one in Suggestion.objects.select_related("paper")
        if one in curation.pending_suggestions(one.paper)
    }
    assert set(Suggestion.objects.open().values_list("pk", flat=True)) == opened
    assert 0 < len(opened) < Suggestion.objects.count()


def test_only_what_was_asked_for_is_accepted(curator, latency):
    latency.broader = ConceptFactory(slug="cost")
    latency.save()
    vocabulary.touch()
    sure = SuggestionFactory(concept=latency, score=0.97)
    doubtful = SuggestionFactory(concept=latency, score=0.5)
    other = SuggestionFactory(score=0.99)
    batch = accept(curator, concept="latency", least=0.95)
    assert (batch.expected, batch.made, batch.passed) == (1, 1, 0)
    assert batch.finished_at
    made = Decision.objects.get()
    assert (made.paper, made.concept, made.verdict, made.actor, made.batch) == (
        sure.paper, latency, "accept", curator, batch.pk,
    )  # fmt: skip
    assert (made.score, made.suggester, made.text_revision) == (0.97, "default-1", 1)
    assert set(Tag.objects.values_list("concept__slug", "direct")) == {
        ("latency", True),
        ("cost", False),
    }
    assert Screening.objects.get(paper=sure.paper).state == "screened"
    assert Screening.objects.get(paper=sure.paper).screened_by == curator
    assert curation.pending_suggestions(doubtful.paper) == [doubtful]
    assert curation.pending_suggestions(other.paper) == [other]


def test_rejecting_many_makes_no_tags(curator, latency):
    SuggestionFactory.create_batch(3, concept=latency)
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="reject", user=curator, key="k"
    )
    assert batches.go_on(batch).made == 3
    assert set(Decision.objects.values_list("verdict", flat=True)) == {"reject"}
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"least": 0.9}, {"high", "old"}),
        ({"most": 0.2}, {"low"}),
        ({"concept": "latency"}, {"high", "low"}),
        ({"suggester": "default-2"}, {"low"}),
        ({"since": DAY}, {"high", "low", "old"}),
        ({"until": DAY}, set()),
        ({"published_after": DAY}, {"high", "low"}),
        ({"published_before": DAY}, {"old"}),
    ],
)
def test_conditions_narrow_the_selection(latency, wanted, found):
    old = PaperFactory(published_at=datetime(2020, 5, 1, tzinfo=UTC))
    rows = {
        "high": SuggestionFactory(concept=latency, score=0.95),
        "low": SuggestionFactory(concept=latency, score=0.1, suggester="default-2"),
        "old": SuggestionFactory(paper=old, score=0.9),
    }
    chosen = SuggestionFilter(**wanted)
    assert set(chosen.rows()) == {rows[name] for name in found}
    assert SuggestionFilter.from_json(chosen.as_json()) == chosen


@pytest.mark.django_db
def test_papers_that_are_gone_and_retired_concepts_are_not_meant():
    gone = SuggestionFactory(paper=PaperFactory(withdrawn=True))
    retired = SuggestionFactory(concept=ConceptFactory(deprecated=True))
    assert {gone, retired} == set(Suggestion.objects.open())
    assert set(SuggestionFilter(least=0).rows()) == set()


def test_a_paper_on_another_desk_is_passed_over_and_said_so(curator, latency):
    held, own = SuggestionFactory.create_batch(2, concept=latency)
    queue.open_paper(paper=held.paper, curator=CuratorFactory())
    queue.open_paper(paper=own.paper, curator=curator)
    batch = accept(curator, concept="latency")
    assert (batch.made, batch.passed) == (1, 1)
    passed = PassedOver.objects.get()
    assert (passed.paper, passed.concept, passed.why) == (
        held.paper, latency, "held-by-another",
    )  # fmt: skip
    assert Decision.objects.get().paper == own.paper
    assert not Lease.objects.filter(paper=own.paper).exists()


def test_what_is_suggested_after_the_look_is_not_meant(curator, latency):
    SuggestionFactory(concept=latency)
    wanted = SuggestionFilter(concept="latency")
    outlook, _sample = batches.look_at_suggestions(wanted, curator)
    SuggestionFactory(concept=latency)
    batch = batches.begin_decisions(
        wanted=wanted, verdict="accept", user=curator, key="k", upto=outlook.upto
    )
    assert (batch.expected, batches.go_on(batch).made) == (1, 1)


def test_the_same_key_is_the_same_batch(curator, latency):
    SuggestionFactory(concept=latency)
    first = accept(curator, concept="latency")
    SuggestionFactory(concept=latency)
    assert accept(curator, concept="latency") == first
    assert Decision.objects.count() == 1
    with pytest.raises(KeyReused):
        accept(curator, concept="latency", least=0.5)


def test_a_selection_without_conditions_is_refused(curator):
    with pytest.raises(TooWide):
        accept(curator)
    with pytest.raises(TooWide):
        revert(curator, verdict="accept")


def test_a_batch_that_was_interrupted_goes_on_behind_its_last_chunk(
    curator, latency, monkeypatch
):
    monkeypatch.setattr(batches, "CHUNK", 2)
    SuggestionFactory.create_batch(5, concept=latency)
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="accept", user=curator, key="k"
    )
    batch = batches.go_on(batch, seconds=-1)
    assert (batch.made, batch.finished_at) == (2, None)
    assert Decision.objects.count() == 2
    batch = batches.go_on(batch)
    assert (batch.made, Decision.objects.count()) == (5, 5)
    assert batch.finished_at


def test_undoing_a_batch_leaves_everything_as_it_was(curator, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 2)
    broad, domain = ConceptFactory(slug="cost"), DomainFactory(slug="law")
    narrow = ConceptFactory(slug="latency", broader=broad)
    for _ in range(5):
        one = SuggestionFactory(concept=narrow)
        decide(one.paper, domain, curator)
        decide(one.paper, broad, curator)
    before, fed = state(), feeds(broad, narrow, domain)
    batch = accept(curator, concept="latency")
    assert batch.made == 5
    assert state() != before
    undo = batches.go_on(batches.begin_undo(batch=batch, user=curator, key="u"))
    assert (undo.made, undo.undoes) == (5, batch)
    assert state() == before
    assert feeds(broad, narrow, domain) == fed
    assert Decision.objects.filter(batch=undo.pk, verdict="retract").count() == 5


def test_a_revert_of_a_person_in_a_period_takes_nothing_else(curator):
    rogue = CuratorFactory(username="rogue")
    first, second = PaperFactory(), PaperFactory()
    concepts = ConceptFactory.create_batch(3)
    for concept in concepts:
        decide(first, concept, curator)
        decide(second, concept, rogue, "reject")
    before = state()
    began = timezone.now()
    for concept in concepts:
        decide(first, concept, rogue, "reject")
        decide(second, concept, rogue)
    after = decide(PaperFactory(), concepts[0], curator)
    batch = revert(curator, person="rogue", since=began, until=began + MINUTE)
    assert batch.made == 6
    assert Decision.objects.effective().filter(actor=rogue).count() == 3
    assert Tag.objects.filter(decision=after).exists()
    Tag.objects.filter(decision=after).delete()
    assert state()[0] == before[0]


def test_an_import_and_the_decisions_on_a_models_suggestions_are_taken_back(curator, latency):
    curation.accept_all(
        pairs=[(PaperFactory(), latency)], actor=Actor.importing("a bad import")
    )
    decide(PaperFactory(), latency, curator)
    assert revert(curator, "r1", machine="a bad import").made == 1
    suggested = SuggestionFactory(concept=latency, suggester="bad-1")
    decide(suggested.paper, latency, curator)
    assert revert(curator, "r2", suggester="bad-1").made == 1
    assert Tag.objects.count() == 1


def test_what_was_taken_back_by_hand_is_not_taken_back_twice(curator, latency):
    SuggestionFactory.create_batch(3, concept=latency)
    batch = accept(curator, concept="latency")
    curation.revert(decision=Decision.objects.first(), actor=Actor.person(curator))
    undo = batches.go_on(batches.begin_undo(batch=batch, user=curator, key="u"))
    assert undo.made == 2
    assert not Decision.objects.effective().exists()


def test_a_revert_is_not_undone(curator, latency):
    decide(PaperFactory(), latency, curator)
    batch = revert(curator, person="curator")
    with pytest.raises(NotRevertible):
        batches.begin_undo(batch=batch, user=curator, key="u")


def test_undoing_an_unfinished_batch_ends_it(curator, latency, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 2)
    SuggestionFactory.create_batch(5, concept=latency)
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="accept", user=curator, key="k"
    )
    batches.go_on(batch, seconds=-1)
    undo = batches.go_on(batches.begin_undo(batch=batch, user=curator, key="u"))
    assert undo.made == 2
    assert batches.go_on(batch).made == 2  # it goes no further
    assert not Tag.objects.exists()


def test_who_is_no_editor_takes_back_only_their_own(curator):
    assert batches.may_revert(curator, TrailFilter(person="curator"))
    assert not batches.may_revert(curator, TrailFilter(person="somebody"))
    assert not batches.may_revert(curator, TrailFilter(batch=uuid4()))


def test_undo_on_the_desk_does_not_unmake_a_batch(curator, latency):
    by_hand = decide(PaperFactory(), ConceptFactory(), curator)
    SuggestionFactory.create_batch(2, concept=latency)
    accept(curator, concept="latency")
    undone = queue.undo_last(curator=curator)
    assert undone.decisions == (by_hand,)


def test_the_look_at_a_revert_says_what_rests_on_it(curator, latency):
    paper = PaperFactory()
    decide(paper, latency, curator)
    decide(PaperFactory(), latency, curator, "reject")
    outlook, sample = batches.look_at_decisions(TrailFilter(person="curator"))
    assert (outlook.count, outlook.papers, outlook.tags) == (2, 2, 1)
    assert len(sample) == 2


def test_what_would_hold_without_a_decision_is_what_holds_after_its_revert(curator, latency):
    rogue, paper = CuratorFactory(username="rogue"), PaperFactory()
    decide(paper, latency, curator)
    decide(paper, latency, rogue, "reject")
    decide(paper, latency, rogue, "unsure")
    pair = (paper.pk, latency.pk)
    step = trail.without(TrailFilter(person="rogue").rows().effective(), {pair})[pair]
    assert (step.before, step.after) == ("unsure", "accept")
    revert(curator, person="rogue")
    assert standing_decisions(paper)[latency.pk].verdict == "accept"


def test_tags_and_counters_rebuilt_from_the_trail_are_the_same(curator, latency):
    domain = DomainFactory()
    papers = PaperFactory.create_batch(4)
    for paper in papers:
        decide(paper, latency, curator)
        decide(paper, domain, curator)
    decide(papers[0], latency, curator, "reject")
    curation.revert(decision=Decision.objects.first(), actor=Actor.person(curator))
    before = state()
    assert projection.rebuild() == 0
    assert state() == before
    Tag.objects.filter(paper=papers[1]).delete()
    Tag.objects.filter(paper=papers[2]).update(published_at=timezone.now())
    Tag.objects.create(
        paper=papers[0],
        concept=latency,
        decision=Decision.objects.first(),
        published_at=papers[0].published_at,
    )
    ConceptMonth.objects.update(papers=7)
    call_command("rebuild_tags")
    assert state() == before


def test_a_decision_says_the_same_whether_taken_back_alone_or_with_many(curator, latency):
    """Column by column, but for what names the paper, the batch and the moment."""
    said = []
    for suggested in (True, False):
        alone, among = PaperFactory.create_batch(2)
        for paper in (alone, among):
            if suggested:
                SuggestionFactory(paper=paper, concept=latency, suggester="s-1", score=0.75)
            decide(paper, latency, curator)
            new_text(paper)
        editor = CuratorFactory()
        of_alone = Decision.objects.get(paper=alone)
        curation.revert(decision=of_alone, actor=Actor.person(editor), note="Why.")
        wanted = TrailFilter(person=curator.username)
        batches.go_on(
            batches.begin_revert(wanted=wanted, user=editor, key=f"{suggested}", note="Why.")
        )
        said += [Decision.objects.filter(paper=one).latest("pk") for one in (alone, among)]
    apart = {"id", "paper", "reverts", "batch", "created_at"}
    names = [field.name for field in Decision._meta.fields if field.name not in apart]
    rows = [[getattr(one, name) for name in names] for one in said]
    assert rows[0] == rows[1]
    assert rows[2] == rows[3]
    assert [(one.suggester, one.score) for one in said[::2]] == [("s-1", 0.75), ("", None)]
    assert [one.text_revision for one in said] == [2, 2, 2, 2]


def test_a_batch_costs_the_same_number_of_statements_at_any_size(
    curator, django_assert_max_num_queries
):
    concept = ConceptFactory(slug="latency")
    SuggestionFactory.create_batch(30, concept=concept)
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="accept", user=curator, key="k"
    )
    with django_assert_max_num_queries(40):
        batches.go_on(batch)
    assert Decision.objects.count() == 30


def run_both(*functions):
    barrier, failures = threading.Barrier(len(functions)), []

    def run(function):
        barrier.wait()
        try:
            function()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db(transaction=True)
def test_two_who_go_on_with_one_batch_at_once_decide_each_suggestion_once(monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 3)
    user, concept = CuratorFactory(), ConceptFactory(slug="latency")
    SuggestionFactory.create_batch(12, concept=concept)
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="accept", user=user, key="k"
    )
    assert run_both(lambda: batches.go_on(batch), lambda: batches.go_on(batch)) == []
    batch.refresh_from_db()
    assert (batch.made, Decision.objects.count()) == (12, 12)
    assert counts.totals() == {concept.pk: 12}


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_twice_at_once_is_one_batch():
    user, concept = CuratorFactory(), ConceptFactory(slug="latency")
    SuggestionFactory.create_batch(3, concept=concept)

    def send():
        accept(user, concept="latency")

    assert run_both(send, send) == []
    assert (Batch.objects.count(), Decision.objects.count()) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_two_batches_and_a_curator_at_once_decide_each_suggestion_once(monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 3)
    first, second, third = CuratorFactory.create_batch(3)
    concept = ConceptFactory(slug="latency")
    rows = SuggestionFactory.create_batch(9, concept=concept)

    def by_hand():
        for one in reversed(rows):
            decide(one.paper, concept, third)

    failures = run_both(
        lambda: accept(first, concept="latency"),
        lambda: accept(second, concept="latency", least=0.1),
        by_hand,
    )
    assert failures == []
    assert counts.totals() == {concept.pk: 9}
    bulk = Decision.objects.filter(batch__isnull=False).values_list("paper", flat=True)
    assert len(set(bulk)) == len(bulk)


@pytest.mark.django_db(transaction=True)
def test_two_reverts_of_one_person_at_once_take_each_decision_back_once(monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 3)
    rogue, editor, concept = (
        CuratorFactory(username="rogue"),
        CuratorFactory(),
        ConceptFactory(),
    )
    for _ in range(9):
        decide(ScreeningFactory().paper, concept, rogue)
    failures = run_both(
        lambda: revert(editor, "r1", person="rogue"),
        lambda: revert(editor, "r2", person="rogue"),
    )
    assert failures == []
    assert Decision.objects.filter(verdict="retract").count() == 9
    assert counts.totals() == {}
