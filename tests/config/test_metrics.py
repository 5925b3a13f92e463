"""Numbers for a machine that watches."""

import re

import pytest

from taxonomy import counts
from tests.factories import ScreeningFactory

LINE = re.compile(r"(# (HELP|TYPE) kadai_\w+ .+|kadai_\w+ \d+(\.\d+)?)")


@pytest.mark.parametrize("item_count", [1, 3])
def test_metrics_cost_the_same_at_any_size(client, db, django_assert_num_queries, item_count):
    ScreeningFactory.create_batch(item_count)
    counts.add_arrivals(1_234_567)
    with django_assert_num_queries(5):
        response = client.get("/metrics")
    lines = response.content.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert f"kadai_papers_waiting {item_count}" in lines
    assert "kadai_papers 1234567" in lines
