"""Queues and the goal in a real browser, by keyboard and without a script."""

import pytest
from playwright.sync_api import expect

from taxonomy import desks
from tests.browser.desk import REVIEW, papers_with, press, shown, watch_focus
from tests.factories import ConceptFactory, CuratorFactory, SuggestionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def curator(transactional_db):
    return CuratorFactory(username="curator")


def test_a_queue_is_worked_through_by_keys_and_its_address_stays(open_page, curator):
    concept = ConceptFactory(slug="latency")
    papers = papers_with([concept], 3)
    SuggestionFactory()
    page = open_page(f"{REVIEW}?challenge=latency", user=curator)
    watch_focus(page)
    for paper in papers:
        assert shown(page) == paper.arxiv_id
        assert page.url.endswith(f"{REVIEW}?challenge=latency")
        press(page, "1")
    expect(page.get_by_role("heading", name="This queue is empty")).to_be_focused()
    assert page.evaluate("lostFrames") == 0
    press(page, "z")
    assert shown(page) == papers[-1].arxiv_id
    assert page.url.endswith(f"{REVIEW}?challenge=latency")


def test_a_queue_is_chosen_saved_and_opened_without_a_script(open_page, curator):
    concept = ConceptFactory(slug="latency", label="Latency")
    (paper,) = papers_with([concept], 1)
    SuggestionFactory()
    page = open_page("/review/queues/", user=curator, script=False)
    page.get_by_label("Challenge", exact=True).select_option("Latency")
    page.get_by_role("button", name="Choose, to save it").click()
    page.get_by_label("A name for it").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Mine", exact=True).click()
    assert shown(page) == paper.arxiv_id
    page.get_by_role("button", name="Next paper").click()
    expect(page.get_by_role("heading", name="This queue is empty")).to_be_visible()


def test_the_goal_is_counted_up_with_every_paper(open_page, curator):
    desks.set_desk(curator=curator, keys={}, daily_goal=2)
    papers_with(ConceptFactory.create_batch(1), 3)
    page = open_page(REVIEW, user=curator)
    line = page.locator("#progress-line")
    expect(line).to_contain_text("0 of 2 today")
    press(page, "1")
    press(page, "1")
    expect(line).to_contain_text("2 of 2 today · the goal is reached")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/review/queues/?part=mine", "/ja/review/queues/?days=7"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_queues_break_no_rule_of_accessibility(open_page, axe, curator, theme, path, width):
    ConceptFactory(slug="latency")
    desks.save_view(curator=curator, name="Mine", query="challenge=latency&order=rare")
    assert axe(open_page(path, user=curator, theme=theme, width=width)) == []
