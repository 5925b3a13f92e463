"""The REST API, with sessions and tokens, says to each what docs/permissions.md says."""

import pytest

from tests.matrix import World, disagreements, sessions_of, tokens_of


def ours(address):
    return address.startswith("api/v1/")


@pytest.mark.django_db
def test_everyone_hears_what_the_table_says():
    world = World()
    visitors = sessions_of(world) | tokens_of(world)
    assert disagreements(world, ours, visitors) == []
