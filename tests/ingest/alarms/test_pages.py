"""Alarms on the overview, and the page of those that are over."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation

from ingest import alarms, context
from ingest.alarms import words
from ingest.models import Alarm, Delivery
from tests.factories import HarvestFactory, RefusalFactory

ALARMS, OVERVIEW = "/ingest/alarms/", "/ingest/"
Kind = Alarm.Kind


@pytest.fixture
def page(client, keeper):
    client.force_login(keeper)

    def get(url):
        return client.get(url).content.decode()

    return get


def over(count):
    for n in range(count):
        alarms.raise_alarm(Kind.GAPS, str(n), {"missing": n})
        alarms.close(Kind.GAPS, str(n))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_there_are(
    client, keeper, count, django_assert_num_queries
):
    for _ in range(count):
        alarms.raise_alarm(Kind.RUN_FAILED, HarvestFactory(), {"error": "arXiv says no"})
        run = HarvestFactory()
        alarms.raise_alarm(Kind.RUN_FAILED, run, {"error": "arXiv says no"})
        alarms.put_aside(Alarm.objects.get(harvest=run), by=keeper)
    client.force_login(keeper)
    cache.set(context.KEY, {})
    # Session, person, rights, over, open, untold, refused.
    with django_assert_num_queries(6):
        response = client.get(ALARMS)
    assert response.content.count(b'<li id="alarm-') == 2 * count


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "1/aside/"])
def test_only_keepers_get_in(client, reader, path):
    send = client.post if path else client.get
    assert send(ALARMS + path).headers["Location"].startswith("/login/?next=/ingest/")
    client.force_login(reader)
    assert send(ALARMS + path).status_code == 403


@pytest.mark.django_db
def test_a_calm_ingest_says_nothing_of_alarms(page):
    assert page(OVERVIEW).count('class="alarms"') == 0
    assert page(ALARMS).count("No alarm is open.") == 1
    assert page(ALARMS).count("Nothing yet") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", [*Kind.values, "of newer code"])
def test_every_kind_has_words_in_every_language_whatever_its_facts(db, kind, language):
    with translation.override(language):
        for facts in ({}, {"since": "2025-06-01T00:00:00+00:00", "missing": 3, "records": 9}):
            said = words.of(Alarm(kind=kind, subject="made-up", facts=facts))
            assert (said.title != "", said.path.endswith("/ingest/") or said.path != "") == (
                True,
                True,
            )


@pytest.mark.django_db
def test_an_open_alarm_says_what_is_wrong_and_what_to_do(page):
    run = HarvestFactory()
    alarms.raise_alarm(Kind.RUN_FAILED, run, {"error": "<b>arXiv says no</b>"})
    html = page(OVERVIEW)
    assert html.count(f"A run failed: {run.query.name}</a>") == 1
    assert html.count(f'href="{run.get_absolute_url()}">A run failed') == 1
    assert html.count("&lt;b&gt;arXiv says no&lt;/b&gt;") == 1
    assert html.count("go on with the run.") == 1


@pytest.mark.django_db
def test_a_failed_run_is_put_aside_by_a_person(client, keeper):
    alarms.raise_alarm(Kind.RUN_FAILED, HarvestFactory(), {"error": "arXiv says no"})
    alarm = Alarm.objects.get()
    client.force_login(keeper)
    for _ in range(2):
        response = client.post(reverse("ingest:put-aside", args=[alarm.pk]))
        assert response.headers["Location"] == OVERVIEW
    assert client.get(ALARMS).content.decode().count("put aside by keeper") == 1


@pytest.mark.django_db
def test_what_was_not_told_is_shown(page):
    alarm = alarms.raise_alarm(Kind.GAPS, "", {"missing": 1})
    Delivery.objects.create(alarm=alarm, event="raised", channel="email", error="no server")
    Delivery.objects.create(
        alarm=alarm,
        event="raised",
        channel="webhook",
        error="HTTP 410",
        given_up_at=timezone.now(),
    )
    html = page(OVERVIEW)
    assert html.count("Nobody was told of some alarms:") == 1
    assert (html.count("HTTP 410</bdi> (webhook, given up)"), html.count("next try")) == (1, 1)


@pytest.mark.django_db
def test_refused_records_that_wait_are_counted_on_the_overview(page):
    RefusalFactory.create_batch(2)
    assert page(OVERVIEW).count("2 refused records wait for a decision") == 1


@pytest.mark.django_db
def test_alarms_that_are_over_go_on_by_key(page):
    over(30)
    ids = list(Alarm.objects.order_by("-pk").values_list("pk", flat=True))
    first = page(ALARMS)
    assert first.count('<li id="alarm-') == 25
    assert first.count(f"?before={ids[24]}") == 1
    second = page(f"{ALARMS}?before={ids[24]}")
    assert [pk for pk in ids if f'<li id="alarm-{pk}"' in second] == ids[25:]
    assert page(f"{ALARMS}?before=x").count('<li id="alarm-') == 25


@pytest.mark.django_db
def test_the_channels_are_named(page, receiver, mailed):
    assert page(ALARMS).count("Told by: e-mail, webhook.") == 1


@pytest.mark.django_db
def test_without_channels_the_page_says_so(page):
    assert page(ALARMS).count("Shown here only") == 1
