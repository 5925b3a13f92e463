"""How far the papers are that wait for suggestions."""

import time
from html import unescape

import pytest
from django.urls import reverse

from ingest.suggest.backlog import Backlog
from taxonomy.models import Screening
from tests.factories import CuratorFactory
from tests.ingest.suggest.rows import LATENCY, concepts, waiting

PAGE = reverse("ingest:suggester")
pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, keeper):
    client.force_login(keeper)


def part(client, **asked):
    headers = {"HX-Request": "true", "HX-Target": "backlog"}
    return unescape(client.get(PAGE, asked, headers=headers).content.decode())


def test_the_page_says_how_many_wait_to_those_who_look_after_it(client, signed_in):
    concepts()
    for _ in range(2):
        waiting(**LATENCY)
    page = unescape(client.get(PAGE).content.decode())
    assert "2 papers wait for suggestions." in page
    assert page.count('id="backlog"') == 1


def test_nothing_is_said_of_it_to_others(client):
    concepts()
    waiting(**LATENCY)
    assert "waits for suggestions" not in client.get(PAGE).content.decode()
    client.force_login(CuratorFactory())
    assert "waits for suggestions" not in client.get(PAGE).content.decode()
    assert "waits for suggestions" not in part(client, waited=3, since=0)


def test_nothing_is_said_of_it_when_nothing_waits(client, signed_in):
    concepts()
    assert 'id="backlog"' not in client.get(PAGE).content.decode()


def test_a_page_that_stays_open_is_told_how_far_it_is(client, signed_in):
    concepts()
    for _ in range(2):
        waiting(**LATENCY)
    now = int(time.time())
    said = part(client, waited=62, since=now - 60)
    assert "2 papers wait for suggestions." in said
    assert "less than a minute left" in said
    assert 'max="62" value="60"' in said
    assert f"?waited=62&since={now - 60}" in said
    Screening.objects.update(state="abstained")
    said = part(client, waited=62, since=now - 60)
    assert "No paper waits for suggestions any more." in said
    assert "hx-trigger" not in said


@pytest.mark.parametrize(
    "asked", [{}, {"waited": "x", "since": 1}, {"waited": 1, "since": 2**39}]
)
def test_a_question_that_makes_no_sense_begins_anew(client, signed_in, asked):
    concepts()
    waiting(**LATENCY)
    assert "?waited=1&since=" in part(client, **asked)


def test_what_came_meanwhile_makes_the_way_longer():
    grown = Backlog(waiting=30, waited=20, since=100, now=160.0)
    assert (grown.done, grown.target, grown.speed) == (0, 30, None)
    assert grown.address == "waited=30&since=100"


def test_the_rest_takes_as_long_a_paper_as_what_was_done():
    speed = Backlog(waiting=30, waited=90, since=100, now=160.0).speed
    assert (speed.a_minute, speed.seconds_left) == (60, 30)
