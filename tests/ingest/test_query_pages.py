"""The pages on which queries are written: checked, locked, previewed."""

import html
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from ingest import context, forms, queries, tasks
from ingest.models import Harvest, Pace, Preview, Query
from ingest.search_syntax import Fault
from tests.factories import PaperFactory
from tests.ingest.conftest import JUNE

NEW, LOOK = "/ingest/queries/new/", "/ingest/preview/"
HTMX = {"HX-Request": "true", "HX-Target": "preview"}
DAY = 86_400
WRITTEN = {
    "name": "Robots that plan",
    "way": "search",
    "search": "cat:cs.RO",
    "match": "",
    "interval": str(7 * DAY),
    "enabled": "on",
}

WRITTEN_BY_ANOTHER = {
    "name": "Theirs",
    "way": "search",
    "search": "cat:cs.HC",
    "match": "",
    "known_only": False,
    "interval": timedelta(days=1),
    "enabled": False,
}


@pytest.fixture
def sent(monkeypatch):
    """The previews that workers were told of."""
    digests = []
    monkeypatch.setattr(tasks.answer_preview, "delay", digests.append)
    return digests


@pytest.fixture
def page(client, keeper):
    """The keeper's browser."""
    client.force_login(keeper)
    return client


def problems(response):
    found = re.findall(r'<ul class="errorlist"[^>]*>(.*?)</ul>', response.text, re.S)
    return [html.unescape(re.sub("<[^>]*>", "", one)).strip() for one in found]


def stored(query):
    query.refresh_from_db()
    return {name: getattr(query, name) for name in (*queries.WRITTEN, "revision")}


@pytest.mark.django_db
def test_a_query_is_added_and_changed(page):
    assert page.post(NEW, WRITTEN).headers["Location"] == "/ingest/"
    query = Query.objects.get(slug="robots-that-plan")
    assert stored(query) == {
        "name": "Robots that plan",
        "way": "search",
        "search": "cat:cs.RO",
        "match": "",
        "known_only": False,
        "interval": timedelta(days=7),
        "enabled": True,
        "revision": 1,
    }
    change = {
        "name": "Robots",
        "way": "oai",
        "search": "cs:cs:RO",
        "match": "plans| | long   robots",
        "known_only": "on",
        "interval": str(DAY),
        "revision": "1",
    }
    assert page.post(query.get_absolute_url(), change).headers["Location"] == "/ingest/"
    assert stored(query) == {
        "name": "Robots",
        "way": "oai",
        "search": "cs:cs:RO",
        "match": "plans | long robots",
        "known_only": True,
        "interval": timedelta(days=1),
        "enabled": False,
        "revision": 2,
    }
    assert query.slug == "robots-that-plan"


@pytest.mark.django_db
def test_the_form_shows_what_is_stored(page):
    query = queries.add(
        {
            "name": "<Robots>",
            "way": "oai",
            "search": "cs:cs:RO",
            "match": '"a" | b',
            "known_only": True,
            "interval": timedelta(hours=36),
            "enabled": False,
        }
    )
    text = page.get(query.get_absolute_url()).text
    assert text.count("<Robots>") == 0
    form = text[text.index('id="query-form"') :]
    assert html.unescape(re.search(r'name="match"[^>]* value="([^"]*)"', form)[1]) == '"a" | b'
    assert re.findall(r"<option[^>]* selected>(.*?)</option>", form) == [
        "as now: every 36 hours"
    ]
    assert re.findall(r'value="(\w+)" checked', form) == ["oai"]
    assert re.findall(r'name="(\w+)" checked', form) == ["known_only"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "Give it a name, such as “Robots that plan”."),
        (
            {"name": " Made-up  papers"},
            "Another query has this name. Choose one that tells them apart.",
        ),
        ({"search": " "}, "Write what is searched for, such as cat:cs.CL."),
        (
            {"search": "title:robots"},
            "Character 1: Write ti: in the place of “title:”.",
        ),
        (
            {"search": "cat:cs.RO and ti:plan"},
            "Character 11: Write “and” in capitals, or in quotation marks as a word.",
        ),
        (
            {"search": "cat:cs.RO AND submittedDate:[202501010000 TO 202502010000]"},
            "Character 15: Leave “submittedDate” out. Every run sets its own dates.",
        ),
        (
            {"search": "a OR " * 300 + "b"},
            "arXiv takes 1,000 characters. Shorten it, or make two queries of it.",
        ),
        ({"way": "oai", "search": "cat:cs.CL"}, "Write an OAI-PMH set: cs:cs:CL."),
        ({"way": "oai", "search": "cs.RO"}, "Write an OAI-PMH set: cs:cs:RO."),
        ({"way": "oai", "search": "all papers"}, "Write an OAI-PMH set: cs:cs:CL."),
        (
            {"way": "oai", "search": "cs:cs:RO", "match": "robots " * 80},
            "At most 500 characters. Leave some phrases out.",
        ),
        (
            {"interval": str(DAY // 2)},
            "Choose one of these; arXiv asks to be asked once a day at most.",
        ),
        (
            {"way": "snapshot"},
            "Select a valid choice. snapshot is not one of the available choices.",
        ),
    ],
)
def test_what_is_wrong_is_said_at_the_field_with_the_mend(page, query, change, said):
    response = page.post(NEW, WRITTEN | change)
    assert problems(response) == [said]
    assert Query.objects.filter(slug="robots-that-plan").count() == 0
    written = re.search(r"<textarea[^>]*>(.*?)</textarea>", response.text, re.S)[1]
    assert html.unescape(written) == (WRITTEN | change)["search"]  # nothing is lost


@pytest.mark.django_db
def test_the_place_is_marked(page):
    response = page.post(NEW, WRITTEN | {"search": 'cat:cs.RO OR ti:"<open'})
    marked = re.search(r'<p class="marked" lang="en"><code>(.*?)</code>', response.text)[1]
    assert marked == "cat:cs.RO OR ti:<mark>&quot;</mark>&lt;open"


def test_every_fault_has_a_sentence():
    assert set(forms.SENTENCES) == set(Fault)
    with translation.override("en"):
        for text in forms.SENTENCES.values():
            assert str(text) % {"found": "x"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "quick"),
    [
        ("http://127.0.0.1:1/", ["every minute", "every hour"]),
        ("https://export.arxiv.org/api/query", []),
    ],
)
def test_only_an_arxiv_on_this_machine_is_asked_more_than_once_a_day(
    page, settings, url, quick
):
    settings.ARXIV_API_URL = settings.ARXIV_OAI_URL = url
    options = re.findall(r"<option[^>]*>(every .*?)</option>", page.get(NEW).text)
    assert options[: len(quick) + 1] == [*quick, "every day"]


@pytest.mark.django_db
def test_the_second_of_two_editors_is_told_and_loses_nothing(page, query):
    queries.change(query, WRITTEN_BY_ANOTHER | {"interval": timedelta(days=2)}, revision=1)
    mine = WRITTEN | {"search": "cat:cs.RO OR cat:cs.AI", "revision": "1"}
    response = page.post(query.get_absolute_url(), mine)
    text = response.text
    assert text.count("Another person changed this query meanwhile") == 1
    told = re.search(r'<dl class="facts">(.*?)</dl>', text, re.S)[1]
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", told) == [
        ("Name", "theirs: Theirs"),
        ("Search or set", "theirs: cat:cs.HC"),
        ("How often", "theirs: every 2 days"),
        ("Pulled on schedule", "theirs: no"),
    ]
    assert stored(query)["name"] == "Theirs"
    assert re.search(r"<textarea[^>]*>(.*?)</textarea>", text)[1] == mine["search"]
    revision = re.search(r'name="revision" value="(\d+)"', text)[1]
    page.post(query.get_absolute_url(), mine | {"revision": revision})
    assert (stored(query)["search"], stored(query)["revision"]) == (mine["search"], 3)


@pytest.mark.django_db
def test_a_switch_on_the_overview_is_a_change_as_well(page, query):
    page.post(f"/ingest/queries/{query.slug}/enabled/", {"enabled": "off"})
    response = page.post(query.get_absolute_url(), WRITTEN | {"revision": "1"})
    assert response.text.count("theirs: no") == 1
    assert stored(query)["enabled"] is False


@pytest.mark.django_db
def test_a_form_without_its_revision_changes_nothing(page, query):
    response = page.post(query.get_absolute_url(), WRITTEN)
    assert response.text.count("Another person changed this query meanwhile") == 1
    assert stored(query)["name"] == "Made-up papers"


@pytest.mark.django_db
def test_what_was_written_outlives_the_query(page, query):
    query.delete()
    response = page.post(query.get_absolute_url(), WRITTEN | {"revision": "1"})
    assert response.text.count("Another person deleted this query meanwhile") == 1
    assert re.search(r'id="query-form"[^>]* action="([^"]+)"', response.text)[1] == NEW
    assert not Query.objects.filter(name=WRITTEN["name"]).exists()
    page.post(NEW, WRITTEN)
    assert Query.objects.filter(name=WRITTEN["name"]).exists()
    assert page.get(query.get_absolute_url()).status_code == 404


@pytest.mark.django_db
def test_a_query_is_deleted_after_a_question(page, query):
    Harvest.objects.create(
        query=query, search=query.search, trigger="schedule", since=JUNE[0], until=JUNE[1],
        cursor_from=JUNE[0], cursor_until=JUNE[1],
    )  # fmt: skip
    url = f"/ingest/queries/{query.slug}/delete/"
    assert page.get(url).text.count("Its 1 run stays") == 1
    queries.switch(query, enabled=False)
    response = page.post(url, {"revision": "1"})
    assert response.text.count("Another person changed this query meanwhile") == 1
    assert page.post(url, {"revision": "no number"}).status_code == 200
    assert page.post(url, {"revision": "2"}).headers["Location"] == "/ingest/"
    assert not Query.objects.filter(pk=query.pk).exists()
    assert Harvest.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", [NEW, "/ingest/queries/made-up/", LOOK])
def test_readers_are_refused(client, reader, query, path, sent):
    client.force_login(reader)
    assert client.post(path, WRITTEN).status_code == 403
    assert client.get(path).status_code == (405 if path == LOOK else 403)
    assert (Query.objects.filter(name=WRITTEN["name"]).exists(), sent) == (False, [])


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_costs_the_same_however_many_papers_it_shows(
    page, count, django_assert_num_queries, sent
):
    answered("cat:cs.RO", count)
    for number in range(count):
        PaperFactory(arxiv_id=f"2506.{number + 1:05d}")
    cache.set(context.KEY, {})
    with django_assert_num_queries(8):
        # session, person, rights, others, savepoint (2), preview (2), papers
        response = page.post(LOOK, WRITTEN, headers=HTMX)
    assert response.text.count('<li class="paper-line">') == count
    assert response.text.count('<span class="badge">here</span>') == count
    assert sent == []


def answered(search, count=1, **values):
    papers = [
        {"arxiv_id": f"2506.{n + 1:05d}", "title": f"<b>{n}</b>", "published": "2025-06-30"}
        for n in range(count)
    ]
    values = {"total": 1234, "lately": 1, "papers": papers} | values
    return Preview.objects.create(
        digest=Preview.digest_of(search), search=search, answered_at=timezone.now(), **values
    )


def said(response):
    text = re.search(r'<div id="preview".*?>(.*?)</div>', response.text, re.S)[1]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", text)).split())


@pytest.mark.django_db
def test_a_preview_is_asked_for_once_and_polled(page, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = page.post(LOOK, WRITTEN, headers=HTMX)
    assert said(first).startswith("arXiv is asked as soon as it is our turn.")
    assert first.text.count('hx-trigger="every 2s"') == 1
    assert sent == [Preview.digest_of("cat:cs.RO")]
    with django_capture_on_commit_callbacks(execute=True):
        poll = page.post(LOOK, WRITTEN, headers=HTMX | {"HX-Trigger": "preview"})
    assert (len(sent), poll.text.count('id="announce"')) == (1, 0)
    Preview.objects.all().delete()
    answered("cat:cs.RO")
    last = page.post(LOOK, WRITTEN, headers=HTMX | {"HX-Trigger": "preview"})
    assert last.text.count("hx-trigger") == 0
    assert last.text.count("Preview: 1,234 papers") == 1
    assert last.text.count("&lt;b&gt;0&lt;/b&gt;") == 1
    assert last.text.count('href="https://arxiv.org/abs/2506.00001"') == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"search": "cat:"}, "arXiv is not asked yet: the search has to be mended first."),
        (
            {"way": "oai", "search": "cs:cs:CL", "known_only": "on"},
            "No new papers: only what changes about those that are here.",
        ),
        (
            {"way": "oai", "search": "cs:cs"},
            "A whole archive cannot be previewed, a single category can: cs:cs:CL.",
        ),
    ],
)
def test_what_cannot_be_previewed_says_why(page, sent, written, expected):
    assert said(page.post(LOOK, WRITTEN | written, headers=HTMX)) == expected
    assert (sent, Preview.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_a_preview_that_is_not_possible_now_says_when(page, sent):
    found = answered("cat:cs.RO", 0, total=None, lately=None, problem="?")
    until = timezone.now() + timedelta(minutes=7)
    nothing = {"answered_at": None, "problem": ""}
    Preview.objects.filter(pk=found.pk).update(not_before=until, **nothing)
    response = page.post(LOOK, WRITTEN, headers=HTMX)
    assert said(response).startswith("No preview now. arXiv is asked again from ")
    assert response.text.count('hx-trigger="every 10s"') == 1
    Preview.objects.filter(pk=found.pk).update(not_before=None, wanted_at=timezone.now())
    Preview.objects.filter(pk=found.pk).update(
        wanted_since=timezone.now() - timedelta(seconds=21), queued_at=timezone.now()
    )
    assert said(page.post(LOOK, WRITTEN, headers=HTMX)).startswith("Still waiting")
    Pace.objects.create(stopped=True)
    response = page.post(LOOK, WRITTEN, headers=HTMX)
    assert said(response).startswith("No preview now: arXiv refused us")
    assert response.text.count("hx-trigger") == 0


@pytest.mark.django_db
def test_what_arxiv_rejects_is_said_at_the_field(page, sent):
    answered("cat:cs.RO", problem="no <such> search", total=None, lately=None)
    response = page.post(LOOK, WRITTEN, headers=HTMX)
    assert problems(response) == ["arXiv rejects this search: no <such> search"]


@pytest.mark.django_db
def test_without_javascript_the_preview_stands_on_the_page_and_nothing_is_saved(
    page, sent, shipped_queries
):
    answered("cat:cs.RO", 2)
    before = Query.objects.count()
    for address in (NEW, shipped_queries["cs-cl"].get_absolute_url()):
        response = page.post(address, WRITTEN | {"name": "", "revision": "7", "preview": "yes"})
        assert response.text.count('<li class="paper-line">') == 2
        assert problems(response) == []  # a name may be missing yet
        assert re.search(r'name="revision" value="(\d*)"', response.text)[1] == "7"
    assert Query.objects.count() == before
