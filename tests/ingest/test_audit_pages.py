"""Audits in the browser, and the day's listing above them."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from ingest import context, harvest, tasks
from ingest.models import Audit, Gap, Listing, Query
from tests.ingest.running import go
from tests.ingest.server import made_up

OVERVIEW = "/ingest/"


@pytest.fixture
def found(db):
    return Audit.objects.create(
        spec="cs:cs:CL", first="2506.00001", last="2506.99999", trigger="page"
    )


@pytest.fixture
def sent(monkeypatch):
    """How often the workers were told to look."""
    calls = []
    monkeypatch.setattr(tasks.audit_due, "delay", lambda: calls.append("audit_due"))
    return calls


def compared(found, **values):
    now = timezone.now()
    Audit.objects.filter(pk=found.pk).update(
        **{"listed": 9, "here": 6, "missing": 3, "fetched": 3, "compared_at": now} | values
    )
    for number, state in enumerate(("fetched", "lost", "left"), start=1):
        Gap.objects.create(
            audit=found, arxiv_id=f"2506.0000{number}", state=state, reason="no title"
        )


def end(found, state="done", **values):
    Audit.objects.filter(pk=found.pk).update(state=state, finished_at=timezone.now(), **values)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_costs_the_same_however_many_audits_there_are(
    client, keeper, count, django_assert_num_queries
):
    Query.objects.all().delete()
    for n in range(count):
        Audit.objects.create(
            spec="cs:cs:CL",
            window=f"{n}",
            first="2506.00001",
            last="2506.99999",
            trigger="page",
        )
        Listing.objects.create(day=date(2025, 6, 1 + n), answered_at=timezone.now())
    client.force_login(keeper)
    cache.set(context.KEY, {})
    with django_assert_num_queries(12):
        # session, person, rights, last runs, pace, landmarks, alarms, untold, refused,
        # queries, runs, audits, listing
        response = client.get(OVERVIEW)
    assert response.content.count(b'<tr id="audit-') == count


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_an_audit_costs_the_same_however_much_is_missing(
    client, keeper, found, count, django_assert_num_queries
):
    for n in range(count):
        Gap.objects.create(audit=found, arxiv_id=f"2506.{n:05d}")
    client.force_login(keeper)
    cache.set(context.KEY, {})
    with django_assert_num_queries(4):  # session, person, rights, audit, gaps
        response = client.get(found.get_absolute_url())
    assert response.content.count(b'<li id="gap-') == count


@pytest.mark.django_db
def test_readers_and_strangers_are_kept_out(client, reader, found, sent):
    url = found.get_absolute_url()
    assert client.get(url).headers["Location"] == f"/login/?next={url}"
    client.force_login(reader)
    assert client.get(url).status_code == 403
    for name, args in (("begin-audit", []), ("audit-again", [found.pk])):
        action = reverse(f"ingest:{name}", args=args)
        assert client.post(action).status_code == 403
        assert client.get(action).status_code == 405
    assert (sent, Audit.objects.count()) == ([], 1)


@pytest.mark.django_db
def test_what_was_missing_is_linked_the_worst_first(client, keeper, found):
    compared(found, fetched=1, lost=1, left_out=1)
    end(found)
    client.force_login(keeper)
    page = client.get(found.get_absolute_url()).content.decode()
    places = [page.index(f'<li id="gap-2506.0000{n}">') for n in (2, 1, 3)]
    assert places == sorted(places)
    assert page.count('href="https://arxiv.org/abs/2506.00002"') == 1
    assert page.count('href="/papers/2506.00001/"') == 1
    assert page.count("no title") == 3
    assert page.count('class="status warn"') == 1


@pytest.mark.django_db
def test_an_audit_is_polled_and_tells_when_it_is_over(client, keeper, found):
    client.force_login(keeper)
    whole = client.get(found.get_absolute_url())
    assert whole.content.count(b'hx-trigger="every 2s"') == 1
    part = client.get(found.get_absolute_url(), headers={"HX-Request": "true"})
    assert (b"<html" in part.content, part.content.count(b"hx-trigger")) == (False, 1)
    assert part.content.count(b"hx-swap-oob") == 0
    compared(found)
    end(found)
    part = client.get(found.get_absolute_url(), headers={"HX-Request": "true"})
    assert part.content.count(b"hx-trigger") == 0
    assert part.content.count(b'hx-swap-oob="true"') == 3  # told, can be done, was missing
    assert part.content.count(b'<li id="gap-') == 3


@pytest.mark.django_db
def test_a_line_of_the_overview_is_polled_alone(client, keeper, found):
    client.force_login(keeper)
    Audit.objects.filter(pk=found.pk).update(id=1234)  # a number, never "1,234"
    found.pk = 1234
    target = "audit-1234-brief"
    headers = {"HX-Request": "true", "HX-Target": target}
    part = client.get(found.get_absolute_url(), headers=headers).content.decode().strip()
    assert part.startswith(f'<span id="{target}" class="status busy"')
    end(found)
    part = client.get(found.get_absolute_url(), headers=headers).content.decode().strip()
    assert part.startswith(f'<span id="{target}" class="status good">')


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_one_that_ended_badly_says_why_and_can_go_on(client, keeper, found, sent, state):
    end(found, state, error="arXiv says no")
    client.force_login(keeper)
    action = reverse("ingest:audit-again", args=[found.pk])
    page = client.get(found.get_absolute_url()).content.decode()
    assert (page.count("arXiv says no"), page.count(action)) == (1, 1)
    for _ in range(2):
        assert client.post(action).headers["Location"] == found.get_absolute_url()
    found.refresh_from_db()
    assert (found.state, found.error, found.finished_at) == ("running", "", None)


@pytest.mark.django_db
def test_one_that_is_done_does_not_go_on(client, keeper, found, sent):
    end(found)
    client.force_login(keeper)
    client.post(reverse("ingest:audit-again", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == "done"


@pytest.mark.django_db
def test_audit_now_begins_one_and_wakes_the_workers(
    client, keeper, fake, query, sent, django_capture_on_commit_callbacks
):
    client.force_login(keeper)
    Query.objects.exclude(pk=query.pk).delete()
    response = client.post(reverse("ingest:begin-audit"), follow=True)
    assert b"There is nothing to audit" in response.content
    fake.records = made_up(3, first=timezone.now() - timedelta(days=2))
    go(harvest.begin(query, trigger="schedule"))
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("ingest:begin-audit"))
    found = Audit.objects.get()
    assert response.headers["Location"] == found.get_absolute_url()
    assert (found.spec, found.trigger, sent) == ("cs:cs:CL", "page", ["audit_due"])
    client.post(reverse("ingest:begin-audit"))
    assert Audit.objects.count() == 1  # a second click is the same wish


@pytest.mark.django_db
def test_the_listing_of_the_day_is_told_in_a_line(client, keeper):
    client.force_login(keeper)
    assert b"daily listing" not in client.get(OVERVIEW).content
    row = Listing.objects.create(day=date(2025, 6, 3), attempts=1, error="HTTP 404")
    assert b"has not come; queries go by their interval" in client.get(OVERVIEW).content
    row.answered_at, row.new, row.known, row.unknown = timezone.now(), 7, 4, 3
    row.save()
    page = client.get(OVERVIEW).content
    assert b"announced 7 papers. When it came, 4 were here, 0 in an older version" in page


@pytest.mark.django_db
def test_the_admin_shows_audits_and_listings(admin_client, found):
    Listing.objects.create(day=date(2025, 6, 3))
    for name in ("audit", "listing"):
        assert admin_client.get(reverse(f"admin:ingest_{name}_changelist")).status_code == 200
    url = reverse("admin:ingest_audit_change", args=[found.pk])
    assert admin_client.get(url).status_code == 200
