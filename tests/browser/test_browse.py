"""Every page, in both languages and themes: accessible, quiet, light, usable without script."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ingest.models import ConceptCandidate, Harvest, Query, SuggesterModel
from taxonomy import curation, people, vocabulary
from taxonomy.curation import Actor
from taxonomy.models import Collection, Edition, Landmark, Link
from tests.factories import (
    ConceptFactory,
    DomainFactory,
    PaperFactory,
    SuggestionFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/",
    "/challenges/",
    "/challenges/slow-answers/",
    "/challenges/pruning/",
    "/domains/",
    "/domains/gardening/",
    "/papers/",
    "/papers/?challenge=slow-answers&domain=gardening",
    "/papers/?q=zzzz",
    "/papers/2412.00042/",
    "/insights/",
    "/insights/agreement/",
    "/insights/suggester/",
    "/insights/suggester/?target=80",
    "/insights/candidates/",
    "/insights/candidates/dream_gardens/",
    "/api/docs/",
    "/login/",
    "/nowhere/",
]
DESK_PAGES = ["/review/", "/ingest/", "/papers/2412.00042/", "/readings/", "/account/work/"]


@pytest.fixture
def atlas(db):
    """A small atlas with a group, two axes, a link, a landmark and a paper that has all."""
    slow = ConceptFactory(slug="slow-answers", notation="C01")
    pruning = ConceptFactory(slug="pruning", broader=slow)
    garden = DomainFactory(slug="gardening", notation="D01")
    group = Collection.objects.create(slug="design", position=1)
    group.labels.create(language="en", text="Design", note="decided before")
    group.labels.create(language="ja", text="設計", note="使う前に決まる")
    group.members.add(slow)
    for kind in ("why_hard", "what_is_tried", "scope_note"):
        slow.texts.create(kind=kind, language="en", text="Plants wait for no one.")
        slow.texts.create(kind=kind, language="ja", text="植物は待たない。")
    Edition.objects.create(number=1, released_on="2026-11-24")
    link = Link.objects.create(challenge=slow, domain=garden)
    link.texts.create(language="en", text="Watering cannot wait.")
    link.texts.create(language="ja", text="水やりは待てない。")
    paper = PaperFactory(
        arxiv_id="2412.00042",
        title="A very long title that goes on: "
        + "watering by α-divergence and β-pruning " * 4,
        authors=[f"Author {n}" for n in range(40)],
        comment="12 pages, accepted somewhere",
        withdrawn=True,
        published_at=datetime(2024, 12, 9, tzinfo=UTC),
    )
    Landmark.objects.create(paper=paper, concept=slow)
    link.evidence.create(paper=paper)
    vocabulary.touch()
    curator = people.create_curator("ada")
    for number in range(3):
        at = timezone.now()
        tagged = PaperFactory(title=f"Pruned answers {number}", published_at=at)
        for concept in (pruning, garden):
            curation.decide(
                paper=tagged, concept=concept, verdict="accept", actor=Actor.person(curator)
            )
    curation.decide(paper=paper, concept=slow, verdict="accept", actor=Actor.person(curator))
    SuggestionFactory(paper=paper, concept=garden)
    SuggestionFactory(concept=slow)
    query, _ = Query.objects.get_or_create(slug="made-up", name="Made up", search="cat:cs.CL")
    Harvest.objects.create(
        query=query, search=query.search, trigger="schedule", state="done",
        since=timezone.now(), until=timezone.now(), cursor_from=timezone.now(),
        cursor_until=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    figures = {"precision": 0.8, "recall": 0.6, "f1": 0.69}
    ConceptCandidate.objects.create(
        phrase="dream gardens", others=["night gardens"], position=1, papers=9, recent=90,
        growth=1.4, sample=[paper.pk],
    )  # fmt: skip
    SuggesterModel.objects.create(
        number=1, file="gone.npz", examples=40, vocabulary_number=1, active=True,
        evaluation={
            "ndcg@5": 0.9, "micro": figures, "abstained": 0.1,
            "bins": [{"pairs": 90, "said": 0.1, "came_true": 0.2}],
            "targets": {"80": {**figures, "abstained": 0.2}},
            "labels": {"gardening": {**figures, "papers": 9, "calibration_error": 0.01}},
        },
    )  # fmt: skip
    return curator


def quiet(page, address):
    """Open it; a missing page is meant to be missing."""
    page.goto(address)
    page.complaints[:] = [one for one in page.complaints if "404 (Not Found)" not in one]


@pytest.mark.parametrize("language", ["", "/ja"], ids=["en", "ja"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_page_breaks_a_rule_of_accessibility(atlas, open_page, axe, language, theme, width):
    page = open_page(f"{language}/challenges/", theme=theme, width=width)
    page.context.add_cookies(
        [{"name": "django_language", "value": "ja" if language else "en", "url": page.url}]
    )
    found = {}
    for path in PAGES:
        quiet(page, path if path.startswith("/api/") else language + path)
        found[path] = axe(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[path] += [f"{overflow} px wider than the screen"] if overflow > 0 else []
    assert found == {path: [] for path in PAGES}


@pytest.mark.parametrize("language", ["", "/ja"], ids=["en", "ja"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_curators_page_breaks_a_rule_of_accessibility(
    atlas, open_page, axe, language, theme
):
    page = open_page(f"{language}/ingest/", user=atlas, theme=theme)
    found = {}
    for path in [*DESK_PAGES, Harvest.objects.get().get_absolute_url()]:
        page.goto(language + path)
        found[path] = axe(page)
    assert found == {path: [] for path in found}


def test_the_atlas_weighs_less_than_150_kb(atlas, open_page):
    """All it loads, in a browser that has been nowhere; the test server does not compress."""
    page = open_page("/")
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        "[...performance.getEntriesByType('navigation'),"
        " ...performance.getEntriesByType('resource')].map((entry) => entry.encodedBodySize)"
    )
    assert len(sizes) > 8
    assert 30_000 < sum(sizes) < 150_000


def test_search_narrows_without_a_reload_and_the_focus_stays(atlas, open_page):
    page = open_page("/papers/")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Gardening 3").click()
    expect(page).to_have_url(re.compile(r"\?domain=gardening$"))
    expect(page.locator(".paper-line")).to_have_count(3)
    assert page.evaluate("window.same")
    assert page.evaluate("document.activeElement !== document.body")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/papers/$"))
    expect(page.locator(".paper-line")).to_have_count(5)


def test_everything_is_reached_without_script(atlas, open_page):
    page = open_page("/", script=False, locale="en")
    page.get_by_text("Topics of Slow answers").locator("..").click()
    page.get_by_role("link", name="Pruning", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pruning")
    page.get_by_role("link", name="search among them").click()
    expect(page.locator(".paper-line")).to_have_count(3)
    page.get_by_label("Words in title, abstract or authors").fill("answers 2")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".paper-line")).to_have_count(1)
    page.get_by_role("link", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")


def test_the_theme_is_chosen_and_kept(atlas, open_page):
    page = open_page("/")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    switch = page.locator("[data-theme-switch]")
    switch.click()
    switch.click()
    expect(switch).to_have_attribute("aria-label", "Theme: dark")
    page.goto("/papers/")
    assert page.evaluate(paper) != light


def test_slash_goes_to_the_search_field(atlas, open_page):
    page = open_page("/")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type('"pruned answers"')
    page.keyboard.press("Enter")
    expect(page.locator(".paper-line")).to_have_count(3)
