"""Refused records and alarms in a real browser."""

import pytest
from playwright.sync_api import expect

from ingest import alarms, tasks
from ingest.models import Alarm, Refusal
from taxonomy import people
from tests.factories import HarvestFactory, RefusalFactory
from tests.ingest.server import FIRST, Record

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/ingest/refusals/"


@pytest.fixture
def keeper(transactional_db, monkeypatch):
    """May look after the harvest; no worker is there to be told."""
    monkeypatch.setattr(tasks.fetch_refused, "delay", lambda: None)
    return people.create_curator("keeper")


@pytest.fixture
def records(keeper):
    """Three that were refused: the first shown can be read now, the next is cut off."""
    run = HarvestFactory()
    return [
        RefusalFactory(harvest=run, reason="published is no date: ''"),
        RefusalFactory(harvest=run, arxiv_id="2506.00003", raw="<entry>" + "long " * 4_000),
        RefusalFactory(
            harvest=run, arxiv_id="2506.00002", raw=Record("2506.00002", FIRST).xml()
        ),
    ][::-1]


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def press(page, key):
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.press(key)
    expect(page.locator("html:not([aria-busy])")).to_be_attached()


def test_records_are_tried_again_by_keyboard_and_the_focus_stays(open_page, keeper, records):
    page = open_page(LIST, user=keeper)
    page.locator(f"#retry-{records[0].pk}").focus()
    press(page, "Enter")
    line = page.locator(f"#refusal-{records[0].pk}")
    expect(line).to_contain_text("Taken in from the kept text")
    assert focused(page) == f"retry-{records[0].pk}"
    expect(page.locator("#announce")).to_have_text("Taken in from the kept text")

    page.locator(f"#retry-{records[1].pk}").focus()
    press(page, "Space")
    expect(page.locator(f"#refusal-{records[1].pk}")).to_contain_text(
        "arXiv is asked for it within a minute or two."
    )
    assert focused(page) == f"retry-{records[1].pk}"
    assert Refusal.objects.get(pk=records[1].pk).wanted_at is not None


def test_a_record_is_dismissed_by_keyboard_and_the_focus_stays(open_page, keeper, records):
    pk = records[2].pk
    page = open_page(LIST, user=keeper)
    page.locator(f"#refusal-{pk} .refusal-do summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("A test of arXiv's")
    page.keyboard.press("Tab")
    assert focused(page) == f"dismiss-{pk}"
    press(page, "Enter")
    expect(page.locator(f"#refusal-{pk}")).to_contain_text("A test of arXiv's")
    assert focused(page) == f"dismiss-{pk}"
    assert Refusal.objects.get(pk=pk).settled_by == keeper


def test_without_javascript_the_same_forms_do_the_same(open_page, keeper, records):
    page = open_page(f"{LIST}?kind=missing", user=keeper, script=False)
    page.locator(f"#retry-{records[0].pk}").click()
    expect(page.locator(".messages")).to_contain_text("Taken in from the kept text")
    expect(page.locator("#kind")).to_have_value("missing")
    page.get_by_role("button", name="Try the one shown again").click()
    expect(page.locator(".messages")).to_contain_text("arXiv is asked for 1.")


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [f"{LIST}?state=any", "/ingest/alarms/", "/ingest/"])
def test_the_pages_are_accessible_and_fit(open_page, axe, keeper, records, path, theme, width):
    alarms.raise_alarm(Alarm.Kind.RUN_FAILED, HarvestFactory(), {"error": "x" * 400})
    alarms.raise_alarm(Alarm.Kind.GAPS, "2511", {"missing": 3})
    alarms.close(Alarm.Kind.GAPS, "2511")
    Refusal.objects.filter(pk=records[2].pk).update(
        settled_at=FIRST, settled_by=keeper, outcome="dismissed", note="Not ours"
    )
    page = open_page(path, user=keeper, theme=theme, width=width)
    for summary in page.locator("main details > summary").all():
        summary.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
