"""Whatever is decided and taken back, one stroke at a time: tags and counters are what a
rebuild from the trail makes of it."""

import random

import pytest

from taxonomy import curation, projection
from taxonomy.curation import Actor
from taxonomy.models import CellMonth, Concept, ConceptMonth, Decision, Tag
from tests.factories import ConceptFactory, CuratorFactory, DomainFactory, PaperFactory

pytestmark = pytest.mark.django_db
STROKES = 60


def tables():
    tags = Tag.objects.values_list("paper", "concept", "direct", "decision", "published_at")
    months = ConceptMonth.objects.exclude(papers=0).values_list("concept", "month", "papers")
    cells = CellMonth.objects.exclude(papers=0).values_list(
        "challenge", "domain", "month", "papers"
    )
    return set(tags), set(months), set(cells)


def stroke(chance, papers, concepts, people):
    reverted = Decision.objects.effective().order_by("id")
    if chance.random() < 0.3 and reverted.exists():
        one = chance.choice(list(reverted))
        curation.revert(decision=one, actor=Actor.person(chance.choice(people)))
        return
    curation.decide(
        paper=chance.choice(papers),
        concept=chance.choice(concepts),
        verdict=chance.choice(["accept", "accept", "reject", "unsure"]),
        actor=Actor.person(chance.choice(people)),
        idempotency_key=f"key-{chance.getrandbits(64)}",
    )


@pytest.mark.parametrize("seed", range(4))
def test_strokes_one_by_one_come_to_what_a_rebuild_comes_to(seed):
    chance = random.Random(seed)
    top, domain = ConceptFactory(), DomainFactory()
    narrower = ConceptFactory.create_batch(2, broader=top)
    concepts = list(Concept.objects.filter(pk__in=[one.pk for one in (top, domain, *narrower)]))
    papers, people = PaperFactory.create_batch(2), CuratorFactory.create_batch(2)
    for _ in range(STROKES):
        stroke(chance, papers, concepts, people)
    made = tables()
    assert projection.rebuild() == 0
    assert tables() == made
    Tag.objects.all().delete()
    projection.rebuild()
    assert tables() == made
