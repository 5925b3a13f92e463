"""Vectors of texts beside the words, where a folder with a model is named."""

import json
import threading
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from ingest.models import SuggesterModel, TextVector
from ingest.suggest import (
    active,
    embed,
    embed_queue,
    embed_store,
    learning,
    run,
    suggest_text,
    tasks,
)
from taxonomy import queue, vocabulary
from taxonomy.models import Suggestion
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, new_text
from tests.ingest.suggest.embed_models import encoder, table
from tests.ingest.suggest.made_up import examples, write_labels
from tests.ingest.suggest.rows import (
    LATENCY,
    LATENCY_AGAIN,
    LAW,
    ORCHARD,
    concepts,
    papers,
    state,
    suggested,
    waiting,
)
from tests.ingest.suggest.test_learning import decide_on_made_up_papers

pytestmark = pytest.mark.django_db

HASTE = {
    "title": "Haste and velocity of large language models",
    "abstract": "Velocity, haste and slow answers of a language model.",
}


@pytest.fixture
def words(settings, tmp_path):
    """A table of vectors is in use."""
    settings.KADAI_EMBEDDINGS = str(table(tmp_path / "words"))


@pytest.fixture
def sentences(settings, tmp_path):
    """An encoder is in use."""
    settings.KADAI_EMBEDDINGS = str(encoder(tmp_path / "sentences"))


def vectors():
    """Which papers have one, and how many texts of no paper."""
    found = TextVector.objects.order_by("paper").values_list("paper", flat=True)
    return [paper for paper in found if paper], sum(paper is None for paper in found)


def evidence(paper):
    return Suggestion.objects.filter(paper=paper).first().evidence["signals"]


def embed_all():
    while embed_queue.embed_next():
        pass


def test_without_a_folder_nothing_is_read_or_asked(django_assert_num_queries):
    concepts()
    (paper,) = papers(LATENCY)
    assert "embedding" not in evidence(paper)
    assert embed.current() is None
    assert embed.check() == []
    with django_assert_num_queries(0):
        assert tasks.embed_papers() == 0


def test_a_table_counts_at_once_and_is_named_in_the_evidence(words):
    concepts()
    (paper,) = papers(HASTE)
    assert suggested(paper) == ["slow-answers"]
    assert evidence(paper)["embedding"] > 1
    assert vectors() == ([], 0)
    assert tasks.embed_papers() == 0


def test_a_table_counts_for_a_text_that_is_not_stored(words, settings):
    concepts()
    text = "Haste and velocity of a language model", "Velocity before all."
    with_vectors = {one.slug: one.score for one in suggest_text(*text)}
    settings.KADAI_EMBEDDINGS = ""
    active.forget()
    by_words = {one.slug: one.score for one in suggest_text(*text)}
    assert with_vectors["slow-answers"] > by_words["slow-answers"]
    assert with_vectors["law"] < by_words["law"]


def test_an_encoder_is_never_asked_while_something_waits(sentences):
    concepts()
    (paper,) = papers(LATENCY)
    suggest_text(**LATENCY)
    assert "embedding" not in evidence(paper)
    assert vectors() == ([], 0)


def test_a_task_computes_each_vector_once_and_lets_it_count(sentences):
    concepts()
    first, second = papers(LATENCY, LATENCY_AGAIN)
    written = {
        text for one in active.current().subjects.items for text, _ in embed_queue.weighed(one)
    }
    assert tasks.embed_papers() == len(written) + 2
    assert vectors() == ([first.pk, second.pk], len(written))
    assert "embedding" in evidence(first)
    assert "embedding" in evidence(second)
    assert tasks.embed_papers() == 0


def test_a_new_text_is_embedded_anew_in_place_of_the_old_one(sentences):
    concepts()
    (paper,) = papers(LATENCY)
    embed_all()
    before = TextVector.objects.get(paper=paper)
    new_text(paper, "Inference latency", "Slow answers of a language model.")
    run.wait_again(everything=True)
    run.suggest_batch()
    assert "embedding" not in evidence(paper)
    embed_all()
    after = TextVector.objects.get(paper=paper)
    assert after.pk == before.pk
    assert after.digest != before.digest
    assert "embedding" in evidence(paper)


def test_a_changed_vocabulary_is_embedded_before_more_papers(sentences):
    concepts()
    papers(LATENCY)
    embed_all()
    known = vectors()[1]
    ConceptFactory(slug="gardening", label="Gardening")
    vocabulary.touch()
    waiting(**LAW)
    run.suggest_batch()
    assert embed_queue.embed_next() > 0
    assert vectors()[1] > known
    assert len(vectors()[0]) == 1
    embed_all()
    assert len(vectors()[0]) == 2


def test_labelled_papers_come_first_then_those_that_wait_then_the_others(
    sentences, monkeypatch
):
    monkeypatch.setattr(embed_queue, "CHUNK", 100)
    made = concepts()
    likely, orchard = papers(LATENCY, ORCHARD)
    labelled = PaperFactory(title="Anything")
    made["law"].landmarks.create(paper=labelled)
    vocabulary.touch()
    embed_queue.embed_next()  # what the vocabulary writes
    assert vectors()[0] == []
    for expected in (labelled, likely, orchard):
        before = set(vectors()[0])
        assert embed_queue.embed_next() == 1
        assert set(vectors()[0]) - before == {expected.pk}
    assert embed_queue.embed_next() == 0


def test_a_paper_that_nothing_was_suggested_on_gets_another_chance(sentences):
    concepts()
    (paper,) = papers(ORCHARD)
    assert state(paper) == "abstained"
    embed_all()
    assert state(paper) == "identified"
    run.suggest_batch()
    assert state(paper) == "abstained"
    assert embed_queue.embed_next() == 0


def test_a_paper_on_a_desk_stays_as_it_is_read(sentences):
    concepts()
    (paper,) = papers(LATENCY)
    queue.take_next(CuratorFactory())
    embed_all()
    assert vectors()[0] == [paper.pk]
    assert "embedding" not in evidence(paper)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_compute_nothing_twice(sentences):
    concepts()
    papers(LATENCY, LATENCY_AGAIN, LAW)
    together = threading.Barrier(2)
    done = []

    def work():
        try:
            for _ in range(12):
                together.wait()
                done.append(embed_queue.embed_next())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    embedded, texts = vectors()
    assert len(embedded) == 3
    assert sum(done) == 3 + texts


def test_a_text_that_was_embedded_counts_for_a_request_too(
    sentences, django_assert_num_queries
):
    concepts()
    (paper,) = papers(LATENCY)
    embed_all()
    stored = Suggestion.objects.get(paper=paper, concept__slug="slow-answers")
    suggest_text(**LATENCY)
    with django_assert_num_queries(3):  # the vocabulary, what is in use, the vector
        found = {one.slug: one.score for one in suggest_text(**LATENCY)}
    assert found["slow-answers"] == pytest.approx(stored.score, abs=2e-4)


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_costs_one_query_more(sentences, count, django_assert_max_num_queries):
    concepts()
    papers(*[LATENCY, LATENCY_AGAIN, LAW][:count])
    embed_all()
    reading = [(one["title"], one["abstract"]) for one in (LATENCY, LATENCY_AGAIN, LAW)[:count]]
    suggester = active.current()
    suggester.probabilities(reading)
    with django_assert_max_num_queries(1):
        suggester.probabilities(reading)


def test_a_folder_of_no_use_is_said_once_and_kadai_goes_on(settings, tmp_path, caplog):
    settings.KADAI_EMBEDDINGS = str(tmp_path / "nowhere")
    concepts()
    (paper,) = papers(LATENCY)
    assert suggested(paper) == ["slow-answers"]
    active.forget()
    active.current()
    assert embed_queue.embed_next() == 0
    (said, other) = caplog.messages
    assert said.startswith("Suggesting without embeddings: ")
    assert other.startswith("Nothing is embedded: ")
    (warning,) = embed.check()
    assert warning.id == "ingest.W001"
    assert warning.msg == f"No embeddings: {tmp_path / 'nowhere'} holds no model.safetensors."
    assert warning.hint == embed.MEND


def test_a_good_folder_passes_the_check(sentences):
    assert embed.check() == []


def test_a_vector_keeps_its_direction_in_the_database():
    one = np.array([0.6, -0.8, 0.0], np.float32)
    embed_store.keep({"a text": one}, "model")
    embed_store.keep({"a text": -one}, "model")  # the first one stays
    found = embed_store.known(["another", "a text"], "model")
    assert np.isnan(found[0]).all()
    assert found[1] == pytest.approx(one, abs=1e-3)
    assert np.isnan(embed_store.known(["a text"], "other")).all()
    assert embed_store.known([], "model").shape[0] == 0


def test_a_training_learns_from_vectors_and_the_suggester_uses_them(words):
    decide_on_made_up_papers()
    learning.learn()
    assert SuggesterModel.objects.get().active
    assert active.current().taught.model == embed.current().name


def test_commands_compute_vectors_and_keep_none(sentences, tmp_path):
    concepts()
    labels, model = tmp_path / "labels.jsonl", tmp_path / "model.npz"
    write_labels(labels, examples(60))
    call_command(
        "train_suggester", labels=labels, model=model, stdout=StringIO(), stderr=StringIO()
    )
    out = StringIO()
    call_command("evaluate_suggester", labels=labels, model=model, stdout=out)
    assert json.loads(out.getvalue())["ndcg@5"] > 0.9
    assert vectors() == ([], 0)
    with np.load(model) as file:
        assert file["vector_planes"].shape == (8, 3)
