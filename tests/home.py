"""A pytest plugin, loaded before Django's settings are: where the tests' database lives.

KADAI_TEST_HOME names another folder than var/test, for two test runs at once.
"""

import os
from pathlib import Path

HOME = Path(
    os.environ.get("KADAI_TEST_HOME", Path(__file__).resolve().parent.parent / "var" / "test")
)
os.environ["KADAI_HOME"] = str(HOME)
for name in ("DATABASE_URL", "DATABASE_REPLICA_URLS", "CELERY_BROKER_URL"):
    os.environ[name] = ""
os.environ["DJANGO_SECRET_KEY"] = "for-tests-only"
os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
os.environ["ARXIV_API_URL"] = "http://127.0.0.1:1/api/query"  # nothing answers there
os.environ["ARXIV_OAI_URL"] = "http://127.0.0.1:1/oai"
os.environ["ARXIV_RSS_URL"] = "http://127.0.0.1:1/rss"


def pytest_configure(config):
    from config import embedded

    (HOME / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
    embedded.ensure_running(HOME, durable=False)
