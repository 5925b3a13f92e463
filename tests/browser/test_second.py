"""Second readings, disputes and agreement in a real browser."""

import pytest
from playwright.sync_api import expect

from taxonomy import people, second_readings
from taxonomy.models import SecondReading
from taxonomy.people import Role
from tests.factories import ConceptFactory, CuratorFactory, SuggestionFactory
from tests.taxonomy.test_second_readings import read, screened

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [("light", "wide"), ("dark", "wide"), ("light", "narrow"), ("dark", "narrow")]


@pytest.fixture
def editor(transactional_db):
    """Of two papers that a curator decided on, one is disputed and one waits to be read."""
    editor = people.give_role(people.open_account("editor"), Role.EDITOR)
    second_readings.set_share(share=100, editor=editor)
    first = CuratorFactory()
    concept = ConceptFactory(slug="latency", label="Latency")
    ConceptFactory(slug="costs", label="Costs")
    screened(first, concept)
    second_readings.open_drawn()
    read(CuratorFactory())
    SuggestionFactory(paper=screened(first, concept), concept=concept)
    second_readings.open_drawn()
    return editor


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_every_page_is_accessible_and_none_is_too_wide(open_page, axe, editor, theme, width):
    page = open_page("/readings/", user=editor, theme=theme, width=width)
    for address in (
        *("/readings/", "/readings/disputes/", "/insights/agreement/", "/account/work/"),
        *("/review/queues/", "/review/settings/", "/trail/batches/"),
    ):
        page.goto(address)
        here = page.locator('.tabs [aria-current="page"]')
        expect(here).to_be_in_viewport()
        assert (address, axe(page)) == (address, [])
        wide = "document.documentElement.scrollWidth <= window.innerWidth"
        assert (address, page.evaluate(wide)) == (address, True)


def test_a_paper_is_read_by_keyboard_alone(open_page, editor):
    page = open_page("/readings/", user=editor)
    page.get_by_label("Latency").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Challenges").last).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Costs")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept: 2 concepts fit.")).to_be_visible()
    given = SecondReading.objects.get(second=editor).judgements.filter(side="second")
    slugs = given.order_by("concept").values_list("concept__slug", flat=True)
    assert list(slugs) == ["latency", "costs"]


def test_a_dispute_is_settled_without_javascript(open_page, editor):
    page = open_page("/readings/disputes/", user=editor, script=False)
    page.get_by_label("does not fit").check()
    page.get_by_role("button", name="Settle, and on to the next").click()
    expect(page.get_by_text("Settled.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing is disputed")).to_be_visible()
