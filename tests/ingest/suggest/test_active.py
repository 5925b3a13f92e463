"""The suggester in use, and `suggest_text`."""

import pytest

from ingest.models import SuggesterModel
from ingest.suggest import active, artefact, subjects, suggest_text, training
from taxonomy import vocabulary
from tests.factories import ConceptFactory
from tests.ingest.suggest.made_up import examples
from tests.ingest.suggest.rows import concepts

pytestmark = pytest.mark.django_db


@pytest.fixture
def model():
    """A model in use, learned from made-up papers."""
    concepts()
    known = subjects.from_vocabulary(vocabulary.current())
    artefact.save(training.train(known, examples()).suggester, active.folder() / "one.npz")
    return SuggesterModel.objects.create(
        number=1, file="one.npz", examples=120, vocabulary_number=1, active=True
    )


def test_it_is_read_once(django_assert_num_queries):
    concepts()
    first = active.current()
    with django_assert_num_queries(2):  # the number of the vocabulary, and what is in use
        assert active.current() is first


def test_it_follows_the_vocabulary():
    concepts()
    assert "gardening" not in active.current().columns
    ConceptFactory(slug="gardening")
    assert "gardening" in active.current().columns


def test_it_follows_the_model_in_use(model):
    assert active.current().name == "learned-1"
    SuggesterModel.objects.update(active=False)
    assert active.current().name.startswith("vocabulary-")


def test_a_lost_file_falls_back_to_the_vocabulary_with_one_line(model, caplog):
    (active.folder() / model.file).unlink()
    assert active.current().linear is None
    active.current()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("Suggesting from the vocabulary alone: ")


def test_a_damaged_file_falls_back_to_the_vocabulary(model, caplog):
    (active.folder() / model.file).write_bytes(b"PK\x03\x04 and then nothing")
    assert active.current().linear is None


def test_deprecated_concepts_are_not_suggested():
    made = concepts()
    made["law"].deprecated = True
    made["law"].save()
    vocabulary.touch()
    assert "law" not in active.current().columns


def test_a_text_is_scored_for_every_concept_likeliest_first():
    made = concepts()
    title = "Pruning large language models"
    found = suggest_text(title, "Weight removal in a language model.")
    assert {scored.slug for scored in found} == set(made)
    assert [scored.slug for scored in found if scored.suggested] == ["slow-answers", "pruning"]
    assert found == sorted(found, key=lambda scored: -scored.score)
    pruning = next(scored for scored in found if scored.slug == "pruning")
    assert pruning.concept_id == made["pruning"].pk
    assert pruning.score >= pruning.threshold
    assert title[pruning.spans[0].start : pruning.spans[0].end] == "Pruning"
    assert all(scored.spans == () for scored in found if not scored.suggested)


def test_without_a_vocabulary_there_is_nothing_to_score():
    assert suggest_text("Pruning", "") == []
