"""What the page of the suggester tells editors of the language model."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from ingest.models import LanguageModelAnswer, LanguageModelCall, LanguageModelPause
from taxonomy import curation, people
from taxonomy.curation import Actor
from tests.factories import PaperFactory, UserFactory
from tests.ingest.suggest.rows import concepts

PAGE = reverse("ingest:suggester")
pytestmark = pytest.mark.django_db
State = LanguageModelCall.State


@pytest.fixture
def editor(client):
    user = people.give_role(UserFactory(), people.Role.EDITOR)
    client.force_login(user)
    return user


def call(**values):
    return LanguageModelCall.objects.create(
        **{"text_revision": 1, "model": "made-up-1", "question": "q", "state": State.ANSWERED}
        | values
    )


def page_of(client):
    return " ".join(unescape(client.get(PAGE).content.decode()).split())


def test_without_a_model_nothing_is_said_of_one(client, editor, settings):
    settings.KADAI_LLM_URL = ""
    assert "Language model" not in page_of(client)


@pytest.mark.parametrize("role", ["reader", "curator"])
def test_only_editors_read_what_it_costs(client, language_model, role):
    client.force_login(people.give_role(UserFactory(), people.Role(role)))
    assert "Language model" not in page_of(client)


def test_editors_read_costs_answers_and_cache(client, editor, language_model, settings):
    concepts()
    settings.KADAI_LLM_DAILY_LIMIT = Decimal(2)
    call(cost=Decimal("0.25"), tokens_in=900, tokens_out=100)
    call(state=State.CACHED)
    call(state=State.UNUSABLE, cost=Decimal("0.5"), error="The answer was empty.")
    call(cost=Decimal(9), asked_at=timezone.now() - timedelta(days=40))
    page = page_of(client)
    for figure in (
        "<dt>spent of 10</dt><dd>0.7500</dd>",
        "<dt>spent today, of 2</dt><dd>0.7500</dd>",
        "<dt>papers answered for</dt><dd>1</dd>",
        "<dt>papers answered from the cache</dt><dd>1</dd>",
        "<dt>requests without a usable answer</dt><dd>1</dd>",
        "<dt>tokens</dt><dd>1,000</dd>",
    ):
        assert figure in page
    assert "secret" not in page


def test_editors_read_how_often_people_agree_with_it(client, editor, language_model):
    made, paper = concepts(), PaperFactory()
    said = {"law": 0.9, "rare": 0.8, "pruning": 0.3}
    answer = LanguageModelAnswer.objects.create(
        model="made-up-1", question="q", digest="d", probabilities=said
    )
    call(paper=paper, answer=answer)
    assert "had named" not in page_of(client)
    verdicts = {
        "law": "accept",
        "rare": "reject",
        "pruning": "accept",
        "slow-answers": "unsure",
    }
    for slug, verdict in verdicts.items():
        curation.decide(
            paper=paper, concept=made[slug], verdict=verdict, actor=Actor.person(editor)
        )
    page = page_of(client)
    assert "decided on was accepted</dt><dd>50 %</dd>" in page
    assert "accepted it had named</dt><dd>50 %</dd>" in page


def test_an_error_is_said_with_what_follows_from_it(client, editor, language_model):
    LanguageModelPause.objects.create(
        until=timezone.now() + timedelta(hours=1),
        failures=1,
        last_error="The server answered HTTP 500: <script>alert(1)</script>",
        last_error_at=timezone.now(),
    )
    raw = client.get(PAGE).content.decode()
    assert "Not asked before" in raw
    assert "HTTP 500: &lt;script&gt;" in raw
    LanguageModelPause.objects.update(until=timezone.now())
    page = page_of(client)
    assert "Not asked before" not in page
    assert "Last error" in page


def test_a_limit_that_is_reached_is_said(client, editor, language_model):
    call(cost=Decimal(10))
    assert "The limit is reached" in page_of(client)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_queries_however_many_calls(
    client, editor, language_model, django_assert_num_queries, count
):
    concepts()
    client.get(PAGE)
    for _ in range(count):
        call()
    with django_assert_num_queries(19):
        client.get(PAGE)
