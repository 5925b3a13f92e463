"""The pages of second readings, disputes and agreement, and agreement over REST."""

import re

import pytest
from django.urls import reverse

from taxonomy import people, second_readings, vocabulary
from taxonomy.models import Collection, Decision, GoldPaper, ReadingPolicy, SecondReading
from tests.factories import ConceptFactory, CuratorFactory, DomainFactory, SuggestionFactory
from tests.taxonomy.test_second_readings import read, screened

pytestmark = pytest.mark.django_db

READING, DISPUTES = reverse("taxonomy:reading"), reverse("taxonomy:disputes")
AGREEMENT, OWN = reverse("taxonomy:agreement"), reverse("taxonomy:own-work")


@pytest.fixture
def editor():
    return people.give_role(CuratorFactory(), people.Role.EDITOR)


@pytest.fixture
def first(editor):
    second_readings.set_share(share=100, editor=editor)
    return CuratorFactory(username="the-first-one")


def dispute(first, second, **concept):
    concept = ConceptFactory(**concept)
    screened(first, concept)
    second_readings.open_drawn()
    read(second)
    return SecondReading.objects.disputed().last(), concept


def test_the_page_tells_nothing_of_the_first_and_keeps_what_is_ticked(client, first):
    suggested, added, told = ConceptFactory.create_batch(3)
    paper = screened(first, told)
    SuggestionFactory(paper=paper, concept=suggested)
    second_readings.open_drawn()
    curator = CuratorFactory()
    client.force_login(curator)
    page = client.get(READING)
    assert [term.id for term in page.context["offered"]] == [suggested.pk]
    assert "the-first-one" not in page.content.decode()
    url = reverse("taxonomy:judge", args=[page.context["reading"].pk])
    answer = client.post(url, {"concepts": [suggested.slug], "more": [added.slug]})
    assert answer.status_code == 302
    reading = SecondReading.objects.get(second=curator)
    given = reading.judgements.filter(side="second").values_list("concept", flat=True)
    assert set(given) == {suggested.pk, added.pk}


def test_what_is_not_offered_stands_by_group_and_nothing_stands_twice(client, first):
    offered, brittle, alone = (ConceptFactory(label=name) for name in ("A", "B", "C"))
    group = Collection.objects.create(slug="behaviour")
    group.labels.create(language="en", text="Behaviour")
    group.members.add(offered, brittle)
    domain = DomainFactory(label="Medicine")
    ConceptFactory(label="Retired", deprecated=True)
    vocabulary.touch()
    SuggestionFactory(paper=screened(first, alone), concept=offered)
    second_readings.open_drawn()
    client.force_login(CuratorFactory())
    groups = client.get(READING).context["more"]
    assert [(name, [term.id for term in terms]) for name, terms in groups] == [
        ("Behaviour", [brittle.pk]),
        ("Challenges", [alone.pk]),
        ("Domains", [domain.pk]),
    ]


def test_an_unknown_concept_keeps_nothing_and_the_paper(client, first):
    screened(first)
    second_readings.open_drawn()
    client.force_login(CuratorFactory())
    reading = client.get(READING).context["reading"]
    client.post(reverse("taxonomy:judge", args=[reading.pk]), {"concepts": ["nothing-such"]})
    assert client.get(READING).context["reading"] == reading


def test_an_editor_settles_and_every_concept_needs_a_word(client, first, editor):
    reading, concept = dispute(first, CuratorFactory())
    client.force_login(editor)
    url = reverse("taxonomy:settle", args=[reading.pk])
    client.post(url, {})
    assert SecondReading.objects.disputed().count() == 1
    client.post(url, {f"fits-{concept.pk}": "no"})
    assert SecondReading.objects.disputed().count() == 0
    assert Decision.objects.get(actor=editor).verdict == "reject"


@pytest.mark.parametrize("share", ["-1", "101", "many", ""])
def test_a_share_that_is_none_changes_nothing(client, first, editor, share):
    client.force_login(editor)
    client.post(reverse("taxonomy:set-share"), {"share": share})
    assert ReadingPolicy.objects.get().share == 100


def test_the_button_on_the_paper_page_marks_and_unmarks(client, first, editor):
    paper = screened(first, ConceptFactory())
    client.force_login(editor)
    url = reverse("taxonomy:mark-gold", args=[paper.arxiv_id])
    assert url in client.get(paper.get_absolute_url()).content.decode()
    client.post(url)
    assert GoldPaper.objects.get().paper == paper
    client.post(url)
    assert not GoldPaper.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_however_much_was_read(
    client, first, editor, django_assert_num_queries, count
):
    second = CuratorFactory()
    for _ in range(count):
        dispute(first, second)
    client.force_login(editor)
    for url, queries in ((DISPUTES, 7), (AGREEMENT, 5), (OWN, 4)):
        client.get(url)
        with django_assert_num_queries(queries):
            assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_next_paper_costs_the_same_however_many_wait(
    client, first, django_assert_num_queries, count
):
    for _ in range(count):
        SuggestionFactory(paper=screened(first, ConceptFactory()), concept=ConceptFactory())
    second_readings.open_drawn()
    client.force_login(CuratorFactory())
    client.get(READING)
    with django_assert_num_queries(7):
        client.get(READING)


def test_programs_read_the_same_figures(client, first):
    _reading, concept = dispute(first, CuratorFactory())
    assert client.get("/api/v1/stats/agreement/").json() == {
        "papers": 1, "same": 0, "alpha": 0.0,
        "concepts": [
            {
                "concept": concept.slug, "kappa": 0.0, "low": 0.0, "high": 0.0,
                "both": 0, "first_only": 1, "second_only": 0,
            }
        ],
    }  # fmt: skip


def test_a_concept_with_a_large_number_is_settled_by_what_the_page_sends(client, first, editor):
    reading, _concept = dispute(first, CuratorFactory(), pk=1_234_567)
    client.force_login(editor)
    (name,) = set(re.findall(r'name="(fits-[^"]*)"', client.get(DISPUTES).text))
    client.post(reverse("taxonomy:settle", args=[reading.pk]), {name: "no"})
    assert not SecondReading.objects.disputed().exists()
