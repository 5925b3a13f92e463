"""A curator's own keys and goal."""

import re

import pytest
from django.urls import reverse

from taxonomy import desks
from taxonomy.desk_keys import ACTS, Keymap
from taxonomy.models import DeskSettings
from tests.factories import CuratorFactory, ScreeningFactory, SuggestionFactory
from tests.taxonomy.test_queue import in_threads

SETTINGS = reverse("taxonomy:review-settings")
REVIEW = reverse("taxonomy:review")
OURS = {act.name: act.key for act in ACTS}


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def test_no_two_acts_come_with_the_same_key():
    assert len(set(OURS.values())) == len(ACTS)


def test_a_key_of_ones_own_is_on_the_button_and_in_the_help(desk):
    SuggestionFactory()
    response = desk.post(SETTINGS, {**OURS, "skip": "y"})
    assert response.url == REVIEW
    text = desk.get(REVIEW).text
    button = r'id="act-skip" data-shortcut="y" aria-keyshortcuts="y"><kbd aria-hidden="true">y<'
    assert re.search(button, text)
    assert '<kbd data-does="skip">y</kbd>' in text


def test_a_key_that_is_used_decides_no_row_and_one_that_is_free_does(desk):
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(11, paper=paper)
    desk.post(SETTINGS, {**OURS, "skip": "e"})
    keys = re.findall(r'data-key="(.)"', desk.get(REVIEW).text)
    assert keys == list("123456789fg")


def test_only_what_differs_is_kept(desk, curator):
    desk.post(SETTINGS, {**OURS, "skip": "Y", "daily_goal": "40"})
    kept = DeskSettings.objects.get(curator=curator)
    assert (kept.keys, kept.daily_goal) == ({"skip": "y"}, 40)


@pytest.mark.parametrize("key", ["1", "0", "/", "?", " ", "", "ab", "\t", OURS["later"]])
def test_a_key_that_is_taken_or_none_is_refused_at_its_field(desk, key):
    response = desk.post(SETTINGS, {**OURS, "skip": key})
    assert response.status_code == 200
    assert len(response.context["form"].errors) == 1
    assert not DeskSettings.objects.exists()


@pytest.mark.parametrize("goal", ["0", "-3", "2001", "many"])
def test_a_goal_is_a_day_of_reading(desk, goal):
    response = desk.post(SETTINGS, {**OURS, "daily_goal": goal})
    assert list(response.context["form"].errors) == ["daily_goal"]


def test_the_keys_can_be_as_they_came_and_the_goal_stays(desk, curator):
    desk.post(SETTINGS, {**OURS, "skip": "y", "daily_goal": "40"})
    assert desk.post(SETTINGS, {"reset": "on"}).url == SETTINGS
    assert desks.settings_of(curator).keys == {}
    assert desks.settings_of(curator).daily_goal == 40


def test_the_keys_of_one_curator_are_not_those_of_another(desk, client):
    desk.post(SETTINGS, {**OURS, "skip": "y"})
    assert desks.settings_of(CuratorFactory()).keys == {}


def test_an_act_that_came_later_has_our_key_beside_ones_own():
    assert Keymap.with_own({"skip": "y"}).by_act == {**OURS, "skip": "y"}


@pytest.mark.django_db(transaction=True)
def test_two_pages_that_are_saved_at_once_leave_one_of_the_two():
    curator = CuratorFactory()

    def save(number):
        desks.set_desk(curator=curator, keys={**OURS, "skip": "yv"[number]}, daily_goal=None)

    assert in_threads(2, save) == []
    assert desks.settings_of(curator).keys in ({"skip": "y"}, {"skip": "v"})
