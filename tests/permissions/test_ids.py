"""Numbers that name something are written as they are: 1234567, never 1,234,567."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from ingest.models import ConceptCandidate
from taxonomy import curation, models
from taxonomy.curation import Actor
from tests.factories import PaperFactory, SuggestionFactory
from tests.matrix import Visitor, World, addresses

FIRST = 1_234_500  # no page counts so many of anything in the world below


@pytest.fixture
def large_numbers(db):
    """Every row that is made from now on has a number of seven digits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, sequencename, last_value FROM pg_sequences")
        # Setting a sequence is not rolled back; numbers of former rows are free again.
        before = {f'"{schema}"."{name}"': last for schema, name, last in cursor.fetchall()}
        cursor.executemany("SELECT setval(%s, %s)", [(name, FIRST) for name in before])
        yield
        cursor.executemany(
            "SELECT setval(%s, %s, %s)",
            [(name, last or 1, last is not None) for name, last in before.items()],
        )


@pytest.fixture
def world(large_numbers):
    """One row of everything, and two where pages show rows of one person or one row."""
    world = World()
    admin, paper = world.people["admin"], models.Paper.objects.get()
    concept = models.Concept.objects.get(slug="some")
    models.Follow.objects.create(user=admin, paper=paper, told_version=1)
    comment = models.Comment.objects.get()
    models.Notice.objects.create(
        user=admin, key="x", kind="comment", paper=paper, comment=comment, at=datetime.now(UTC)
    )
    models.Comment.objects.create(author=admin, concept=concept, text="Words.", key=uuid4())
    ConceptCandidate.objects.create(
        phrase="another", position=2, papers=1, recent=1, growth=1, sample=[paper.pk],
        dismissed_at=datetime.now(UTC), dismissed_by="root",
    )  # fmt: skip
    for _ in range(2):
        other = PaperFactory()
        models.Screening.objects.get_or_create(paper=other)
        SuggestionFactory(paper=other, concept=concept)
    decision = curation.decide(
        paper=other, concept=concept, verdict="accept", actor=Actor.person(admin)
    )
    curation.revert(decision=decision, actor=Actor.person(admin))
    return world


ASKED = ["trail/revert/?person=a-admin", "review/bulk/?least=0", "ingest/refusals/?state=any"]


def test_no_page_puts_separators_into_the_number_of_a_row(world):
    admin, found, read = Visitor(world.people["admin"]), [], 0
    written = f"{FIRST:,}"[:7]
    for address in [*addresses(), *ASKED]:
        if address.startswith(("admin/", "api/", "ja/")):
            continue
        page = admin.client.get(world.path(address))
        if page.status_code == 200 and not page.streaming:
            read += 1
            at = page.text.find(written)
            if at >= 0:
                found.append((address, page.text[max(0, at - 40) : at + 12]))
    assert found == []
    assert read > 50
