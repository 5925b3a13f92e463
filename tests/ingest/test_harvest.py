"""Runs: every paper once whatever arXiv does, or not done."""

from datetime import timedelta

import pytest

from ingest.models import Harvest, Refusal
from taxonomy import counts
from taxonomy.models import Paper
from tests.ingest.running import account, begin, go, ids
from tests.ingest.server import FIRST, Record, made_up

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.mark.django_db
def test_a_run_brings_every_paper_once_and_the_same_again_nothing(fake, query):
    fake.records = made_up(70)
    assert account(go(begin(query))) == ("done", 70, 70, 0, 0, 0)
    assert ids() == [record.arxiv_id for record in fake.records]
    again = go(begin(query))
    assert account(again) == ("done", 70, 0, 0, 70, 0)
    assert (again.asked, again.expected) == (4, 70)
    assert counts.papers_total() == 70


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault",
    ["429", "503", "500", "reset", "rate", "html", "truncate", "cut", "empty", "short", "dup",
     "stray", "start", "unsorted", "badxml", "302"],
)  # fmt: skip
def test_a_run_is_complete_whatever_goes_wrong_on_the_way(fake, query, fault):
    fake.records = made_up(50)
    fake.faults = [fault, None, fault, fault, None, None, fault]
    assert account(go(begin(query))) == ("done", 50, 50, 0, 0, 0)
    assert len(ids()) == 50


@pytest.mark.django_db
def test_a_run_is_complete_when_arxiv_ignores_the_order_throughout(fake, query):
    fake.records = made_up(70)
    fake.faults = ["unsorted"] * 100
    assert account(go(begin(query))) == ("done", 70, 70, 0, 0, 0)


@pytest.mark.django_db
def test_pages_that_arxiv_makes_smaller_than_asked_for_are_no_fault(fake, query):
    fake.records = made_up(50)
    fake.page_cap = 7
    assert account(go(begin(query))) == ("done", 50, 50, 0, 0, 0)


@pytest.mark.django_db
def test_more_papers_in_one_minute_than_on_a_page_all_come(fake, query):
    fake.records = made_up(45, every=timedelta(seconds=0))
    assert account(go(begin(query))) == ("done", 45, 45, 0, 0, 0)


@pytest.mark.django_db
def test_a_run_that_got_fewer_than_first_announced_counts_again(fake, query):
    fake.records = made_up(30)

    def remove(number):
        if number == 2:
            fake.records = fake.records[:-3]

    fake.on_request = remove
    run = go(begin(query))
    assert account(run) == ("done", 27, 27, 0, 0, 0)
    assert (run.expected, run.asked) == (27, 3)


@pytest.mark.django_db
def test_a_run_that_missed_papers_is_not_done_and_begins_anew_when_told(fake, query):
    fake.records = made_up(30)
    kept = list(fake.records)

    def hide(number):
        fake.records = kept[:-3] if number == 2 else kept

    fake.on_request = hide
    run = go(begin(query))
    assert (run.state, run.received) == ("failed", 27)
    assert run.error.startswith("arXiv says there are 30 papers; 27 came; audit ")
    fake.on_request = None
    assert account(go(begin(query))) == ("done", 30, 3, 0, 27, 0)
    assert Harvest.objects.count() == 1


@pytest.mark.django_db
def test_nothing_is_believed_only_when_it_is_said_twice_and_not_of_everything(fake, query):
    fake.records = made_up(5, first=FIRST - timedelta(days=400))
    run = go(begin(query))
    assert account(run) == ("done", 0, 0, 0, 0, 0)
    assert [bool("submittedDate" in asked) for asked in fake.windows] == [True, False, True]


@pytest.mark.django_db
def test_a_storm_of_zeros_is_no_empty_day(fake, query):
    fake.records = made_up(8)
    go(begin(query))
    fake.faults = ["zero"] * 4
    run = go(begin(query), steps=2)
    assert run.state == "running"
    assert run.error == "arXiv says it has nothing at all for a search that had papers"
    assert account(go(run, step=run.step)) == ("done", 8, 0, 0, 8, 0)


@pytest.mark.django_db
def test_one_false_zero_on_the_first_page_is_asked_about(fake, query):
    fake.records = made_up(8)
    fake.faults = ["zero"]
    assert account(go(begin(query))) == ("done", 8, 8, 0, 0, 0)


@pytest.mark.django_db
def test_a_bad_entry_is_kept_as_a_refusal_and_the_account_adds_up(fake, query):
    fake.records = made_up(30)
    raw = fake.records[7].xml().replace("Made-up paper 7", " ")
    fake.records[7].raw = raw
    run = go(begin(query))
    assert account(run) == ("done", 30, 29, 0, 0, 1)
    refusal = Refusal.objects.get()
    assert (refusal.arxiv_id, refusal.reason) == ("2506.00008", "no title")
    assert "<title> </title>" in refusal.raw


@pytest.mark.django_db
def test_hostile_entries_end_well(fake, query):
    fake.records = made_up(6)
    fake.records[1].abstract = "x" * 5_000_000
    fake.records[2].title = "<script>alert(1)</script>\x00\x1b"
    fake.records[3].raw = fake.records[3].xml().replace("2506.00004", "9999.0 OR 1=1")
    fake.records[4].title = "lone \ud800 surrogate"
    run = go(begin(query))
    assert account(run) == ("done", 6, 4, 0, 0, 2)


@pytest.mark.django_db
def test_a_new_version_updates_and_a_comment_does_too(fake, query):
    fake.records = made_up(3)
    go(begin(query))
    fake.records[0] = Record("2506.00001", FIRST, title="Second thoughts", version=2)
    fake.records[1].comment = "This paper has been withdrawn by the author"
    assert account(go(begin(query))) == ("done", 3, 0, 2, 1, 0)
    assert list(Paper.objects.filter(withdrawn=True).values_list("arxiv_id")) == [
        ("2506.00002",)
    ]
