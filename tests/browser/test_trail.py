"""The trail, bulk work and batches in a real browser."""

import pytest
from playwright.sync_api import expect

from taxonomy import batches, curation, people
from taxonomy.curation import Actor
from taxonomy.models import Batch, Decision, Tag
from taxonomy.people import Role
from taxonomy.selection import SuggestionFilter
from tests.factories import ConceptFactory, SuggestionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor(transactional_db):
    return people.give_role(people.open_account("editor"), Role.EDITOR)


@pytest.fixture
def latency(editor):
    """A concept with three open suggestions, and one that is decided by hand."""
    concept = ConceptFactory(slug="latency", label="Latency")
    SuggestionFactory.create_batch(3, concept=concept, score=0.97)
    one = SuggestionFactory(concept=concept, score=0.5)
    curation.decide(
        paper=one.paper,
        concept=concept,
        verdict="reject",
        actor=Actor.person(editor),
        reason="only-mentions",
        note="A long remark without any break: " + "x" * 90,
    )
    return concept


def test_many_are_decided_and_taken_back_by_keyboard_alone(open_page, editor, latency):
    page = open_page("/review/bulk/", user=editor)
    page.locator("#id_concept").focus()
    page.keyboard.type("Lat")
    expect(page.locator("#found")).to_contain_text("3 open suggestions")
    expect(page.locator("#id_concept")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("0.99")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_contain_text("No open suggestion is like that")
    expect(page.locator("#id_least")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("0.9")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_contain_text("3 open suggestions")
    page.get_by_role("button", name="Accept all 3").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#made")).to_have_text("3 of 3 done")
    assert Tag.objects.count() == 3
    page.get_by_role("button", name="Take all of it back").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Decisions taken back")
    assert Tag.objects.count() == 0


def test_a_batch_just_begun_goes_on_by_itself(open_page, editor, latency, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 1)
    monkeypatch.setattr(batches.go_on, "__defaults__", (-1,))
    page = open_page("/review/bulk/?concept=latency", user=editor)
    page.get_by_role("button", name="Reject all 3").click()
    expect(page.locator("#made")).to_have_text("3 of 3 done")
    expect(page.locator("#announce")).to_have_text("All done.")
    assert Decision.objects.filter(batch__isnull=False, verdict="reject").count() == 3


def test_a_stopped_batch_that_is_only_looked_at_stays_so(open_page, editor, latency):
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="accept", user=editor, key="k"
    )
    page = open_page(batch.get_absolute_url(), user=editor)
    page.wait_for_load_state("networkidle")
    assert not Tag.objects.exists()
    page.get_by_role("button", name="Go on").press("Enter")
    expect(page.locator("#made")).to_have_text("3 of 3 done")
    expect(page.locator("#made")).to_be_focused()


def test_without_javascript_the_same_forms_do_the_same(open_page, editor, latency):
    page = open_page("/review/bulk/", user=editor, script=False)
    page.locator("#id_concept").select_option("latency")
    page.get_by_role("button", name="Look").click()
    page.get_by_role("button", name="Accept all 3").click()
    expect(page.locator("#made")).to_have_text("3 of 3 done")
    page.get_by_role("link", name="Its decisions").click()
    page.get_by_role("link", name="Take these back").click()
    page.get_by_role("button", name="Take 3 decisions back").click()
    expect(page.locator("#made")).to_have_text("3 of 3 done")
    assert Batch.objects.count() == 2


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_the_decisions_come_before_the_filters(open_page, editor, latency, script):
    page = open_page("/trail/", user=editor, width="narrow", script=script)
    expect(page.locator(".trail-line").first).to_be_in_viewport()
    expect(page.locator("#id_person")).to_be_hidden()
    page.locator(".trail-fold > summary").focus()
    page.keyboard.press("Enter")
    page.locator("#id_verdict").select_option("reject")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#id_verdict")).to_be_visible()  # what is asked for stands open
    expect(page.locator("#id_verdict")).to_have_value("reject")
    expect(page.locator(".trail-line")).to_have_count(1)


def test_where_there_is_room_no_filter_is_folded(open_page, editor, latency):
    page = open_page("/trail/", user=editor)
    expect(page.locator("#id_person")).to_be_in_viewport()
    expect(page.locator(".trail-fold > summary")).to_be_hidden()


@pytest.mark.parametrize(("theme", "width"), [("light", "wide"), ("dark", "narrow")])
@pytest.mark.parametrize(
    "path",
    [
        "/trail/",
        "/trail/?paper=nonsense",
        "/trail/?person=editor",
        "/trail/revert/?person=editor",
        "/review/bulk/?concept=latency",
        "/trail/batches/",
        "batch",
    ],
)
def test_the_pages_are_accessible_and_fit(open_page, axe, editor, latency, path, theme, width):
    batch = batches.begin_decisions(
        wanted=SuggestionFilter(concept="latency"), verdict="accept", user=editor, key="k"
    )
    path = batch.get_absolute_url() if path == "batch" else path
    page = open_page(path, user=editor, theme=theme, width=width)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
