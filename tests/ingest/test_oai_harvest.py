"""Runs over OAI-PMH: every record once whatever arXiv does, or not done."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ingest import harvest
from ingest.models import Harvest, Pace, Query, Refusal, Way
from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Decision, Paper, Tag
from tests.factories import ConceptFactory, PaperFactory
from tests.ingest.running import account, begin, go, ids
from tests.ingest.server import FIRST, Record, made_up

RESPONDED = datetime(2025, 7, 1, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def changes(db):
    return Query.objects.create(slug="cl", name="Records", search="cs:cs:CL", way=Way.OAI)


def daily(count, per_day=7):
    """So many papers, so many a day."""
    return made_up(count, every=timedelta(days=1) / per_day)


@pytest.mark.django_db
def test_a_run_brings_every_record_once_and_the_same_again_nothing(fake, changes):
    fake.records = daily(70)
    assert account(go(begin(changes))) == ("done", 70, 70, 0, 0, 0)
    assert ids() == [record.arxiv_id for record in fake.records]
    again = go(begin(changes))
    assert account(again) == ("done", 70, 0, 0, 70, 0)
    assert (again.asked, again.prefix) == (4, "arXivRaw")
    assert fake.log[0].query["from"] == "2025-06-01"
    assert fake.log[0].query["until"] == "2025-06-30"


@pytest.mark.django_db
@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize(
    "fault",
    ["429", "503", "500", "reset", "rate", "html", "truncate", "cut", "empty", "badxml", "302",
     "badtoken"],
)  # fmt: skip
def test_a_run_is_complete_whatever_goes_wrong_on_the_way(fake, changes, fault, sizes):
    fake.records, fake.oai_sizes = daily(50), sizes
    fake.faults = [fault, None, fault, fault, None, None, fault]
    assert account(go(begin(changes))) == ("done", 50, 50, 0, 0, 0)
    assert len(ids()) == 50


@pytest.mark.django_db
def test_a_token_that_has_expired_costs_only_what_it_named(fake, changes):
    fake.records = daily(50)
    run = go(begin(changes), steps=1)
    assert (run.received, bool(run.token)) == (20, True)
    fake.tokens_expired = True
    run = go(run, steps=1, step=run.step)
    assert (run.token, run.cursor_start, run.error) == ("", 0, "expired (badResumptionToken)")
    fake.tokens_expired = False
    assert account(go(run, step=run.step)) == ("done", 50, 50, 0, 0, 0)
    assert fake.log[2].query["from"] == "2025-06-04"


@pytest.mark.django_db
def test_tokens_that_never_work_end_the_run_with_the_reason(fake, changes, monkeypatch):
    monkeypatch.setattr(harvest, "MOST_ATTEMPTS", 3)
    fake.records = made_up(50, every=timedelta(0))  # one day: no other way on
    fake.tokens_expired = True
    run = go(begin(changes))
    assert account(run)[:2] == ("failed", 20)
    assert run.error == "expired (badResumptionToken)"


@pytest.mark.django_db
def test_tokens_that_never_work_are_no_matter_where_a_day_fits_a_page(fake, changes):
    fake.records = daily(60)
    fake.tokens_expired = True
    assert account(go(begin(changes))) == ("done", 60, 60, 0, 0, 0)


@pytest.mark.django_db
def test_a_list_out_of_order_keeps_the_safe_point_and_all_come(fake, changes):
    fake.records, fake.disorder = daily(50), True
    fake.faults = [None, None, "badtoken"]
    run = go(begin(changes), steps=2)
    assert run.cursor_from.date() == date(2025, 6, 1)
    assert len(run.cursor_seen) == 40
    assert account(go(run, step=run.step)) == ("done", 50, 50, 0, 0, 0)


@pytest.mark.django_db
def test_an_empty_day_is_no_fault_and_moves_the_watermark(fake, changes):
    run = go(harvest.begin(changes, trigger="schedule"))
    assert account(run) == ("done", 0, 0, 0, 0, 0)
    assert (run.asked, run.responded_at) == (1, RESPONDED)
    changes.refresh_from_db()
    assert changes.watermark == RESPONDED


@pytest.mark.django_db
def test_the_next_run_goes_on_two_days_before_arxivs_clock_and_has_no_end(fake, changes):
    fake.records = daily(30)
    Query.objects.update(watermark=RESPONDED - timedelta(days=40))
    changes.refresh_from_db()
    run = harvest.begin(changes, trigger="schedule")
    go(run)
    changes.refresh_from_db()
    assert changes.watermark == RESPONDED
    assert fake.log[0].query["from"] == "2025-05-20"
    assert "until" not in fake.log[0].query
    assert harvest.begin(changes, trigger="schedule").since == RESPONDED - harvest.OVERLAP


@pytest.mark.django_db
def test_a_list_that_is_short_at_its_end_is_asked_for_again(fake, changes):
    fake.records, fake.oai_sizes = daily(30), True
    fake.faults = [None, "short"]
    assert account(go(begin(changes))) == ("done", 30, 30, 0, 0, 0)


@pytest.mark.django_db
def test_records_left_out_in_the_middle_are_fetched_from_the_safe_point(fake, changes):
    fake.records, fake.oai_sizes = daily(50), True
    fake.faults = ["short"]
    run = go(begin(changes))
    assert account(run) == ("done", 50, 50, 0, 0, 0)
    assert run.expected == 50


@pytest.mark.django_db
def test_a_run_that_missed_records_is_not_done_and_begins_anew_when_told(fake, changes):
    fake.records, fake.oai_sizes = daily(40), True

    def shift(number):
        if number == 2:  # the first five change: what follows moves up and is passed by
            fake.records, shift.gone = fake.records[5:], fake.records[:5]
        elif number == 3:
            fake.records = shift.gone + fake.records

    fake.on_request = shift
    run = go(begin(changes))
    assert (run.state, run.received) == ("failed", 35)
    assert run.error == "arXiv says there are 40 records; 35 came"
    fake.on_request = None
    assert account(go(begin(changes))) == ("done", 40, 5, 0, 35, 0)
    assert Harvest.objects.count() == 1


@pytest.mark.django_db
def test_a_list_that_became_shorter_meanwhile_is_counted_again(fake, changes):
    fake.records, fake.oai_sizes = daily(40), True

    def remove(number):
        if number == 2:
            fake.records = fake.records[:-3]

    fake.on_request = remove
    run = go(begin(changes))
    assert account(run) == ("done", 37, 37, 0, 0, 0)
    assert run.expected == 37


@pytest.mark.django_db
def test_a_deleted_record_leaves_the_paper_and_what_was_decided_on_it(fake, changes, curator):
    fake.records = daily(3)
    go(begin(changes))
    concept, paper = ConceptFactory(), Paper.objects.get(arxiv_id="2506.00002")
    curation.decide(paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator))
    fake.records[1].deleted = True
    fake.records.append(Record("2506.00009", FIRST, deleted=True))
    run = go(begin(changes))
    assert account(run) == ("done", 4, 0, 1, 2, 0)
    assert run.skipped == 1  # a paper that was never here
    paper.refresh_from_db()
    assert paper.removed_at is not None
    assert (paper.withdrawn, paper.title) == (True, "Made-up paper 1")
    assert (Decision.objects.count(), Tag.objects.count()) == (1, 1)
    assert account(go(begin(changes))) == ("done", 4, 0, 0, 3, 0)
    fake.records[1].deleted = False
    assert account(go(begin(changes))) == ("done", 4, 0, 1, 2, 0)
    paper.refresh_from_db()
    assert (paper.removed_at, paper.withdrawn) == (None, False)


@pytest.mark.django_db
def test_a_withdrawal_is_shown_until_a_later_version_undoes_it(fake, changes):
    later = FIRST + timedelta(days=2)
    fake.records = [Record("2506.00001", FIRST, version=2, updated=later, withdrawn=True)]
    go(begin(changes))
    assert Paper.objects.get().withdrawn is True
    fake.records = [Record("2506.00001", FIRST, version=3, updated=later)]
    assert account(go(begin(changes))) == ("done", 1, 0, 1, 0, 0)
    assert Paper.objects.get().withdrawn is False


@pytest.mark.django_db
def test_known_papers_are_followed_and_no_others_taken_in(fake, changes):
    Query.objects.filter(pk=changes.pk).update(known_only=True)
    changes.refresh_from_db()
    PaperFactory(arxiv_id="2506.00002", title="As it was")
    fake.records = daily(6)
    fake.records[5].title = " "
    run = go(begin(changes))
    assert account(run) == ("done", 6, 0, 1, 0, 0)
    assert run.skipped == 5  # one of them could not be read either
    assert Paper.objects.get().title == "Made-up paper 1"


@pytest.mark.django_db
def test_of_new_papers_only_those_with_a_phrase_are_taken_in(fake, changes):
    Query.objects.filter(pk=changes.pk).update(match="theorem | language model")
    changes.refresh_from_db()
    PaperFactory(arxiv_id="2506.00002")
    fake.records = daily(4)
    for record in fake.records[1:]:
        record.abstract = "It is about trees."
    run = go(begin(changes))
    assert account(run) == ("done", 4, 1, 1, 0, 0)
    assert run.skipped == 2
    assert ids() == ["2506.00001", "2506.00002"]


@pytest.mark.django_db
def test_hostile_records_end_well(fake, changes):
    fake.records = daily(9)
    fake.records[1].abstract = "x" * 5_000_000
    fake.records[2].title = "<script>alert(1)</script>\x00\x1b"
    fake.records[3].arxiv_id = "9999.0 OR 1=1"
    fake.records[4].title = "lone \ud800 surrogate"
    fake.records[5].oai = "<record>&a;&b;</record>"
    fake.records[6].oai = "<record>" * 300 + "</record>" * 300
    fake.records[7].comment = "\x00&#0;"
    run = go(begin(changes))
    assert (run.state, run.new, run.received) == ("done", 5, run.new + run.refused)
    assert Refusal.objects.count() == run.refused
    assert Paper.objects.get(arxiv_id="2506.00003").title == "<script>alert(1)</script>"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "state"), [("400", "failed"), ("error", "failed"), ("403", "interrupted")]
)
def test_what_asking_again_does_not_mend_ends_the_run(fake, changes, fault, state):
    fake.faults = [fault]
    run = go(begin(changes))
    assert run.state == state
    assert len(fake.log) == 1
    assert Pace.objects.get().stopped is (fault == "403")


@pytest.mark.django_db
def test_runs_after_other_papers_or_in_another_form_are_others(fake, changes):
    whole = begin(changes)
    assert begin(changes).pk == whole.pk
    assert begin(changes, prefix="arXiv").pk != whole.pk
    changes.match = "theorem"
    assert begin(changes).pk != whole.pk
