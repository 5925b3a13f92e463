"""Every page says to each role what docs/permissions.md says."""

import pytest

from tests.matrix import World, disagreements, sessions_of


def ours(address):
    return not address.startswith(("admin/", "api/v1/"))


@pytest.mark.django_db
def test_everyone_hears_what_the_table_says():
    world = World()
    visitors = sessions_of(world)
    assert disagreements(world, ours, visitors) == []
