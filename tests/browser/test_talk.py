"""Following, the inbox and comments in a real browser."""

import os
import uuid

import pytest
from playwright.sync_api import expect

from taxonomy import people
from taxonomy.people import Role
from taxonomy.talk import comments, following, gathering, private_feed
from taxonomy.talk.following import Target
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, UserFactory
from tests.taxonomy.talk.test_gathering import accept

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [("light", "wide"), ("dark", "wide"), ("light", "narrow"), ("dark", "narrow")]
PAPER = "/papers/2501.00001/"


@pytest.fixture
def world(transactional_db):
    """An editor who follows three things, of which there is news."""
    editor = people.give_role(UserFactory(username="ada"), Role.EDITOR)
    concept = ConceptFactory(slug="latency", label="Inference latency")
    title = "Speculative decoding makes long answers fast without changing them"
    paper = PaperFactory(arxiv_id="2501.00001", title=title)
    for target in (
        Target(concept=concept.pk),
        Target(paper=paper.pk),
        Target(search="q=agents&tagged=yes"),
    ):
        following.follow(editor, target)
    other = CuratorFactory(username="bo")
    accept(paper, concept, other)
    accept(PaperFactory(title="Agents that wait"), concept, other)
    text = "Does it hold for long contexts, @ada?\n\nSee https://example.org/tables_(2)."
    comments.write(other, text, uuid.uuid4(), paper=paper.pk)
    hidden = comments.write(other, "Rude.", uuid.uuid4(), paper=paper.pk)
    comments.hide(editor, hidden.pk)
    mine = comments.write(editor, "Gone.", uuid.uuid4(), paper=paper.pk)
    comments.delete(editor, mine.pk)
    comments.write(editor, "Table 3 says so.", uuid.uuid4(), paper=paper.pk)
    gathering.gather()
    return editor


def shoot(page, name, theme, width):
    """A picture for whoever asks for it."""
    if folder := os.environ.get("KADAI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{theme}-{width}.png", full_page=True)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_every_page_of_talk_is_accessible(open_page, axe, world, theme, width):
    mine = world.comments.exclude(text="").get()
    page = open_page("/inbox/", user=world, theme=theme, width=width)
    for name, address in (
        ("inbox", "/inbox/"),
        ("following", "/following/"),
        ("paper", PAPER),
        ("comments", f"{PAPER}comments/"),
        ("concept", "/challenges/latency/"),
        ("search", "/papers/?q=agents"),
        ("edit", f"/comments/{mine.pk}/edit/"),
        ("delete", f"/comments/{mine.pk}/delete/"),
    ):
        page.goto(address)
        shoot(page, name, theme, width)
        assert (name, axe(page)) == (name, [])
        wide = "document.documentElement.scrollWidth <= window.innerWidth"
        assert (name, page.evaluate(wide)) == (name, True)


def test_following_by_keyboard_keeps_the_focus(open_page, world):
    page = open_page("/papers/?q=decoding", user=world)
    button = page.get_by_role("button", name="Follow this search")
    button.focus()
    page.keyboard.press("Enter")
    stop = page.get_by_role("button", name="Stop following this search")
    expect(stop).to_be_focused()
    expect(page.get_by_text("You follow this now.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Follow this search")).to_be_focused()


def test_a_comment_appears_at_once_with_the_number_and_the_focus(open_page, axe, world):
    page = open_page(PAPER, user=world)
    expect(page.locator("#talk-head + small")).to_have_text("2")
    page.get_by_label("Your comment").fill("A third.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment", has_text="A third.")).to_be_visible()
    expect(page.locator("#talk-head + small")).to_have_text("3")
    expect(page.get_by_label("Your comment")).to_have_value("")
    assert page.evaluate("document.activeElement.tagName") != "BODY"
    assert axe(page) == []


def test_everything_works_without_javascript(open_page, world):
    page = open_page(PAPER, user=world, script=False)
    page.get_by_label("Your comment").fill("Without script.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment", has_text="Without script.")).to_be_visible()
    page.get_by_role("link", name="Inbox").first.click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".unread-mark")).to_have_count(0)
    page.get_by_role("link", name="Following").click()
    page.get_by_role("button", name="Stop").first.click()
    expect(page.get_by_role("button", name="Stop")).to_have_count(2)
    page.get_by_role("button", name="Make an address").click()
    secret = page.locator("pre").inner_text().rstrip("/").rpartition("/")[2]
    assert private_feed.owner_of(secret) == world
