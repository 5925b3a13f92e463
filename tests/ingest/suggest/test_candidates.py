"""Phrases that recent papers share and no concept covers."""

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.models import ConceptCandidate
from ingest.suggest import candidates, discovery
from ingest.suggest.lexical import Lexicon
from tests.factories import PaperFactory
from tests.ingest.suggest.made_up import SUBJECTS
from tests.ingest.suggest.rows import concepts

LEXICON = Lexicon(SUBJECTS)
PAGE = reverse("ingest:candidates")


def papers(phrase, count):
    """Papers that name the phrase in the title and say it twice."""
    return [
        (f"Numbered{n} {phrase}", f"Studied{n} {phrase} again{n}, {phrase} at last{n}.")
        for n in range(count)
    ]


def others(count):
    return [(f"Language model number{n} alone", f"Nothing in common{n}.") for n in range(count)]


def phrases(recent, before=()):
    return [one.phrases for one in candidates.find(recent, before, LEXICON)]


def test_a_phrase_that_enough_papers_name_and_repeat_is_a_candidate():
    found = candidates.find(papers("dream gardens", 10) + others(300), others(300), LEXICON)
    assert [one.phrases[0] for one in found] == ["dream gardens"]
    assert found[0].rows == tuple(range(10))
    assert (found[0].before, found[0].growth > 1) == (0, True)


@pytest.mark.parametrize(
    ("phrase", "count"), [("dream gardens", 7), ("weight removal", 10), ("in the", 10)]
)
def test_rare_phrases_labels_and_little_words_are_none(phrase, count):
    assert phrases(papers(phrase, count) + others(300)) == []


def test_what_is_said_once_and_never_in_a_title_is_a_turn_of_speech():
    recent = [("Language models", f"We take bold steps here{n}.") for n in range(10)]
    assert phrases(recent + others(300)) == []


def test_what_nearly_all_papers_say_is_no_candidate():
    assert phrases(papers("dream gardens", 100)) == []


def test_phrases_of_the_same_papers_are_one_candidate():
    recent = papers("walled dream gardens", 10) + others(300)
    [found] = phrases(recent)
    assert found[0] == "walled dream gardens"


def test_what_grows_comes_first():
    recent = papers("dream gardens", 10) + papers("glass boats", 10) + others(400)
    before = papers("glass boats", 10) + others(400)
    assert [found[0] for found in phrases(recent, before)] == ["dream gardens", "glass boats"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80)), max_size=6),
    st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80)), max_size=3),
)
def test_any_texts_can_be_searched(recent, before):
    for one in candidates.find(recent * 9, before, LEXICON):
        assert candidates.LEAST_PAPERS <= len(one.rows) <= len(recent) * 9


@pytest.fixture
def found(db):
    """One candidate among papers that are here."""
    concepts()
    for title, abstract in papers("dream gardens", 10) + others(200):
        PaperFactory(title=title, abstract=f"{abstract} A large language model, prompted.")
    assert discovery.look() == 1
    return ConceptCandidate.objects.get()


def test_looking_again_replaces_what_is_open(found):
    assert (found.phrase, found.papers, found.recent) == ("dream gardens", 10, 210)
    assert len(found.sample) == candidates.SAMPLE
    assert discovery.look() == 1
    assert ConceptCandidate.objects.count() == 1


def test_what_an_editor_dismissed_is_not_offered_again(found, keeper):
    discovery.dismiss(found, keeper)
    discovery.dismiss(found, keeper)
    assert discovery.look() == 0
    assert ConceptCandidate.objects.get().dismissed_by == "keeper"
    discovery.restore(found)
    assert discovery.look() == 1


def test_everyone_reads_candidates_and_keepers_judge_them(found, keeper, client):
    assert b"dream gardens" in client.get(PAGE).content
    judge = reverse("ingest:judge-candidate", args=[found.pk])
    assert "login" in client.post(judge, {"dismissed": "on"}).url
    client.force_login(keeper)
    client.post(judge, {"dismissed": "on"})
    assert not ConceptCandidate.objects.open().exists()
    client.post(judge, {"dismissed": "off"})
    assert ConceptCandidate.objects.open().get() == found


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_candidates_cost_the_same_however_many(client, django_assert_num_queries, count):
    for number in range(count):
        ConceptCandidate.objects.create(
            phrase=f"phrase {number}", position=number, papers=9, recent=90, growth=1.0,
            sample=[PaperFactory().pk],
        )  # fmt: skip
    client.get(PAGE)
    with django_assert_num_queries(4):  # candidates, dismissed, papers, comments
        client.get(PAGE)
