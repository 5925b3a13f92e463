"""Finding a concept by a few letters."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxonomy import vocabulary
from taxonomy.typeahead import folded, matching
from tests.factories import ConceptFactory


def found(text):
    return [match.term.slug for match in matching(text, vocabulary.current())]


@pytest.fixture
def concepts(db):
    latency = ConceptFactory(slug="latency", label="Inference latency")
    latency.labels.create(kind="alt", language="en", text="Slow decoding")
    ConceptFactory(slug="late", label="Late interaction")
    ConceptFactory(slug="translation", label="Translation")
    ConceptFactory(slug="old", label="Lattices", deprecated=True)
    vocabulary.touch()


def test_the_start_comes_before_a_word_and_a_word_before_the_inside(concepts):
    assert found("lat") == ["late", "latency", "translation"]


@pytest.mark.parametrize(
    "text", ["slow dec", "SLOW", "課題 Inference", "ｓｌｏｗ", " decoding "]
)
def test_any_label_in_any_language_and_width_answers(concepts, text):
    assert found(text) == ["latency"]


def test_the_label_that_answered_is_told_when_it_is_not_the_one_shown(concepts):
    (match,) = matching("slow", vocabulary.current())
    assert (match.term.label, match.other_name) == ("Inference latency", "Slow decoding")


def test_nothing_typed_finds_nothing(concepts):
    assert found("  ") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=12))
def test_whatever_is_typed_finds_only_labels_that_contain_it(concepts, text):
    for match in matching(text, vocabulary.current()):
        assert folded(text) in folded(match.label)
