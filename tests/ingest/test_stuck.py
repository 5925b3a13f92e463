"""Papers that arXiv counts and never sends: what is behind them comes all the same."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import harvest
from ingest.models import Audit, Harvest
from tests.factories import PaperFactory
from tests.ingest.running import account, begin, go, ids
from tests.ingest.server import FIRST, made_up

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(harvest, "MOST_ATTEMPTS", 5)


def lately(count):
    """Papers of the last days, an hour apart."""
    return made_up(
        count, first=timezone.now() - timedelta(hours=count + 1), every=timedelta(hours=1)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("places", [[0], [31], [69], [12, 13, 40], [66, 67, 68, 69]])
def test_a_run_goes_on_behind_papers_that_never_come_and_says_how_many(fake, query, places):
    fake.records = made_up(70)
    for place in places:
        fake.records[place].withheld = True
    run = go(begin(query))
    came = 70 - len(places)
    assert account(run) == ("failed", came, came, 0, 0, 0)
    assert (run.expected, run.missing) == (70, len(places))
    assert run.error.startswith(f"arXiv says there are 70 papers; {came} came")
    assert ids() == [r.arxiv_id for r in fake.records if not r.withheld]


@pytest.mark.django_db
def test_a_page_is_asked_for_often_before_a_run_settles_for_less(fake, query):
    fake.records = made_up(10)
    fake.faults = ["short"] * 5
    assert account(go(begin(query))) == ("done", 10, 10, 0, 0, 0)
    assert len(fake.log) == 7  # five in vain, a small page, the rest


@pytest.mark.django_db
def test_pages_without_anything_are_an_outage_and_hold_the_run(fake, query):
    fake.records = made_up(70)
    fake.faults = [None] + ["empty"] * 6
    run = go(begin(query))
    assert (run.state, run.missing, run.received) == ("failed", 0, 20)
    assert run.error.startswith("arXiv announced 5 papers for this page and sent 0")
    assert account(go(begin(query))) == ("done", 70, 70, 0, 0, 0)


@pytest.mark.django_db
def test_what_a_whole_category_misses_is_for_an_audit_and_newer_papers_come(fake, query):
    fake.records = lately(70)
    fake.records[30].withheld = True
    run = go(harvest.begin(query, trigger="schedule"))
    assert (run.state, run.missing) == ("failed", 1)
    audit = Audit.objects.get()
    assert (audit.spec, audit.since, audit.is_running) == ("cs:cs:CL", run.since, True)
    assert (audit.first, audit.last) == ("2506.00001", "2506.00270")
    assert audit.reason == "arXiv says there are 70 papers; 69 came"
    assert run.error == f"{audit.reason}; audit {audit.pk} looks for the rest"
    query.refresh_from_db()
    assert query.watermark == run.until
    after = harvest.begin(query, trigger="schedule")
    assert after.pk != run.pk
    assert after.since == run.until - harvest.OVERLAP


@pytest.mark.django_db
def test_what_a_search_with_words_misses_holds_its_watermark_but_not_newer_papers(fake, query):
    query.search = "cat:cs.CL AND ti:model"
    query.save()
    fake.records = lately(40)
    fake.records[10].withheld = True
    run = go(harvest.begin(query, trigger="schedule"))
    query.refresh_from_db()
    assert (run.missing, query.watermark, Audit.objects.count()) == (1, None, 0)
    asked = len(fake.log)
    after = harvest.begin(query, trigger="schedule")
    assert (after.pk != run.pk, after.until > run.until) == (True, True)
    assert account(go(after)) == ("failed", 39, 0, 0, 39, 0)
    assert len(fake.log) - asked < asked  # it settles sooner than the first


@pytest.mark.django_db
def test_a_run_with_a_limit_counts_what_never_came(fake, query):
    fake.records = made_up(10)
    fake.records[3].withheld = True
    run = go(begin(query, limit=10))
    assert (run.state, run.received, run.missing) == ("failed", 9, 1)


@pytest.mark.django_db
def test_told_to_go_on_the_run_begins_anew(fake, query):
    fake.records = made_up(30)
    fake.records[7].withheld = True
    run = go(begin(query))
    fake.records[7].withheld = False
    harvest.reopen(run)
    assert account(go(run)) == ("done", 30, 1, 0, 29, 0)
    assert Harvest.objects.get().missing == 0


@pytest.mark.django_db
def test_a_paper_of_an_older_month_does_not_widen_the_range(fake, query):
    PaperFactory(arxiv_id="2501.00009", categories=["cs.CL"], published_at=FIRST)
    fake.records = lately(10)
    fake.records[3].withheld = True
    go(harvest.begin(query, trigger="schedule"))
    assert Audit.objects.get().first == "2506.00001"
