"""Which suggester is in use."""

import threading

import pytest
from django.db import connections

from ingest.models import SuggesterModel
from ingest.suggest import active, artefact, learning, promotion, training
from ingest.suggest.combine import Suggester
from ingest.suggest.examples import Examples
from taxonomy import curation
from taxonomy.curation import Actor
from tests.factories import CuratorFactory, PaperFactory
from tests.ingest.suggest import made_up
from tests.ingest.suggest.rows import concepts


def labelled(count, keys=None):
    found = made_up.examples(count)
    keys = keys or [f"2501.{number:05d}" for number in range(count)]
    return Examples(found.papers, found.labels, found.rejected, keys)


def decide_on(found, made, actor):
    pairs = [
        (PaperFactory(arxiv_id=key, title=title, abstract=abstract), made[slug])
        for key, (title, abstract), slugs in zip(
            found.keys, found.papers, found.labels, strict=True
        )
        for slug in slugs
    ]
    curation.accept_all(pairs=pairs, actor=actor)


def models_in_use():
    return list(SuggesterModel.objects.in_use().values_list("number", flat=True))


@pytest.mark.django_db
def test_a_tenth_of_each_kind_is_held_out_and_always_the_same():
    found = labelled(600)
    decide_on(found.part(range(300)), concepts(), Actor.person(CuratorFactory()))
    parts = promotion.split(found)
    assert promotion.split(found) == parts
    sizes = {kind: len(papers) for kind, papers in parts.held_out.items()}
    assert sizes.keys() == {"decided", "known"}
    assert all(20 <= size <= 45 for size in sizes.values())
    assert len(parts.learned) + sum(sizes.values()) == 600
    kept = {key for papers in parts.held_out.values() for key in papers.keys}
    assert not kept & set(parts.learned.keys)


@pytest.mark.django_db
def test_where_too_few_would_be_held_out_all_are_learned_from():
    parts = promotion.split(labelled(60))
    assert (len(parts.learned), parts.held_out) == (60, {})


@pytest.mark.django_db
def test_papers_from_a_file_are_all_learned_from():
    found = made_up.examples(60)
    assert promotion.split(found) == promotion.Split(found, {})


def test_a_worse_suggester_is_told_from_a_better_one():
    good = training.train(made_up.SUBJECTS, made_up.examples()).suggester
    poor = Suggester(made_up.SUBJECTS)
    papers = made_up.examples(60, seed=2)
    found = promotion.compare(poor, good, papers)
    assert found.papers == 60
    assert found.new < found.in_use
    assert not found.is_no_worse
    assert promotion.compare(good, poor, papers).is_no_worse
    assert promotion.compare(good, good, papers).margin == 0


@pytest.mark.django_db
def test_a_model_that_is_worse_on_unseen_papers_is_kept_and_not_used(monkeypatch):
    found = labelled(300)
    decide_on(found, concepts(), Actor.importing("made up"))
    assert learning.learn().active
    worse = promotion.Comparison(papers=30, new=0.2, in_use=0.9, margin=0.01)
    monkeypatch.setattr(promotion, "compare", lambda *_: worse)
    second = learning.learn()
    assert (second.active, models_in_use()) == (False, [1])
    assert second.evaluation["held_out"] == {"known": worse.as_json()}
    assert (active.folder() / second.file).exists()


@pytest.mark.django_db
def test_a_former_model_is_used_again_and_the_vocabulary_alone_too():
    decide_on(labelled(60), concepts(), Actor.importing("made up"))
    first, second = learning.learn(), learning.learn()
    assert models_in_use() == [2]
    promotion.use(first)
    assert (models_in_use(), active.current().name) == ([1], "learned-1")
    promotion.use(second)
    promotion.use(None)
    assert (models_in_use(), active.current().linear) == ([], None)


@pytest.mark.django_db
def test_a_model_whose_file_is_gone_is_refused_and_nothing_changes():
    decide_on(labelled(60), concepts(), Actor.importing("made up"))
    first, _ = learning.learn(), learning.learn()
    (active.folder() / first.file).unlink()
    with pytest.raises(artefact.ModelUnreadable):
        promotion.use(first)
    assert models_in_use() == [2]


@pytest.mark.django_db(transaction=True)
def test_two_who_choose_at_once_leave_one_in_use():
    decide_on(labelled(60), concepts(), Actor.importing("made up"))
    models = [learning.learn(), learning.learn()]
    together = threading.Barrier(2)

    def choose(model):
        together.wait()
        promotion.use(model)
        connections.close_all()

    threads = [threading.Thread(target=choose, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(models_in_use()) == 1
