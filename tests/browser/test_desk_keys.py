"""Reasons, notes, unsure and keys of one's own, in a real browser."""

import pytest
from playwright.sync_api import expect

from taxonomy.models import Decision
from tests.browser.desk import REVIEW, focused, papers_with, press, shown, watch_focus
from tests.factories import ConceptFactory, CuratorFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def curator(transactional_db):
    return CuratorFactory(username="curator")


@pytest.mark.parametrize(
    "keys",
    [["Shift+1", "m"], ["m", "1"], ["r", "m", "1"], ["j", "m"]],
    ids=["after", "before", "in between", "in focus"],
)
def test_one_key_says_why_something_is_rejected(open_page, curator, keys):
    concepts = ConceptFactory.create_batch(2)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    watch_focus(page)
    for key in keys:
        page.keyboard.press(key)
    state = page.locator(f"#row-{concepts[0].slug} .state")
    expect(state).to_have_text("rejected: mentions it only")
    assert page.evaluate("lostFrames") == 0
    (decision,) = Decision.objects.standing()
    assert (decision.concept, decision.reason) == (concepts[0], "only-mentions")


def test_unsure_by_one_key_and_of_all_that_is_left(open_page, curator):
    concepts = ConceptFactory.create_batch(3)
    (paper,) = papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("u")
    press(page, "2")
    expect(page.locator(f"#row-{concepts[1].slug} .state")).to_have_text("unsure")
    press(page, "q")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_focused()
    assert {one.verdict for one in Decision.objects.filter(paper=paper)} == {"unsure"}


def test_a_note_outlives_a_decision_on_another_row_and_goes_with_its_own(open_page, curator):
    concepts = ConceptFactory.create_batch(3)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.type("see section 4")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("The note goes with your decision.")
    assert focused(page) == f"row-{concepts[0].slug}"
    press(page, "2")
    expect(page.locator(f"#row-{concepts[1].slug} .state")).to_have_text("accepted")
    press(page, "1")
    expect(page.locator(f"#row-{concepts[0].slug} .state")).to_have_text("accepted")
    notes = dict(Decision.objects.values_list("concept__slug", "note"))
    assert notes == {concepts[0].slug: "see section 4", concepts[1].slug: ""}


def test_a_note_can_be_added_to_a_decision(open_page, curator):
    concepts = ConceptFactory.create_batch(2)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("j")
    press(page, "Shift+1")
    page.keyboard.press("c")
    page.keyboard.type("a survey")
    press(page, "Enter")
    expect(page.locator(f"#row-{concepts[0].slug}")).to_be_focused()
    (decision,) = Decision.objects.standing()
    assert (decision.verdict, decision.note) == ("reject", "a survey")


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_what_a_concept_means_is_one_key_away_and_back(open_page, curator, width):
    concepts = ConceptFactory.create_batch(2)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator, width=width)
    page.keyboard.press("d")
    meaning = page.locator("#meaning, details.meaning[open]").locator("visible=true")
    expect(meaning).to_contain_text(f"{concepts[0].slug[-1]} is hard.")
    assert focused(page) == ("meaning" if width == "wide" else f"row-{concepts[0].slug}")
    page.keyboard.press("d")
    assert focused(page) == f"row-{concepts[0].slug}"


def test_put_off_is_a_key_and_comes_back_before_what_was_skipped(open_page, curator):
    _first, second = papers_with(ConceptFactory.create_batch(1), 2)
    page = open_page(REVIEW, user=curator)
    press(page, "s")
    press(page, "l")
    assert shown(page) == second.arxiv_id


def test_keys_of_ones_own_act_and_the_old_ones_do_not(open_page, curator):
    first, second = papers_with(ConceptFactory.create_batch(1), 2)
    page = open_page("/review/settings/", user=curator)
    page.get_by_label("Skip: others get it, and you tomorrow").fill("y")
    page.get_by_role("button", name="Save").click()
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    assert shown(page) == first.arxiv_id
    press(page, "y")
    assert shown(page) == second.arxiv_id


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_own_keys_break_no_rule_of_accessibility(open_page, axe, curator, theme, width):
    page = open_page("/review/settings/", user=curator, theme=theme, width=width)
    assert axe(page) == []
    page.get_by_label("Papers a day").fill("40")
    page.get_by_label("Previous suggestion").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This key does something else on the desk.")).to_be_visible()
    assert axe(page) == []


def test_without_a_script_a_reason_is_a_button(open_page, curator):
    concepts = ConceptFactory.create_batch(2)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator, script=False)
    one = page.locator(f"#row-{concepts[0].slug}")
    one.get_by_text("Reason, note").click()
    one.get_by_label("Note").fill("a survey")
    one.get_by_role("button", name="mentions it only").click()
    (decision,) = Decision.objects.standing()
    assert (decision.verdict, decision.reason, decision.note) == (
        "reject", "only-mentions", "a survey"
    )  # fmt: skip
