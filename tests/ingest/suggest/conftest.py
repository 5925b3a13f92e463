"""Models go to a folder of the test's own, and nothing stays in memory."""

import pytest

from ingest.suggest import active, nearest


@pytest.fixture(autouse=True)
def _own_models(settings, tmp_path):
    settings.KADAI_HOME = tmp_path / "home"
    active.forget()
    nearest.forget()
