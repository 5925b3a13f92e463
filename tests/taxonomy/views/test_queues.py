"""Queues as addresses, and those that a curator comes back to."""

import pytest
from django.urls import reverse

from taxonomy import desks, queue
from taxonomy.models import Lease, SavedView
from tests.factories import ConceptFactory, CuratorFactory, ScreeningFactory, SuggestionFactory
from tests.taxonomy.test_queue import in_threads

REVIEW = reverse("taxonomy:review")
QUEUES = reverse("taxonomy:review-queues")
SAVE = reverse("taxonomy:review-save-view")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def finish(desk, paper, headers=None, **values):
    return desk.post(
        reverse("taxonomy:review-finish", args=[paper.arxiv_id]), values, headers=headers
    )


def shown(response):
    return response.context["desk"].paper


# The address is the queue


def test_another_queue_clears_the_desk_and_a_bare_address_leads_back_to_it(desk):
    likely = ScreeningFactory(priority=0.9).paper
    uncertain = ScreeningFactory(uncertainty=0.9).paper
    assert shown(desk.get(REVIEW)) == likely
    page = desk.get(REVIEW, {"order": "uncertain"})
    assert shown(page) == uncertain
    assert '<option value="uncertain" selected>' in page.text
    assert Lease.objects.count() == 1
    assert desk.get(REVIEW).url == f"{REVIEW}?order=uncertain"
    assert shown(desk.get(f"{REVIEW}?order=")) == likely


def test_the_same_queue_again_leaves_the_desk_as_it_is(desk):
    first = ScreeningFactory(uncertainty=0.8).paper
    desk.get(REVIEW, {"order": "uncertain"})
    ScreeningFactory(uncertainty=0.9)
    assert shown(desk.get(REVIEW, {"order": "uncertain"})) == first


@pytest.mark.parametrize(
    "asked", [{"order": "sideways"}, {"days": "8"}, {"part": "x"}, {"q": "a" * 121}]
)
def test_what_is_malformed_asks_for_nothing(desk, asked):
    ScreeningFactory(uncertainty=0.9)
    likely = ScreeningFactory(priority=0.9).paper
    assert shown(desk.get(REVIEW, asked)) == likely


@pytest.mark.parametrize("headers", [None, HTMX])
def test_the_next_paper_is_of_the_queue_of_the_page(desk, headers):
    ConceptFactory(slug="latency")
    first, second = SuggestionFactory.create_batch(2, concept=ConceptFactory(slug="law"))
    SuggestionFactory(paper=ScreeningFactory(priority=1).paper)
    address = f"{REVIEW}?challenge=law"
    page = desk.get(address)
    desk.get(f"{REVIEW}?challenge=latency")  # in another tab
    response = finish(desk, shown(page), headers, queue="challenge=law")
    where = response["HX-Replace-Url"] if headers else response.url
    assert where == address
    rest = {first.paper, second.paper} - {shown(page)}
    assert {shown(desk.get(address))} == rest


def test_a_queue_that_is_empty_says_so_and_leads_to_others(desk):
    ScreeningFactory()
    ConceptFactory(slug="latency", label="Latency")
    page = desk.get(REVIEW, {"challenge": "latency"})
    assert "This queue is empty" in page.text
    assert f'href="{QUEUES}?challenge=latency"' in page.text


def test_two_curators_with_one_address_get_two_papers(desk, client, curator):
    SuggestionFactory.create_batch(2, concept=ConceptFactory(slug="latency"))
    mine = shown(desk.get(REVIEW, {"challenge": "latency"}))
    client.force_login(CuratorFactory())
    assert shown(client.get(REVIEW, {"challenge": "latency"})) != mine


def test_the_goal_and_the_queue_stand_above_the_desk(desk, curator):
    desks.set_desk(curator=curator, keys={}, daily_goal=40)
    concept = ConceptFactory(slug="latency", label="Latency")
    SuggestionFactory.create_batch(2, concept=concept)
    queue.finish(paper=SuggestionFactory(concept=concept).paper, curator=curator)
    text = desk.get(REVIEW, {"challenge": "latency"}).text
    assert "<b>1</b> of 40 today" in text
    assert "2 wait" in text
    assert 'max="40" value="1"' in text


# Saved ones


def test_a_queue_is_saved_under_a_name_and_is_its_address(desk, curator):
    ConceptFactory(slug="latency", label="Latency")
    asked = "challenge=latency&order=uncertain"
    desk.post(SAVE, {"name": "Mine first", "query": f"{asked}&junk=1"})
    assert SavedView.objects.get(curator=curator).query == asked
    text = desk.get(QUEUES).text
    address = f"{REVIEW}?challenge=latency&amp;order=uncertain"
    assert f'<a class="link" href="{address}">Mine first</a>' in text
    assert "Latency · uncertain first" in text


def test_the_same_name_again_takes_the_place_of_the_first(desk, curator):
    for order in ("rare", "mixed"):
        desk.post(SAVE, {"name": "Mine", "query": f"order={order}"})
    assert SavedView.objects.get(curator=curator).query == "order=mixed"


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_view_needs_a_name_that_can_be_read(desk, name):
    assert desk.post(SAVE, {"name": name, "query": ""}).status_code == 400


def test_nobody_sees_or_removes_the_views_of_another(desk, curator):
    other = CuratorFactory()
    theirs = desks.save_view(curator=other, name="Theirs", query="order=rare")
    mine = desks.save_view(curator=curator, name="My own", query="order=rare")
    text = desk.get(QUEUES).text
    assert ("My own" in text, "Theirs" in text) == (True, False)
    for view, status in ((theirs, 404), (mine, 302)):
        address = reverse("taxonomy:review-remove-view", args=[view.pk])
        assert desk.post(address).status_code == status
    assert list(SavedView.objects.all()) == [theirs]


@pytest.mark.parametrize("count", [1, 3])
def test_the_cost_of_the_queues_does_not_grow_with_the_views(
    desk, curator, django_assert_num_queries, count
):
    ConceptFactory.create_batch(count)
    for number in range(count):
        desks.save_view(curator=curator, name=f"View {number}", query="order=rare")
    desk.get(QUEUES)  # the vocabulary is in memory
    with django_assert_num_queries(4):
        assert desk.get(QUEUES).text.count('id="view-') == count


def test_the_form_shows_what_was_chosen_and_offers_to_save_it(desk):
    ConceptFactory(slug="latency", label="Latency")
    text = desk.get(QUEUES, {"challenge": "latency", "days": "30"}).text
    assert '<option value="latency" selected>Latency</option>' in text
    assert 'name="query" value="challenge=latency&amp;days=30"' in text


@pytest.mark.django_db(transaction=True)
def test_one_name_saved_twice_at_once_is_one_view():
    curator = CuratorFactory()

    def save(number):
        desks.save_view(curator=curator, name="Mine", query=f"days={number}")

    assert in_threads(2, save) == []
    assert SavedView.objects.count() == 1
