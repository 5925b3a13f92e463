"""The review desk in a real browser, by keyboard alone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from taxonomy import counts
from taxonomy.models import Decision, Screening, Tag
from tests.browser.desk import REVIEW, focused, papers_with, press, shown, watch_focus
from tests.factories import ConceptFactory, CuratorFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def curator(transactional_db):
    return CuratorFactory(username="curator")


def test_twenty_papers_are_tagged_by_keyboard_alone(open_page, curator):
    latency, brittle = ConceptFactory(slug="latency"), ConceptFactory(slug="brittle")
    papers = papers_with([latency, brittle], 20)
    page = open_page(REVIEW, user=curator)
    watch_focus(page)
    for number, paper in enumerate(papers):
        expect(page.locator("[data-paper]")).to_have_attribute("data-paper", paper.arxiv_id)
        press(page, "1")
        press(page, "2" if number % 2 else "Shift+2")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert page.evaluate("lostFrames") == 0

    tagged = Tag.objects.filter(concept=latency, direct=True)
    assert set(tagged.values_list("paper__arxiv_id", flat=True)) == {
        paper.arxiv_id for paper in papers
    }
    assert counts.totals() == {latency.pk: 20, brittle.pk: 10}
    assert Decision.objects.filter(actor=curator).count() == 40
    page.goto(reverse("taxonomy:challenge", args=["brittle"]))
    titles = page.locator("main").inner_text()
    assert [paper.title for paper in papers if paper.title in titles.splitlines()] == [
        paper.title for paper in papers[1::2]
    ]
    found = page.request.get("/api/v1/papers/?challenge=brittle").json()["results"]
    assert {paper["arxiv_id"] for paper in found} == {paper.arxiv_id for paper in papers[1::2]}


def test_the_focus_stays_on_the_suggestion_that_is_decided(open_page, curator):
    concepts = ConceptFactory.create_batch(3)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    assert focused(page) == "desk-title"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == f"row-{concepts[1].slug}"
    expect(page.locator("#meaning")).to_contain_text(f"{concepts[1].slug[-1]} is hard.")
    press(page, "2")
    assert focused(page) == f"row-{concepts[1].slug}"
    expect(page.locator(f"#accept-{concepts[1].slug}")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("Tab")
    assert focused(page) == f"accept-{concepts[1].slug}"
    press(page, "Space")
    assert focused(page) == f"accept-{concepts[1].slug}"
    assert not Tag.objects.exists()


@pytest.mark.parametrize("keys", [["Shift+1"], ["r", "1"]])
def test_two_ways_reject_and_the_same_again_takes_it_back(open_page, curator, keys):
    concepts = ConceptFactory.create_batch(2)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    row = page.locator(f"#row-{concepts[0].slug}")
    for verdict in ("reject", ""):
        for key in keys[:-1]:
            page.keyboard.press(key)
        press(page, keys[-1])
        expect(row).to_have_attribute("data-verdict", verdict)
    assert not Decision.objects.effective().exists()


def test_reject_is_still_meant_when_an_answer_comes_in_between(open_page, curator):
    concepts = ConceptFactory.create_batch(3)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("1")
    page.keyboard.press("r")
    expect(page.locator(f"#row-{concepts[0].slug} .state")).to_have_text("accepted")
    press(page, "2")
    expect(page.locator(f"#row-{concepts[1].slug} .state")).to_have_text("rejected")


def test_keys_pressed_faster_than_the_server_answers_all_count(open_page, curator):
    concepts = ConceptFactory.create_batch(9)
    first, second = papers_with(concepts, 2)
    page = open_page(REVIEW, user=curator)
    for key in "123456789":
        page.keyboard.press(key)
    expect(page.locator("[data-paper]")).to_have_attribute("data-paper", second.arxiv_id)
    assert Tag.objects.filter(paper=first).count() == 9
    assert not Decision.objects.filter(paper=second).exists()


def test_undo_brings_the_former_paper_back(open_page, curator):
    concept = ConceptFactory(label="Latency")
    first, second = papers_with([concept], 2)
    page = open_page(REVIEW, user=curator)
    press(page, "1")
    assert shown(page) == second.arxiv_id
    expect(page.get_by_role("status").filter(has_text="Accepted Latency")).to_be_visible()
    press(page, "z")
    assert shown(page) == first.arxiv_id
    assert not Tag.objects.exists()
    expect(page.locator("#said")).to_contain_text("Taken back: Latency")


def test_undo_works_from_an_empty_desk(open_page, curator):
    (paper,) = papers_with(ConceptFactory.create_batch(1), 1)
    page = open_page(REVIEW, user=curator)
    press(page, "1")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_focused()
    press(page, "z")
    assert shown(page) == paper.arxiv_id


def test_skip_next_and_undo_walk_through_the_queue(open_page, curator):
    first, second, third = papers_with(ConceptFactory.create_batch(1), 3)
    page = open_page(REVIEW, user=curator)
    seen = [shown(page)]
    for key in ("s", "Enter", "z", "z"):
        press(page, key)
        seen.append(shown(page))
    ids = [paper.arxiv_id for paper in (first, second, third)]
    assert seen == [ids[0], ids[1], ids[2], ids[1], ids[0]]


def test_one_key_rejects_all_and_one_accepts_all(open_page, curator):
    first, second = papers_with(ConceptFactory.create_batch(3), 2)
    page = open_page(REVIEW, user=curator)
    press(page, "x")
    press(page, "a")
    assert not Tag.objects.filter(paper=first).exists()
    assert Tag.objects.filter(paper=second).count() == 3
    assert not Screening.objects.waiting().exists()


@pytest.mark.parametrize("letters", ["toke", "課題 Toke"])
def test_another_concept_is_added_by_its_first_letters(open_page, curator, letters):
    (paper,) = papers_with(ConceptFactory.create_batch(1), 1)
    ConceptFactory(slug="tokenizers")
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("/")
    assert focused(page) == "add"
    page.keyboard.type(letters)
    expect(page.get_by_role("option", name="Tokenizers")).to_have_attribute(
        "aria-selected", "true"
    )
    press(page, "Enter")
    expect(page.locator("#row-tokenizers")).to_be_focused()
    assert list(Tag.objects.values_list("paper", "concept__slug")) == [(paper.pk, "tokenizers")]


def test_enter_before_the_options_are_there_waits_for_them(open_page, curator):
    papers_with(ConceptFactory.create_batch(1), 1)
    ConceptFactory(slug="tokenizers")
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("/")
    page.keyboard.type("tok")
    page.keyboard.press("Enter")
    expect(page.locator("#row-tokenizers")).to_have_attribute("data-verdict", "accept")


def test_escape_leaves_the_type_ahead_step_by_step(open_page, curator):
    (concept,) = ConceptFactory.create_batch(1)
    papers_with([concept], 1)
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("/")
    page.keyboard.type("nothing like it")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_text("No concept is called that.")
    page.keyboard.press("Escape")
    expect(page.locator("#options")).to_be_hidden()
    assert focused(page) == "add"
    page.keyboard.press("Escape")
    assert focused(page) == f"row-{concept.slug}"


def test_what_could_not_be_sent_is_kept_and_sent_once(open_page, curator):
    concepts = ConceptFactory.create_batch(2)
    papers_with(concepts, 1)
    page = open_page(REVIEW, user=curator)
    page.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#said")).to_contain_text("Not saved")
    page.complaints.clear()  # the browser's own word on the lost connection
    page.context.set_offline(False)
    with page.expect_response("**/decide/"):
        page.get_by_role("button", name="Try again").press("Enter")
    expect(page.locator("#said")).to_contain_text("Accepted")
    assert Decision.objects.count() == 1


def test_single_keys_can_be_switched_off(open_page, curator):
    papers_with(ConceptFactory.create_batch(1), 1)
    page = open_page(REVIEW, user=curator)
    page.keyboard.press("?")
    page.get_by_label("Single keys act at once").press("Space")
    page.keyboard.press("Escape")
    assert focused(page) != "BODY"
    page.keyboard.press("1")
    page.reload()
    page.keyboard.press("1")
    page.wait_for_timeout(200)
    assert not Decision.objects.exists()


def test_a_click_decides_and_enter_then_goes_on(open_page, curator):
    concepts = ConceptFactory.create_batch(2)
    first, second = papers_with(concepts, 2)
    page = open_page(REVIEW, user=curator)
    page.locator(f"#accept-{concepts[0].slug}").click()
    expect(page.locator("#said")).to_contain_text("Accepted")
    press(page, "Enter")
    assert shown(page) == second.arxiv_id
    assert Tag.objects.filter(paper=first).count() == 1


def test_without_a_script_every_button_works(open_page, curator):
    concepts = ConceptFactory.create_batch(2)
    ConceptFactory(slug="tokenizers")
    first, second = papers_with(concepts, 2)
    page = open_page(REVIEW, user=curator, script=False)
    page.locator(f"#accept-{concepts[0].slug}").click()
    assert shown(page) == first.arxiv_id
    page.locator("#add").fill("tok")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Tokenizers", exact=True).click()
    page.get_by_role("button", name="Next paper").click()
    assert shown(page) == second.arxiv_id
    page.get_by_role("button", name="Undo").click()
    assert shown(page) == first.arxiv_id
    tags = Tag.objects.filter(paper=first).values_list("concept__slug", flat=True)
    assert set(tags) == {concepts[0].slug, "tokenizers"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/review/", "/ja/review/"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_desk_breaks_no_rule_of_accessibility(open_page, axe, curator, theme, path, width):
    concepts = ConceptFactory.create_batch(3)
    papers_with(concepts, 3)
    page = open_page(path, user=curator, theme=theme, width=width)
    assert axe(page) == []
    press(page, "1")
    press(page, "Shift+2")
    assert axe(page) == []
    page.keyboard.press("/")
    page.keyboard.type("challenge")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert axe(page) == []
    page.keyboard.press("Escape")
    for _ in range(3):
        press(page, "Enter")
    expect(page.locator(".desk-nothing")).to_be_visible()
    assert axe(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_gate_breaks_no_rule_of_accessibility(open_page, axe, transactional_db, theme):
    assert axe(open_page("/login/", theme=theme)) == []
