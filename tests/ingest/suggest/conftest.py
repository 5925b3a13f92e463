"""Models go to a folder of the test's own, and nothing stays in memory."""

from decimal import Decimal

import pytest

from ingest.suggest import active, nearest
from tests.ingest.suggest.llm_server import FakeModel


@pytest.fixture(autouse=True)
def _own_models(settings, tmp_path):
    settings.KADAI_HOME = tmp_path / "home"
    active.forget()
    nearest.forget()


@pytest.fixture
def language_model(settings):
    """One that is configured and costs 1 a million tokens, 10 a month."""
    with FakeModel() as server:
        settings.KADAI_LLM_URL = server.url
        settings.KADAI_LLM_MODEL = "made-up-1"
        settings.KADAI_LLM_KEY = "secret"
        settings.KADAI_LLM_PRICE_IN = settings.KADAI_LLM_PRICE_OUT = Decimal(1)
        settings.KADAI_LLM_MONTHLY_LIMIT = Decimal(10)
        settings.KADAI_LLM_DAILY_LIMIT = None
        yield server
