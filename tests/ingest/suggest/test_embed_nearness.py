"""How near a paper's vector is to the concepts."""

import numpy as np
import pytest

from ingest.suggest import artefact, embed_model, training
from ingest.suggest.combine import Suggester
from ingest.suggest.embed_nearness import UNTRAINED, WORDS_ALONE, Embedding, Nearness
from ingest.suggest.reading import Reading
from tests.ingest.suggest.embed_models import table
from tests.ingest.suggest.made_up import FILLER, SUBJECTS, WORDS, examples

HASTE = ("Haste and velocity of a language model", "The velocity of the language model.")
LEARNED = [SUBJECTS.slugs.index(slug) for slug in WORDS]
SLOW, LAW = (SUBJECTS.slugs.index(slug) for slug in ("slow-answers", "law"))


@pytest.fixture
def embedding(tmp_path):
    model = embed_model.load(table(tmp_path / "table"))
    return Embedding(model.name, model.vectors)


def partly(embedding, unknown):
    """The same, but these texts have no vectors."""

    def vectors(texts):
        found = embedding.vectors(texts)
        found[[text in unknown for text in texts]] = np.nan
        return found

    return Embedding(embedding.name, vectors)


def test_a_paper_is_found_by_words_that_the_vocabulary_does_not_have(embedding):
    by_words = Suggester(SUBJECTS).probabilities([HASTE])[0]
    found = Suggester(SUBJECTS, embedding=embedding).probabilities([HASTE])[0]
    assert found[SLOW] > by_words[SLOW]
    assert found[LAW] < by_words[LAW]


def test_a_narrower_concept_is_part_of_the_broader_ones_vector(embedding):
    pruning, slow = SUBJECTS.slugs.index("pruning"), SLOW
    found = embedding.concepts(SUBJECTS)
    assert np.linalg.norm(found, axis=1)[[pruning, slow, LAW]] == pytest.approx(1, abs=1e-5)
    alone = embedding.vectors(["Slow answers; Inference latency"])[0]
    assert found[slow] @ found[pruning] > alone @ found[pruning]


def test_a_paper_without_a_vector_has_what_its_words_say(embedding):
    other = ("Legal texts and a language model", "Read in court.")
    partial = partly(embedding, {f"{other[0]}. {other[1]}"})
    found = Suggester(SUBJECTS, embedding=partial).probabilities([HASTE, other])
    assert found[0] == pytest.approx(
        Suggester(SUBJECTS, embedding=embedding).probabilities([HASTE])[0]
    )
    assert found[1] == pytest.approx(Suggester(SUBJECTS).probabilities([other])[0])


def test_while_a_text_of_the_vocabulary_has_no_vector_none_counts(embedding):
    partial = partly(embedding, {SUBJECTS.items[0].texts[0][0]})
    suggester = Suggester(SUBJECTS, embedding=partial)
    assert suggester.signals(Reading.of([HASTE])).nearness is None


def test_it_has_a_fixed_weight_until_it_is_learned():
    logits = np.array([[0.5, 0.5]], np.float32)
    outstanding = np.array([[2.0, np.nan]], np.float32)
    weights = np.array([UNTRAINED, UNTRAINED], np.float32).T
    pooled = Nearness(outstanding, np.zeros_like(logits), weights).pool(logits)
    assert pooled[0].tolist() == pytest.approx([-0.1 + 0.5 + 0.4 * 2.0, 0.5])


def test_an_empty_vocabulary_and_no_papers_are_no_fault(embedding):
    assert Suggester(SUBJECTS, embedding=embedding).probabilities([]).shape == (0, 5)


@pytest.fixture
def telling(tmp_path):
    """A table that has a direction for each topic of the made-up papers, unknown words too."""
    words = dict.fromkeys(FILLER, (0.2, 0.2, 0.2))
    for at, topic in enumerate(WORDS):
        direction = tuple(float(at == axis) for axis in range(3))
        words |= dict.fromkeys([*WORDS[topic].split(), f"new{at}", f"other{at}"], direction)
    model = embed_model.load(table(tmp_path / "telling", words))
    return Embedding(model.name, model.vectors)


NEW = [
    (f"A language model and new{at}", f"other{at} new{at} large data results")
    for at, _ in enumerate(WORDS)
]


def test_labelled_papers_teach_planes_that_reach_beyond_their_words(telling):
    by_words = training.train(SUBJECTS, examples(120)).suggester
    taught = training.train(SUBJECTS, examples(120), embedding=telling).suggester
    assert taught.taught.model == telling.name
    assert set(taught.taught.slugs) == set(WORDS)
    right = np.arange(len(NEW)), LEARNED
    assert (taught.probabilities(NEW)[right] > by_words.probabilities(NEW)[right]).all()
    found = taught.probabilities(NEW)[:, LEARNED]
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


def test_what_was_taught_is_saved_and_counts_with_its_own_model_alone(
    telling, embedding, tmp_path
):
    taught = training.train(SUBJECTS, examples(120), embedding=telling).suggester
    path = tmp_path / "model.npz"
    artefact.save(taught, path)
    same = artefact.load(path, SUBJECTS, embedding=telling)
    assert same.probabilities(NEW) == pytest.approx(taught.probabilities(NEW), abs=1e-6)
    without = artefact.load(path, SUBJECTS)
    other = artefact.load(path, SUBJECTS, embedding=embedding)
    found, expected = (one.probabilities(NEW)[:, LEARNED] for one in (other, without))
    assert (found == expected).all()


def test_without_an_embedding_nothing_of_it_is_learned(embedding):
    found = training.train(SUBJECTS, examples(120))
    assert found.suggester.taught is None
    few = training.train(SUBJECTS, examples(20), embedding=embedding)
    assert few.suggester.embedding is embedding
    assert few.suggester.taught is None


def test_papers_without_vectors_are_left_out_of_the_lesson(telling):
    learned = examples(120)
    unknown = {f"{title}. {abstract}" for title, abstract in learned.papers[60:]}
    half = training.train(SUBJECTS, learned, embedding=partly(telling, unknown)).suggester
    assert half.taught is not None
    assert np.isfinite(half.taught.planes).all()
    assert half.probabilities(NEW)[:, SLOW].argmax() == 0


def test_where_no_paper_has_a_vector_the_words_decide(telling):
    learned = examples(120)
    unknown = {f"{title}. {abstract}" for title, abstract in learned.papers}
    none = training.train(SUBJECTS, learned, embedding=partly(telling, unknown)).suggester
    assert set(none.taught.weights.values()) == {WORDS_ALONE}
    by_words = training.train(SUBJECTS, learned).suggester
    found, expected = (one.probabilities(NEW)[:, LEARNED] for one in (none, by_words))
    assert found == pytest.approx(expected, abs=1e-5)
