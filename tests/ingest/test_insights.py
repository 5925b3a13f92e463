"""The way to the pages under /insights/."""

import pytest
from django.urls import reverse

from ingest.models import ConceptCandidate, Measurement, SuggesterModel
from taxonomy.models import QueuePolicy
from tests.factories import ConceptFactory, ScreeningFactory

PAGE = reverse("ingest:insights")
pytestmark = pytest.mark.django_db


def figures(client):
    return {way.url: way.figure for way in client.get(PAGE).context["ways"]}


def test_before_anything_was_measured_no_figure_is_made_up(client):
    suggester = reverse("ingest:suggester")
    assert figures(client) == {
        suggester: "–",
        f"{suggester}#curve": "–",
        f"{suggester}#concepts": "–",
        reverse("ingest:candidates"): "0",
        reverse("taxonomy:agreement"): "–",
        reverse("taxonomy:review"): "0",
    }


def test_each_page_has_its_figure(client):
    SuggesterModel.objects.create(
        number=1, file="one.npz", examples=1, vocabulary_number=1, active=True,
        evaluation={"precision@1": 0.864},
    )  # fmt: skip
    points = [{"labelled": 0, "ndcg@5": 0.84}, {"labelled": 9, "ndcg@5": 0.92}]
    Measurement.objects.keep(Measurement.Kind.LEARNING_CURVE, {"points": points})
    top, narrower = ConceptFactory(), ConceptFactory()
    narrower.broader = top
    narrower.save()
    found = {"papers": 1_200, "low": 1_000, "high": 1_400, "decided": 9}
    Measurement.objects.keep(Measurement.Kind.UNSEEN, {top.slug: found})
    ScreeningFactory.create_batch(2)
    assert list(figures(client).values()) == ["86 %", "+8", "1,200", "0", "–", "2"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_cost_does_not_grow_with_what_there_is(client, django_assert_num_queries, count):
    for number in range(count):
        ConceptCandidate.objects.create(
            phrase=f"phrase {number}", position=number, papers=3, recent=9, growth=0
        )
    ConceptFactory()
    client.get(PAGE)
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_an_editor_sets_the_order_of_the_queue_for_everyone(client, keeper):
    client.force_login(keeper)
    url = reverse("ingest:set-order")
    client.post(url, {"order": "sideways"})
    assert not QueuePolicy.objects.exists()
    client.post(url, {"order": "uncertain"})
    assert QueuePolicy.objects.get().order == "uncertain"


def test_a_visitor_may_not_set_the_order(client):
    response = client.post(reverse("ingest:set-order"), {"order": "rare"})
    assert response.status_code == 302
    assert not QueuePolicy.objects.exists()
