"""The page of refused records, with and without htmx."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from ingest import context, tasks
from ingest.feed import KEPT_RAW
from ingest.models import Pace, Refusal
from tests.factories import HarvestFactory, QueryFactory, RefusalFactory
from tests.ingest.server import FIRST, Record

LIST = "/ingest/refusals/"
GOOD = Record("2506.00002", FIRST).xml()
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sent(monkeypatch):
    """How often the workers were told to ask."""
    calls = []
    monkeypatch.setattr(tasks.fetch_refused, "delay", lambda: calls.append("fetch_refused"))
    return calls


@pytest.fixture
def page(client, keeper):
    client.force_login(keeper)

    def get(url=LIST):
        return client.get(url).content.decode()

    return get


def shown(html):
    return [
        pk
        for pk in Refusal.objects.values_list("pk", flat=True)
        if f'<li id="refusal-{pk}"' in html
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_there_are(
    client, keeper, count, django_assert_num_queries
):
    RefusalFactory.create_batch(count)
    RefusalFactory.create_batch(
        count, settled_at=timezone.now(), settled_by=keeper, outcome="taken"
    )
    client.force_login(keeper)
    cache.set(context.KEY, {})
    with django_assert_num_queries(5):  # session, person, rights, refusals, queries, pace
        response = client.get(f"{LIST}?state=any")
    assert response.content.count(b'<li id="refusal-') == 2 * count


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "retry/", "1/retry/", "1/dismiss/"])
def test_only_keepers_get_in(client, reader, sent, path):
    send = client.post if path else client.get
    assert send(LIST + path).headers["Location"].startswith("/login/?next=/ingest/")
    client.force_login(reader)
    assert send(LIST + path).status_code == 403
    assert path == "" or client.get(LIST + path).status_code == 405


@pytest.mark.django_db
def test_an_empty_list_says_so(page):
    assert page().count("No record waits") == 1
    assert page(f"{LIST}?kind=date").count("None like that") == 1


@pytest.mark.django_db
def test_records_are_found_by_state_reason_query_run_and_way(page, keeper):
    one = RefusalFactory(reason="no title")
    other = RefusalFactory(reason="published is no date: ''", harvest__way="oai")
    done = RefusalFactory(settled_at=timezone.now(), settled_by=keeper, outcome="taken")
    for asked, found in {
        "": [one, other],
        "state=settled": [done],
        "state=any": [one, other, done],
        "kind=date": [other],
        "way=oai": [other],
        f"query={one.harvest.query.slug}": [one],
        f"run={other.harvest.pk}": [other],
        f"run={one.harvest.pk}&kind=date": [],
        "state=x&kind=x&way=x&run=x&before=x": [one, other],
        f"run={10**30}": [one, other],
        f"run={10**19 - 1}": [],
        "query=%00": [one, other],
        "query=nobodys": [],
    }.items():
        assert sorted(shown(page(f"{LIST}?{asked}"))) == sorted(row.pk for row in found), asked


@pytest.mark.django_db
def test_pages_go_on_by_key_in_both_directions(page):
    rows = [row.pk for row in RefusalFactory.create_batch(60, harvest=HarvestFactory())][::-1]
    first = page()
    assert (sorted(shown(first), reverse=True), first.count('rel="prev"')) == (rows[:25], 0)
    second = page(f"{LIST}?before={rows[24]}")
    assert sorted(shown(second), reverse=True) == rows[25:50]
    assert (second.count(f"?before={rows[49]}"), second.count(f"?after={rows[25]}")) == (1, 1)
    third = page(f"{LIST}?before={rows[49]}")
    assert (sorted(shown(third), reverse=True), third.count('rel="next"')) == (rows[50:], 0)
    assert sorted(shown(page(f"{LIST}?after={rows[25]}")), reverse=True) == rows[:25]


@pytest.mark.django_db
def test_what_came_is_shown_as_text_that_cannot_turn_around(page):
    RefusalFactory(raw="<script>alert(1)</script> a\u202eb\u200bc", reason="<b>no</b>")
    html = page()
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; a⟨U+202E⟩b⟨U+200B⟩c") == 1
    assert html.count("&lt;b&gt;no&lt;/b&gt;") >= 1


@pytest.mark.django_db
def test_a_retry_without_htmx_goes_back_to_the_list_with_a_message(client, keeper, sent):
    row = RefusalFactory(raw=GOOD, arxiv_id="2506.00002")
    client.force_login(keeper)
    response = client.post(f"{LIST}{row.pk}/retry/?state=any&kind=missing")
    back = f"{LIST}?state=any&kind=missing#refusal-{row.pk}"
    assert response.headers["Location"] == back
    html = client.get(f"{LIST}?state=any").content.decode()
    assert html.count("Taken in from the kept text") == 2  # the message, the line
    assert sent == []


@pytest.mark.django_db
def test_a_retry_with_htmx_answers_with_the_line_and_keeps_the_focus(client, keeper):
    row = RefusalFactory(raw=GOOD, arxiv_id="2506.00002")
    client.force_login(keeper)
    html = client.post(f"{LIST}{row.pk}/retry/", headers=HTMX).content.decode()
    assert html.strip().startswith(f'<li id="refusal-{row.pk}"')
    assert html.count(f'id="retry-{row.pk}" tabindex="-1"') == 1
    assert html.count('role="status" hx-swap-oob="true">Taken in from the kept text<') == 1


@pytest.mark.django_db
def test_a_record_that_must_be_asked_for_says_when(
    client, keeper, sent, django_capture_on_commit_callbacks
):
    row = RefusalFactory(arxiv_id="2506.00002")
    cut = RefusalFactory(arxiv_id="2506.00003", raw="x" * KEPT_RAW)
    client.force_login(keeper)
    html = client.get(LIST).content.decode()
    assert (html.count("Try again<"), html.count("Ask arXiv again<")) == (1, 1)
    assert html.count("Within a minute or two.") == 1
    with django_capture_on_commit_callbacks(execute=True):
        html = client.post(f"{LIST}{row.pk}/retry/", headers=HTMX).content.decode()
    assert html.count("arXiv is asked for it within a minute or two.") == 1
    assert sent == ["fetch_refused"]
    Pace.objects.create(stopped=True)
    html = client.post(f"{LIST}{cut.pk}/retry/", headers=HTMX).content.decode()
    assert html.count("Waits: arXiv refused us.") == 1


@pytest.mark.django_db
def test_all_that_are_shown_are_tried_and_their_account_is_given(
    client, keeper, sent, django_capture_on_commit_callbacks
):
    rows = [
        RefusalFactory(raw=GOOD, arxiv_id="2506.00002"),
        RefusalFactory(arxiv_id="2506.00003"),
        RefusalFactory(),
    ]
    hidden = RefusalFactory(raw=Record("2506.00009", FIRST).xml())
    client.force_login(keeper)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            f"{LIST}retry/?kind=missing", {"pk": [*(row.pk for row in rows), "x"]}
        )
    assert response.headers["Location"] == f"{LIST}?kind=missing"
    html = client.get(LIST).content.decode()
    said = "1 record is settled; arXiv is asked for 1; 1 is still refused."
    assert (html.count(said), sent) == (1, ["fetch_refused"])
    hidden.refresh_from_db()
    assert hidden.tried_at is None
    client.post(f"{LIST}retry/", {})
    assert client.get(LIST).content.decode().count("Nothing was left to be tried.") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_record_is_dismissed_with_a_note(client, keeper, headers):
    row = RefusalFactory()
    client.force_login(keeper)
    url = f"{LIST}{row.pk}/dismiss/"
    client.post(url, {"note": " \x00 "}, headers=headers)
    row.refresh_from_db()
    assert row.is_settled is False
    client.post(url, {"note": f" Not  ours {'x' * 400}"}, headers=headers)
    row.refresh_from_db()
    assert (row.outcome, row.note[:10], len(row.note)) == ("dismissed", "Not ours x", 300)


@pytest.mark.django_db
def test_a_note_that_is_missing_is_asked_for_where_it_belongs(client, keeper):
    row = RefusalFactory()
    client.force_login(keeper)
    html = client.post(f"{LIST}{row.pk}/dismiss/", headers=HTMX).content.decode()
    assert html.count('aria-invalid="true"') == 1
    assert html.count("Say why it is not needed.") == 2  # at the field, and said aloud


@pytest.mark.django_db
def test_the_page_of_a_run_leads_to_its_records(page):
    row = RefusalFactory(harvest__query=QueryFactory())
    html = page(row.harvest.get_absolute_url())
    assert html.count(f"{LIST}?state=any&amp;run={row.harvest.pk}") == 1


@pytest.mark.django_db
def test_the_page_is_there_in_japanese(client, keeper):
    RefusalFactory()
    client.force_login(keeper)
    assert client.get(f"/ja{LIST}").status_code == 200
