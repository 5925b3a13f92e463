"""Runs in tests: begin one, take it further, look at its account."""

from ingest import harvest
from ingest.models import Harvest
from taxonomy.models import Paper
from tests.ingest.conftest import JUNE


def begin(query, window=JUNE, **values):
    since, until = window
    return harvest.begin(query, trigger="command", since=since, until=until, **values)


def go(run, steps=200, step=None):
    """To its end, or so many steps."""
    for _ in range(steps):
        run = harvest.claim(run.pk, step)
        harvest.advance(run)
        step = run.step
        if not run.is_running:
            break
    return Harvest.objects.get(pk=run.pk)


def account(run):
    return run.state, run.received, run.new, run.updated, run.unchanged, run.refused


def ids():
    return sorted(Paper.objects.values_list("arxiv_id", flat=True))
