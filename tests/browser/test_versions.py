"""What changed in a text, in a real browser: seen, read aloud, and confirmed by a key."""

import pytest
from playwright.sync_api import expect

from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Decision, Screening
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)

pytestmark = pytest.mark.django_db(transaction=True)

OLD = "We train models on long texts. " + "They read them word by word. " * 8 + "It is slow."
NEW = OLD.replace("long texts", "very long and noisy texts").replace("slow", "fast now")


@pytest.fixture
def curator(transactional_db):
    return CuratorFactory(username="curator")


@pytest.fixture
def paper(curator):
    """Decided on version 1; version 2 waits: one concept asked again, one dropped."""
    paper = ScreeningFactory(paper__title="Reading models", paper__abstract=OLD).paper
    again, dropped = ConceptFactory(slug="again"), ConceptFactory(slug="dropped")
    for concept, verdict in ((again, "reject"), (dropped, "accept")):
        suggestion = SuggestionFactory(paper=paper, concept=concept)
        curation.decide(
            paper=paper, concept=concept, verdict=verdict, actor=Actor.person(curator)
        )
        suggestion.delete()
    new_text(paper, title="Reading models, fast", abstract=NEW)
    SuggestionFactory(paper=paper, concept=again, text_revision=2, paper_version=2)
    Screening.objects.update(state="waiting", screened_at=None, screened_by=None)
    return paper


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_what_changed_is_seen_without_colour_and_breaks_no_rule(
    open_page, axe, curator, paper, theme, width
):
    page = open_page("/review/", user=curator, theme=theme, width=width)
    since = page.locator("details.since")
    expect(since.locator("ins").first).to_be_visible()
    lines = "element => getComputedStyle(element).textDecorationLine"
    assert since.locator("ins").first.evaluate(lines) == "underline"
    assert since.locator("del").first.evaluate(lines) == "line-through"
    assert axe(page) == []
    page.goto(paper.get_absolute_url())
    page.locator("#versions").locator("xpath=../..").locator("summary").first.click()
    expect(page.locator(".stations ins").first).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_changes_fold_away_by_keyboard(open_page, curator, paper):
    page = open_page("/review/", user=curator)
    summary = page.locator("details.since > summary")
    summary.focus()
    page.keyboard.press("Space")
    expect(page.locator("details.since ins").first).to_be_hidden()


def test_what_is_no_longer_suggested_is_confirmed_by_its_key(open_page, curator, paper):
    page = open_page("/review/", user=curator)
    row = page.locator("#row-dropped")
    expect(row).to_contain_text("no longer suggested")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.press("2")
    expect(row).not_to_contain_text("no longer suggested")
    assert Decision.objects.order_by("id").last().text_revision == 2
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.press("2")  # once more takes the confirmation back
    expect(row).to_contain_text("no longer suggested")
    assert page.evaluate("document.activeElement.id") != ""


def test_without_script_everything_is_there(open_page, curator, paper):
    page = open_page("/review/", user=curator, script=False)
    expect(page.locator("details.since ins").first).to_be_visible()
    page.goto(paper.get_absolute_url())
    expect(page.get_by_text("The whole text").first).to_be_visible()
