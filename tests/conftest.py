"""The cast of the tests, and what every test needs."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.cache import cache
from django.utils import translation

from ingest import context
from ingest.models import Query
from taxonomy import vocabulary
from tests import emptying
from tests.factories import CuratorFactory, UserFactory

emptying.use()


@pytest.fixture(autouse=True)
def _fresh_process():
    """Nothing a former test left in memory: version numbers repeat between tests."""
    vocabulary.forget()
    cache.clear()
    translation.activate("en")  # a page in Japanese leaves its language to the thread
    # One page in ten seconds asks for it: pages are counted without.
    cache.set(context.KEY, {}, None)


@pytest.fixture(autouse=True)
def _quick_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def curator(db):
    """May decide on papers."""
    return CuratorFactory(username="curator")


@pytest.fixture
def reader(db):
    """Has an account and no rights."""
    return UserFactory(username="reader")


@pytest.fixture
def shipped_queries(db):
    """The queries of a new atlas by slug, also after a test that has emptied the tables."""
    for migration in ("0002_default_queries", "0007_changes_of_known_papers"):
        import_module(f"ingest.migrations.{migration}").add(apps, None)
    return {query.slug: query for query in Query.objects.all()}
