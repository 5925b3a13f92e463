"""Landmarks get their records."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import bibliography, tasks
from ingest.models import MissingRecord, Pace
from taxonomy.models import Paper
from tests.factories import PaperFactory
from tests.ingest.server import made_up


def stub(arxiv_id):
    return PaperFactory(arxiv_id=arxiv_id, fetched_at=None, abstract="", abstract_plain="")


@pytest.mark.django_db
def test_records_are_fetched_and_those_arxiv_lacks_are_not_asked_for_again(fake):
    fake.records = made_up(3)
    for arxiv_id in ("2506.00001", "2506.00003", "2506.00009"):
        stub(arxiv_id)
    assert bibliography.fetch().updated == 2
    assert Paper.objects.get(arxiv_id="2506.00003").title == "Made-up paper 2"
    assert MissingRecord.objects.get().paper.arxiv_id == "2506.00009"
    assert not bibliography.waiting().exists()
    MissingRecord.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert bibliography.waiting().get().arxiv_id == "2506.00009"


@pytest.mark.django_db
def test_one_id_that_arxiv_rejects_does_not_keep_the_others(fake):
    fake.records = made_up(4)
    for record in fake.records:
        stub(record.arxiv_id)
    fake.faults = ["400", "400", "400"]  # all four, the first two, the first
    bibliography.fetch()
    assert Paper.objects.filter(fetched_at__isnull=False).count() == 3
    assert MissingRecord.objects.count() == 1


@pytest.mark.django_db
def test_two_hundred_and_fifty_take_three_requests(fake):
    fake.records = made_up(250)
    for record in fake.records:
        stub(record.arxiv_id)
    tasks.fetch_records()
    assert len(fake.log) == 3
    assert not Paper.objects.filter(fetched_at__isnull=True).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["503", "403", "html"])
def test_what_goes_wrong_leaves_them_waiting(fake, fault):
    fake.records = made_up(2)
    for record in fake.records:
        stub(record.arxiv_id)
    fake.faults = [fault]
    tasks.fetch_records()
    assert bibliography.waiting().count() == 2
    assert MissingRecord.objects.count() == 0
    assert Pace.objects.get().last_error != ""


@pytest.mark.django_db
def test_a_storm_of_zeros_says_nothing_about_them(fake):
    fake.records = made_up(2)
    for record in fake.records:
        stub(record.arxiv_id)
    fake.faults = ["zero", "zero"]  # of them, and of everything
    tasks.fetch_records()
    assert bibliography.waiting().count() == 2
    assert MissingRecord.objects.count() == 0


@pytest.mark.django_db
def test_one_false_zero_is_asked_about(fake):
    fake.records = made_up(2)
    for record in fake.records:
        stub(record.arxiv_id)
    fake.faults = ["zero"]
    tasks.fetch_records()
    assert not bibliography.waiting().exists()
    assert MissingRecord.objects.count() == 0


@pytest.mark.django_db
def test_an_arxiv_that_has_none_of_them_is_believed_and_counts_as_reached(fake):
    fake.records = made_up(2)
    for arxiv_id in ("2506.00008", "2506.00009"):
        stub(arxiv_id)
    tasks.fetch_records()
    assert MissingRecord.objects.count() == 2
    assert Pace.objects.get().failures == 0
