"""The desk of a curator who is limited to some concepts."""

import re

import pytest
from django.urls import reverse

from taxonomy import curation, people
from taxonomy.curation import Actor
from taxonomy.people import Role
from tests.factories import ScreeningFactory, SuggestionFactory, UserFactory

pytestmark = pytest.mark.django_db


def limited_to(concept):
    return people.set_scope(people.give_role(UserFactory(), Role.CURATOR), [concept.pk])


def test_what_is_outside_of_a_scope_is_shown_without_its_buttons(client):
    paper = ScreeningFactory().paper
    mine, other = SuggestionFactory.create_batch(2, paper=paper)
    client.force_login(limited_to(mine.concept))
    page = client.get(reverse("taxonomy:review")).text
    rows = re.findall(
        'data-row="([^"]+)" data-key="(.?)" data-verdict=""( data-outside)?', page
    )
    has_key = {slug: (bool(key), outside) for slug, key, outside in rows}
    assert has_key == {
        mine.concept.slug: (True, ""),
        other.concept.slug: (False, " data-outside"),
    }
    assert f'id="accept-{mine.concept.slug}"' in page
    assert f'id="accept-{other.concept.slug}"' not in page
    assert "outside of the concepts that you decide on" in page


def test_accept_all_is_offered_while_something_of_their_own_is_open(client):
    paper = ScreeningFactory().paper
    mine, _other = SuggestionFactory.create_batch(2, paper=paper)
    curator = limited_to(mine.concept)
    client.force_login(curator)
    page = reverse("taxonomy:review-paper", args=[paper.arxiv_id])
    assert 'id="act-accept"' in client.get(page).text
    curation.decide(
        paper=paper, concept=mine.concept, verdict="accept", actor=Actor.person(curator)
    )
    assert 'id="act-accept"' not in client.get(page).text
