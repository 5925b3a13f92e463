"""Answers for machines that watch the site."""

import pytest
from django.db import connection

from config.alive import is_alive


def test_healthz_needs_no_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_when_migrated(client):
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.django_db
def test_readyz_counts_what_is_not_migrated(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'config'")
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "1 migrations to run"})


def test_a_worker_is_told_from_a_beat():
    commands = [["python", "-m", "celery", "-A", "config.celery", "beat"], ["worker", "bee"]]
    assert is_alive("beat", commands)
    assert not is_alive("worker", commands)


def test_processes_that_renamed_themselves_are_known():
    worker = "[celeryd: celery@vm:MainProcess] -active- (--app=config.celery worker)"
    assert is_alive("worker", [[worker]])
    assert not is_alive("beat", [[worker]])
    assert is_alive("beat", [["[celery beat] --app=config.celery beat --pidfile="]])
