"""Secrets: of two who use a link at once, one gets in."""

import threading

import pytest
from django.db import connection

from taxonomy import people
from tests.factories import CuratorFactory


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_redeems_the_link():
    user = CuratorFactory(username="ada")
    secret = people.make_login_link(user)
    barrier = threading.Barrier(2)
    found = []

    def run():
        barrier.wait()
        found.append(people.redeem(secret))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found, key=bool) == [None, user]


@pytest.mark.django_db
def test_making_a_curator_twice_makes_one():
    assert people.create_curator("ada") == people.create_curator("ada")
