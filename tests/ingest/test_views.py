"""The pages of those who look after the harvest, and what every page says about arXiv."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from ingest import context, harvest, holding, tasks
from ingest.models import Harvest, HarvestNote, Pace, Query, Refusal
from tests.ingest.conftest import JUNE

OVERVIEW = "/ingest/"


@pytest.fixture
def run(query):
    return harvest.begin(query, trigger="command", since=JUNE[0], until=JUNE[1])


@pytest.fixture
def sent(monkeypatch):
    """How often the workers were told to look."""
    calls = []
    monkeypatch.setattr(tasks.pull_due, "delay", lambda: calls.append("pull_due"))
    return calls


def end(run, state="failed", error="arXiv says no"):
    Harvest.objects.filter(pk=run.pk).update(
        state=state, error=error, finished_at=timezone.now()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_costs_the_same_however_many_there_are(
    client, keeper, count, django_assert_num_queries
):
    Query.objects.all().delete()
    for n in range(count):
        query = Query.objects.create(slug=f"q{n}", name=f"Query {n}", search=f"all:{n}")
        harvest.begin(query, trigger="schedule")
    client.force_login(keeper)
    cache.set(context.KEY, {})
    with django_assert_num_queries(12):
        # session, person, rights, last runs, pace, landmarks, alarms, untold, refused,
        # queries, runs, audits, listing
        response = client.get(OVERVIEW)
    assert response.content.count(b'<li id="query-') == count
    assert response.content.count(b'<tr id="run-') == count


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_run_costs_the_same_however_much_was_refused(
    client, keeper, run, count, django_assert_num_queries
):
    for n in range(count):
        HarvestNote.objects.tell(run, "page")
        Refusal.objects.create(harvest=run, reason="no title", raw="<entry/>", digest=str(n))
    client.force_login(keeper)
    cache.set(context.KEY, {})
    with django_assert_num_queries(5):  # session, person, rights, run, notes, refusals
        response = client.get(run.get_absolute_url())
    assert response.content.count(b'<li id="refusal-') == count


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["overview", "run"])
def test_strangers_are_asked_to_sign_in_and_readers_are_refused(client, reader, run, name):
    url = reverse(f"ingest:{name}", args=[run.pk] if name == "run" else [])
    assert client.get(url).headers["Location"] == f"/login/?next={url}"
    live = client.get(url, headers={"hx-request": "true"})
    assert live.headers["HX-Redirect"] == f"/login/?next={url}"
    client.force_login(reader)
    assert client.get(url).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["again", "stop", "pull", "enabled", "reset-pace"])
def test_readers_can_change_nothing(client, reader, query, run, sent, name):
    args = {"again": [run.pk], "stop": [run.pk], "reset-pace": []}.get(name, [query.slug])
    url = reverse(f"ingest:{name}", args=args)
    client.force_login(reader)
    assert client.post(url).status_code == 403
    assert client.get(url).status_code == 405
    assert sent == []


@pytest.mark.django_db
def test_pull_now_begins_a_run_and_wakes_the_workers(
    client, keeper, query, sent, django_capture_on_commit_callbacks
):
    client.force_login(keeper)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("ingest:pull", args=[query.slug]))
    run = Harvest.objects.get()
    assert response.headers["Location"] == run.get_absolute_url()
    assert (run.query, run.trigger, run.state, sent) == (query, "page", "running", ["pull_due"])
    client.post(reverse("ingest:pull", args=[query.slug]))
    assert Harvest.objects.count() == 1  # a second click is the same wish


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_a_run_that_ended_badly_says_why_and_can_go_on(client, keeper, run, sent, state):
    end(run, state)
    client.force_login(keeper)
    page = client.get(run.get_absolute_url()).content.decode()
    assert page.count("arXiv says no") == 1
    assert page.count(reverse("ingest:again", args=[run.pk])) == 1
    client.post(reverse("ingest:again", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, run.error, run.finished_at) == ("running", "", None)


@pytest.mark.django_db
def test_a_run_that_is_done_does_not_go_on(client, keeper, run, sent):
    end(run, "done", "")
    client.force_login(keeper)
    client.post(reverse("ingest:again", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "done"


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["on", "off"])
def test_a_query_is_switched_to_what_was_wanted(client, keeper, query, wanted):
    client.force_login(keeper)
    url = reverse("ingest:enabled", args=[query.slug])
    for _ in range(2):
        assert client.post(url, {"enabled": wanted}).headers["Location"] == OVERVIEW
    query.refresh_from_db()
    assert query.enabled is (wanted == "on")
    assert query.revision == (1 if wanted == "on" else 2)  # the second click changed nothing


@pytest.mark.django_db
def test_the_pace_is_reset_by_a_person(client, keeper, sent):
    Pace.objects.create(stopped=True, last_error="arXiv refused the request (HTTP 403)")
    client.force_login(keeper)
    assert b"arXiv refused us" in client.get(OVERVIEW).content
    client.post(reverse("ingest:reset-pace"))
    assert Pace.objects.get().stopped is False


@pytest.mark.django_db
def test_a_running_run_is_polled_and_tells_when_it_is_over(client, keeper, run):
    client.force_login(keeper)
    whole = client.get(run.get_absolute_url())
    assert whole.content.count(b'hx-trigger="every 2s"') == 1
    assert b"<html" in whole.content
    part = client.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert (b"<html" in part.content, part.content.count(b"hx-trigger")) == (False, 1)
    assert part.content.count(b'role="status"') == 0
    end(run)
    part = client.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert part.content.count(b"hx-trigger") == 0
    assert re.findall(r'id="([a-z-]+)"[^>]* hx-swap-oob="true"', part.content.decode()) == [
        "run-log",
        "run-actions",
        "announce",
    ]


@pytest.mark.django_db
def test_a_line_of_the_overview_is_polled_alone(client, keeper, run):
    client.force_login(keeper)
    target = f"run-{run.pk}-brief"
    headers = {"HX-Request": "true", "HX-Target": target}
    part = client.get(run.get_absolute_url(), headers=headers).content.decode().strip()
    assert part.startswith(f'<span id="{target}" class="status busy"')
    end(run, "done", "")
    part = client.get(run.get_absolute_url(), headers=headers).content.decode().strip()
    assert part.startswith(f'<span id="{target}" class="status good">')


@pytest.mark.django_db
def test_a_person_stops_a_run_and_the_schedule_leaves_it(client, keeper, query, sent):
    run = harvest.begin(query, trigger="schedule")
    held = harvest.claim(run.pk)
    client.force_login(keeper)
    assert client.post(reverse("ingest:stop", args=[run.pk])).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.error, run.holder) == ("interrupted", "stopped by keeper", "")
    with pytest.raises(holding.TakenOver):  # who was on it saves nothing any more
        harvest.interrupt(held, "too late")
    assert not Query.objects.due().filter(pk=query.pk).exists()
    assert client.get(run.get_absolute_url()).content.count(b"stopped by keeper") == 2
    client.post(reverse("ingest:again", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, run.error) == ("running", "")
    kinds = run.notes.newest_first().values_list("kind", flat=True)
    assert list(kinds) == ["resumed", "stopped", "begun"]


@pytest.mark.django_db
def test_a_run_from_before_there_was_a_log_has_none(client, keeper, run):
    run.notes.all().delete()
    end(run)
    client.force_login(keeper)
    page = client.get(run.get_absolute_url()).content
    assert page.count(b"Nothing was noted of this run.") == 1


@pytest.mark.django_db
def test_a_run_that_is_over_cannot_be_stopped(client, keeper, run, sent):
    end(run, "done", "")
    client.force_login(keeper)
    client.post(reverse("ingest:stop", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "done"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("search", "Papers submitted from 1 June 2025 00:00 UTC to 30 June 2025 23:59 UTC"),
        ("oai", "Records that changed from 1 June 2025 to 30 June 2025"),
        ("snapshot", "Papers from a file of records"),
    ],
)
def test_a_run_is_described_by_its_way(client, keeper, run, way, said):
    Harvest.objects.filter(pk=run.pk).update(way=way, query=None)
    client.force_login(keeper)
    page = client.get(run.get_absolute_url()).content.decode()
    assert re.search(r'<p class="lede">(.*?)</p>', page)[1] == said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {
                "state": "done",
                "received": 2150,
                "new": 2031,
                "unchanged": 119,
                "expected": 2150,
            },
            "Complete: 2,150 papers, 2,031 of them new. "
            "It adds up: as many came as were announced.",
        ),
        ({"state": "done", "received": 1, "new": 1}, "Complete: 1 paper, 1 of them new."),
        ({"state": "done"}, "Complete: there was nothing to bring."),
        ({"state": "failed", "error": "no"}, "Failed. What came is here."),
        (
            {"state": "interrupted"},
            "Interrupted. What came is here, and the run can go on where it stands.",
        ),
    ],
)
def test_the_outcome_is_one_sentence(client, keeper, run, values, said):
    Harvest.objects.filter(pk=run.pk).update(finished_at=timezone.now(), **values)
    client.force_login(keeper)
    page = client.get(run.get_absolute_url()).content.decode()
    found = re.search(r'<p class="outcome">(.*?)</p>', page, re.S)[1]
    assert " ".join(found.split()) == said


@pytest.mark.django_db
def test_what_arxiv_sent_is_shown_as_text(client, keeper, run):
    raw = "<script>alert(1)</script>"
    Refusal.objects.create(harvest=run, reason=raw, raw=raw, digest="d")
    end(run, error=raw)
    client.force_login(keeper)
    assert raw.encode() not in client.get(run.get_absolute_url()).content


@pytest.mark.django_db
def test_an_atlas_without_queries_says_how_to_add_one(client, keeper):
    Query.objects.all().delete()
    client.force_login(keeper)
    assert b"No queries" in client.get(OVERVIEW).content


@pytest.mark.django_db
@pytest.mark.parametrize(("failures", "said"), [(0, False), (2, False), (3, True)])
def test_every_page_says_calmly_when_arxiv_cannot_be_reached(client, failures, said):
    cache.delete(context.KEY)
    Pace.objects.create(failures=failures, failing_since=timezone.now())
    page = client.get("/").content
    assert (b"arXiv cannot be reached since" in page) is said


@pytest.mark.django_db
def test_the_status_is_asked_for_once_in_a_while(client, rf, django_assert_num_queries):
    cache.delete(context.KEY)
    until = timezone.now() + timedelta(minutes=3)
    Pace.objects.create(failures=7, failing_since=JUNE[0], open_until=until)
    with django_assert_num_queries(1):
        for _ in range(3):
            status = context.arxiv_status(rf.get("/"))["arxiv_status"]
    assert status == {"reachable": False, "since": JUNE[0], "next_try": until}


@pytest.mark.django_db
def test_the_admin_shows_what_there_is(client, admin_client, run):
    Pace.objects.create()
    Refusal.objects.create(harvest=run, reason="no title", raw="<entry/>", digest="d")
    for name in ("query", "harvest", "refusal", "alarm", "pace"):
        url = reverse(f"admin:ingest_{name}_changelist")
        assert admin_client.get(url).status_code == 200
    url = reverse("admin:ingest_harvest_change", args=[run.pk])
    assert admin_client.get(url).status_code == 200
    assert admin_client.post(url, {}).status_code == 403
