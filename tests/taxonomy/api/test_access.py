"""Tokens, limits, refusals, and the headers of an open API."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.settings import api_settings

from taxonomy.models import ApiToken
from tests.factories import PaperFactory
from tests.taxonomy.api.conftest import API

PROBLEM = "application/problem+json"


@pytest.fixture
def three_a_minute(monkeypatch):
    rates = {"anonymous": "3/min", "token": "5/min"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates, raising=False)


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"secret_hash": "0" * 64},
    ],
)
def test_a_token_that_holds_no_longer_is_refused(client, bearer, change):
    headers = bearer("read")
    assert client.get(f"{API}papers/", headers=headers).status_code == 200
    ApiToken.objects.update(**change)
    response = client.get(f"{API}papers/", headers=headers)
    assert (response.status_code, response["Content-Type"]) == (401, PROBLEM)
    assert response["WWW-Authenticate"] == 'Bearer realm="kadai"'


def test_the_token_of_a_closed_account_is_refused(client, bearer, curator):
    headers = bearer("read")
    curator.is_active = False
    curator.save()
    assert client.get(f"{API}papers/", headers=headers).status_code == 401


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer a b", "Bearer \u00e9"])
def test_what_is_no_token_is_refused(client, db, value):
    header = value.encode("utf-8").decode("latin-1")
    response = client.get(f"{API}papers/", headers={"authorization": header})
    assert (response.status_code, response["Content-Type"]) == (401, PROBLEM)


def test_use_of_a_token_is_noted_once_a_minute(client, bearer, django_assert_num_queries):
    headers = bearer("read")
    client.get(f"{API}editions/", headers=headers)
    noted = ApiToken.objects.get().last_used_at
    with django_assert_num_queries(2):  # token, editions
        client.get(f"{API}editions/", headers=headers)
    assert ApiToken.objects.get().last_used_at == noted
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    client.get(f"{API}editions/", headers=headers)
    assert ApiToken.objects.get().last_used_at > noted


def test_too_many_requests_are_told_when_to_come_again(client, db, three_a_minute):
    answers = [client.get(f"{API}editions/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    left = [answer["RateLimit"].split(";")[1] for answer in answers]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[0]["RateLimit-Policy"] == '"anonymous";q=3;w=60'
    assert 1 <= int(answers[3]["Retry-After"]) <= 61
    assert (answers[3]["Content-Type"], answers[3].json()["code"]) == (PROBLEM, "throttled")


def test_a_made_up_address_is_no_way_around(client, db, three_a_minute):
    answers = [
        client.get(f"{API}editions/", headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code
        for n in range(4)
    ]
    assert answers == [200, 200, 200, 429]


def test_a_token_has_its_own_limit(client, bearer, three_a_minute):
    headers = bearer("read")
    for _ in range(4):
        client.get(f"{API}editions/")
    answers = [client.get(f"{API}editions/", headers=headers).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_new_window_begins_anew(client, db, three_a_minute):
    for _ in range(4):
        client.get(f"{API}editions/")
    cache.clear()
    assert client.get(f"{API}editions/").status_code == 200


def test_any_site_may_read_and_none_may_write(client, db):
    read = client.get(f"{API}papers/", headers={"origin": "https://elsewhere.example"})
    assert read["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in read
    asked = client.options(f"{API}papers/")
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_what_a_cache_may_keep(client, curator, bearer):
    assert client.get(f"{API}papers/")["Cache-Control"] == "public, no-cache"
    known = client.get(f"{API}papers/", headers=bearer("read"))
    assert known["Cache-Control"] == "private, no-cache"
    varies = {name.strip() for name in known["Vary"].split(",")}
    assert varies >= {"Accept", "Authorization", "Cookie", "Accept-Language"}
    queue = client.get(f"{API}review/next/", headers=bearer())
    assert queue["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nowhere/", 404, "not-found"),
        ("get", "/api/nowhere", 404, "not-found"),
        ("get", "/api/v1/papers/9999.99999/", 404, "not-found"),
        ("get", "/api/v1/papers/not-an-id/", 404, "not-found"),
        ("get", "/api/v1/runs/99999999999999999999/", 404, "not-found"),
        ("delete", "/api/v1/papers/", 405, "method-not-allowed"),
        ("post", "/api/v1/papers/", 405, "method-not-allowed"),
    ],
)
def test_every_refusal_below_api_is_a_problem(client, db, method, path, status, code):
    response = getattr(client, method)(path)
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    found = response.json()
    assert (found["status"], found["code"], found["instance"]) == (status, code, path)
    assert set(found) == {"type", "title", "status", "detail", "instance", "code"}


def test_a_body_of_another_type_or_no_json_is_a_problem(client, bearer):
    url = f"{API}papers/{PaperFactory().arxiv_id}/decisions/"
    form = client.post(url, {"a": "b"}, headers=bearer())
    assert (form.status_code, form.json()["code"]) == (415, "unsupported-media-type")
    for body in ("{", "\xff", "", "[" * 20_000):
        broken = client.post(
            url, body.encode("latin-1"), content_type="application/json", headers=bearer()
        )
        assert (broken.status_code, broken["Content-Type"]) == (400, PROBLEM)


def test_a_body_without_end_is_cut_off(client, bearer):
    url = f"{API}papers/{PaperFactory().arxiv_id}/decisions/"
    body = '{"note": "' + "x" * 300_000 + '"}'
    response = client.post(url, body, content_type="application/json", headers=bearer())
    assert (response.status_code, response.json()["code"]) == (413, "too-large")


def test_a_fault_of_ours_is_a_problem_too(db):
    browser = Client(raise_request_exception=False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE taxonomy_conceptmonth RENAME TO gone")
    response = browser.get(f"{API}challenges/")
    assert (response.status_code, response.json()["code"]) == (500, "server-error")


def test_pages_keep_their_own_refusals(client, db):
    response = client.get("/nowhere/")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_head_is_get_without_a_body(client, db):
    response = client.head(f"{API}papers/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get(f"{API}papers/")["ETag"]
