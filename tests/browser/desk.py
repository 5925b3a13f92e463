"""What the browser tests of the desk share: papers that wait, keys, and where the focus is."""

from playwright.sync_api import expect

from tests.factories import ScreeningFactory, SuggestionFactory

REVIEW = "/review/"


def papers_with(concepts, count):
    """Papers that wait, the first made on top, each with these concepts suggested."""
    papers = [ScreeningFactory(priority=-n).paper for n in range(count)]
    for paper in papers:
        for place, concept in enumerate(concepts):
            SuggestionFactory(paper=paper, concept=concept, score=0.9 - place / 10)
    return papers


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def press(page, key):
    """Press a key and wait for the server's word on it; the focus is never lost."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.press(key)
    expect(page.locator("html:not([aria-busy])")).to_be_attached()
    assert focused(page) != "BODY"


def watch_focus(page):
    """From now on, count the frames in which nothing had the focus."""
    page.evaluate("""() => {
        window.lostFrames = 0;
        const look = () => {
            if (document.activeElement === document.body) window.lostFrames += 1;
            requestAnimationFrame(look);
        };
        look();
    }""")


def shown(page):
    return page.locator("[data-paper]").get_attribute("data-paper")
