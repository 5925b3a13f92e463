"""Queries and runs in a real browser: by keyboard, on a phone, without script, by two."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ingest import harvest, tasks
from ingest.models import Audit, Gap, Harvest, HarvestNote, Listing, Pace, Preview, Query
from taxonomy import people
from tests.ingest.server import FIRST

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/ingest/queries/new/"
SEARCH = 'cat:cs.RO AND (ti:"plans" OR abs:"a plan")'


@pytest.fixture
def keeper(transactional_db):
    return people.create_curator("ada")


@pytest.fixture
def query(transactional_db):
    return Query.objects.create(
        slug="made-up",
        name="Made up",
        search="cat:cs.CL AND ("
        + " OR ".join(f'abs:"phrase number {n}"' for n in range(30))
        + ")",
    )


@pytest.fixture
def _quiet_workers(monkeypatch):
    """Nobody works: what a worker would say is written by the test."""
    for task in (tasks.answer_preview, tasks.pull_due):
        monkeypatch.setattr(task, "delay", lambda *args: None)


def answer(search, total=1234):
    """As a worker does it."""
    papers = [
        {
            "arxiv_id": f"2506.{number:05d}",
            "title": f"A made-up paper {number} on α-divergence " + "that goes on " * 9,
            "published": "2025-06-30",
        }
        for number in range(1, 11)
    ]
    Preview.objects.update_or_create(
        digest=Preview.digest_of(search),
        defaults={
            "search": search, "total": total, "lately": 21, "papers": papers,
            "answered_at": timezone.now(),
        },
    )  # fmt: skip


def run_of(query, **values):
    """A run with a log that has a line of every kind."""
    run = harvest.begin(query, trigger="schedule")
    for number, kind in enumerate(HarvestNote.Kind.values):
        run.new = run.received = 1000 * number
        HarvestNote.objects.tell(run, kind, "arXiv announced 1000 papers and sent none")
    received = {"received": 12_000, "new": 11_000, "unchanged": 1000, "expected": 90_000}
    Harvest.objects.filter(pk=run.pk).update(**received | values)
    return run


def audits():
    """One that lists, one that has ended with a gap of every state."""
    now, values = timezone.now(), {"spec": "cs:cs:CL", "trigger": "schedule", "since": FIRST}
    values |= {"first": "2506.00001", "last": "2507.99999"}
    Listing.objects.create(day=FIRST, answered_at=now, new=3, known=1, unknown=2)
    under_way = Audit.objects.create(**values, passed=20_000, error="arXiv answered HTTP 503")
    counts = {"listed": 4321, "here": 4316, "missing": 5, "fetched": 1}
    counts |= {"left_out": 1, "lost": 1, "unlisted": 2, "unreadable": 1}
    over = Audit.objects.create(
        **values, **counts, state="done", finished_at=now, compared_at=now, window="2506..2507",
        reason="arXiv says there are 70 papers; 69 came", fetches=False,
    )  # fmt: skip
    for number, state in enumerate(Gap.State.values, start=1):
        reason = "arXiv lists it, and does not know it when asked for it" * (state == "lost")
        Gap.objects.create(
            audit=over, arxiv_id=f"2506.{number:05d}", state=state, reason=reason
        )
    return under_way, over


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


@pytest.mark.usefixtures("_quiet_workers")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_page_of_the_ingest_breaks_a_rule_of_accessibility(
    keeper, query, open_page, axe, theme, width
):
    Pace.objects.create(stopped=True, last_error="arXiv refused the request (HTTP 403)")
    running = run_of(query)
    failed = run_of(Query.objects.create(slug="other", name="Other", search="cat:cs.AI"))
    values = {"state": "failed", "error": "no " * 60, "finished_at": timezone.now()}
    Harvest.objects.filter(pk=failed.pk).update(**values)
    under_way, over = audits()
    answer(query.search)
    page = open_page("/ingest/", user=keeper, theme=theme, width=width)
    found = {}
    for path in (
        "/ingest/",
        NEW,
        query.get_absolute_url(),
        f"/ingest/queries/{query.slug}/delete/",
        running.get_absolute_url(),
        failed.get_absolute_url(),
        under_way.get_absolute_url(),
        over.get_absolute_url(),
    ):
        page.goto(path)
        if path == query.get_absolute_url():
            page.get_by_role("button", name="Preview").click()
            expect(page.locator(".preview-count")).to_be_visible()
        found[path] = axe(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[path] += [f"{overflow} px wider than the screen"] if overflow > 0 else []
        scrolls = page.evaluate(
            "[...document.querySelectorAll('main *')]"
            ".filter((one) => one.scrollWidth > one.clientWidth + 1)"
            ".filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX))"
            ".map((one) => one.className)"
        )
        found[path] += [f"scrolls sideways: {one}" for one in scrolls]
    assert found == {path: [] for path in found}


@pytest.mark.usefixtures("_quiet_workers")
def test_a_query_is_written_by_keyboard_and_the_preview_leaves_the_focus(keeper, open_page):
    page = open_page(NEW, user=keeper)
    page.get_by_label("Name").press_sequentially("Robots that plan")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "id_search"
    page.keyboard.type(SEARCH.replace("AND", "and"))
    problem = page.locator("#search-problem")
    expect(problem).to_contain_text("Character 11: Write “and” in capitals")
    expect(problem.locator("mark")).to_have_text("and")
    expect(page.locator("#announce")).to_contain_text("Character 11")
    assert focused(page) == "id_search"
    page.keyboard.press("Control+a")
    page.keyboard.type(SEARCH)
    expect(problem).to_have_text("")
    expect(page.locator("#preview")).to_contain_text("as soon as it is our turn")
    answer(SEARCH)
    expect(page.locator(".preview-count")).to_have_text("1,234 papers")
    expect(page.locator("#announce")).to_have_text("Preview: 1,234 papers")
    expect(page.locator("#preview .paper-line")).to_have_count(10)
    assert focused(page) == "id_search"
    assert page.locator("#id_search").input_value() == SEARCH
    page.get_by_label("Name").focus()
    page.keyboard.press("Enter")  # saves: the preview's button is not the form's first
    expect(page).to_have_url(re.compile(r"/ingest/$"))
    assert Query.objects.get(slug="robots-that-plan").search == SEARCH


@pytest.mark.usefixtures("_quiet_workers")
def test_the_way_shows_its_own_fields(keeper, open_page):
    page = open_page(NEW, user=keeper)
    expect(page.get_by_label("Only with one of these phrases")).to_be_hidden()
    page.get_by_label("A whole category").check()
    expect(page.get_by_label("Only with one of these phrases")).to_be_visible()
    page.get_by_label("Search or set").fill("cs:cs")
    expect(page.locator("#preview")).to_contain_text("A whole archive cannot be previewed")
    page.get_by_label("Search or set").fill("cs:cs:RO")
    answer("cat:cs.RO")
    expect(page.locator("#preview")).to_contain_text("as an estimate")


@pytest.mark.usefixtures("_quiet_workers")
def test_a_query_is_tried_and_saved_without_script(keeper, open_page):
    page = open_page(NEW, user=keeper, script=False)
    page.get_by_label("Search or set").fill(SEARCH)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Press Preview again in a few seconds")
    answer(SEARCH)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview-count")).to_have_text("1,234 papers")
    expect(page.get_by_label("Search or set")).to_have_value(SEARCH)
    page.get_by_label("Name").fill("Robots that plan")
    page.get_by_label("How often").select_option("every week")
    page.get_by_role("button", name="Save").click()
    query = Query.objects.get(slug="robots-that-plan")
    assert (query.search, query.interval) == (SEARCH, timedelta(days=7))
    page.get_by_role("link", name="Robots that plan").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".messages")).to_contain_text("is deleted")


@pytest.mark.usefixtures("_quiet_workers")
def test_of_two_editors_at_once_the_second_is_told_and_loses_nothing(
    keeper, query, open_page, axe
):
    first, second = (open_page(query.get_absolute_url(), user=keeper) for _ in range(2))
    for page, name in ((first, "First"), (second, "Second")):
        page.get_by_label("Name").fill(name)
    first.get_by_role("button", name="Save").click()
    expect(first).to_have_url(re.compile(r"/ingest/$"))
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("theirs: First")
    expect(second.get_by_label("Name")).to_have_value("Second")
    assert axe(second) == []
    second.get_by_role("button", name="Save in place of theirs").click()
    expect(second).to_have_url(re.compile(r"/ingest/$"))
    query.refresh_from_db()
    assert (query.name, query.revision) == ("Second", 3)


@pytest.mark.usefixtures("_quiet_workers")
def test_a_run_goes_on_before_the_eyes_without_taking_the_focus(keeper, query, open_page):
    run = run_of(query)
    page = open_page(run.get_absolute_url(), user=keeper)
    expect(page.locator(".num-line")).to_have_text("12,000 of 90,000 papers")
    Harvest.objects.filter(pk=run.pk).update(received=45_000, new=44_000)
    expect(page.locator(".num-line")).to_have_text("45,000 of 90,000 papers")
    assert focused(page) == "BODY"  # nobody had it, nobody is called
    page.get_by_role("button", name="Stop").focus()
    HarvestNote.objects.tell(run, "page")
    expect(page.locator("#run-log > li")).to_have_count(len(HarvestNote.Kind.values) + 2)
    assert focused(page) == "BUTTON"
    values = {"state": "done", "finished_at": timezone.now()}
    Harvest.objects.filter(pk=run.pk).update(**values)
    expect(page.locator("#announce")).to_contain_text("The run is over: done")
    expect(page.locator("[data-focus-after]")).to_be_focused()  # its button has gone


@pytest.mark.usefixtures("_quiet_workers")
@pytest.mark.parametrize("script", [True, False])
def test_a_run_is_stopped_and_gone_on_with(keeper, query, open_page, script):
    run = run_of(query)
    page = open_page(run.get_absolute_url(), user=keeper, script=script)
    page.get_by_role("button", name="Stop").press("Enter")
    expect(page.locator(".messages")).to_contain_text("The run is stopped")
    expect(page.locator("#live")).to_contain_text("stopped by ada")
    page.get_by_role("button", name="Go on with this run").press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    run.refresh_from_db()
    assert run.state == "running"
