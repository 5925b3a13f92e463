"""Every page of Django's admin says to each role what docs/permissions.md says."""

import pytest

from tests.matrix import World, disagreements, sessions_of


def ours(address):
    return address.startswith("admin/")


@pytest.mark.django_db
def test_everyone_hears_what_the_table_says():
    world = World()
    visitors = sessions_of(world)
    assert disagreements(world, ours, visitors, methods=("GET", "POST")) == []
