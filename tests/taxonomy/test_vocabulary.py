"""The vocabulary in memory: one query while nothing changes, right after a change."""

import pytest
from django.utils.translation import override

from taxonomy import vocabulary
from tests.factories import ConceptFactory

pytestmark = pytest.mark.django_db


def test_it_is_read_again_only_when_its_number_moves(django_assert_num_queries):
    ConceptFactory(slug="latency")
    vocabulary.current()
    with django_assert_num_queries(1):
        vocabulary.current()
    ConceptFactory(slug="cost")
    assert "cost" in vocabulary.current().by_slug


def test_labels_follow_the_language_and_fall_back_to_english():
    concept = ConceptFactory(slug="latency", label="Latency")
    with override("ja"):
        assert str(vocabulary.current().by_slug["latency"]) == "課題 Latency"
    concept.labels.filter(language="ja").delete()
    vocabulary.touch()
    with override("ja"):
        assert str(vocabulary.current().by_slug["latency"]) == "Latency"


def test_subtree_and_ancestors_are_each_others_reverse():
    top = ConceptFactory(slug="top")
    middle = ConceptFactory(slug="middle", broader=top)
    leaf = ConceptFactory(slug="leaf", broader=middle)
    terms = vocabulary.current()
    assert terms.subtree(top.pk) == [top.pk, middle.pk, leaf.pk]
    assert [term.slug for term in terms.ancestors(leaf.pk)] == ["middle", "top"]
    assert terms.top_of(terms.by_slug["leaf"]).slug == "top"
