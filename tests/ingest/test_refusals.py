"""What becomes of records that could not be taken in."""

import json
import threading

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ingest import feed, refusals
from ingest.feed import KEPT_RAW, Entry, Refused
from ingest.models import Harvest, Refusal
from taxonomy.models import Paper, Screening
from tests.factories import PaperFactory, RefusalFactory
from tests.ingest.running import begin, go
from tests.ingest.server import FIRST, Record, made_up

NO_TITLE = Record("2506.00002", FIRST, title="").xml()
GOOD = Record("2506.00002", FIRST, title="It has one now").xml()


def settled(refusal):
    refusal.refresh_from_db()
    return refusal.outcome, refusal.settled_by and refusal.settled_by.username, refusal.still


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("not well-formed: mismatched tag", "unreadable"),
        ("not JSON: Expecting value", "unreadable"),
        ("nested too deeply", "unreadable"),
        ("'abc' is no arXiv id", "identifier"),
        ("2513.00001: ids of that month have 5 digits", "identifier"),
        ("2599 is no year and month", "identifier"),
        ("published is no date: 'x'", "date"),
        ("no date of a version: ''", "date"),
        ("no title", "missing"),
        ("no published date", "missing"),
        ("the abstract has 5,000,000 characters", "length"),
        ("something else", "other"),
    ],
)
def test_the_database_tells_the_kind_from_the_reason(db, reason, kind):
    refusal = RefusalFactory(reason=reason)
    assert Refusal.objects.get(pk=refusal.pk).kind == kind


def test_what_the_database_refused_is_of_its_own_kind(db):
    run = RefusalFactory().harvest
    entry = feed.read_entry(GOOD)
    Refusal.of_entry(run, entry, "no title").save()
    assert Refusal.objects.get(is_parsed=True).kind == "database"


def test_a_kept_entry_is_read_as_it_was_in_its_feed():
    record = Record("2506.00007", FIRST, comment="A <comment>", version=3)
    entry = feed.read_entry(record.xml())
    assert isinstance(entry, Entry)
    assert (entry.arxiv_id, entry.version, entry.comment) == ("2506.00007", 3, "A <comment>")


@pytest.mark.parametrize(
    "raw", ["", "<entry>", "</feed><feed>", GOOD + GOOD, "<a/>", "<!DOCTYPE a><a/>", "\ud800"]
)
def test_what_is_not_one_entry_is_refused_again(raw):
    assert isinstance(feed.read_entry(raw), Refused)


@given(st.text(max_size=200) | st.text("<>/entry idtle&;&#0x\x00\ud800 ", max_size=200))
def test_no_kept_text_is_too_odd_to_be_read_again(text):
    assert isinstance(feed.read_entry(text), Refused)
    assert isinstance(feed.read_entry(GOOD + text), Entry | Refused)


def test_a_record_that_can_be_read_now_is_taken_in_and_remembers_by_whom(keeper):
    refusal = RefusalFactory(raw=GOOD, arxiv_id="2506.00002", reason="an old mistake")
    refusals.retry(refusal, by=keeper)
    assert settled(refusal) == ("taken", "keeper", "")
    paper = Paper.objects.get()
    assert (paper.arxiv_id, paper.title) == ("2506.00002", "It has one now")
    assert Screening.objects.get(paper=paper).state == "identified"


def test_the_account_of_the_run_stays_what_it_was(fake, query, keeper):
    fake.records = [*made_up(1), Record("2506.00002", FIRST, title="")]
    run = go(begin(query))
    Refusal.objects.update(raw=GOOD)
    refusals.retry(Refusal.objects.get(), by=keeper)
    again = Harvest.objects.get()
    assert (again.received, again.new, again.refused) == (2, 1, 1)
    assert (run.received, Paper.objects.count()) == (2, 2)


def test_a_paper_that_is_here_in_a_newer_version_is_not_set_back(keeper):
    PaperFactory(arxiv_id="2506.00002", version=4, title="The newest")
    refusal = RefusalFactory(raw=GOOD)
    refusals.retry(refusal, by=keeper)
    assert settled(refusal)[0] == "here"
    assert Paper.objects.get().title == "The newest"


def test_a_second_retry_changes_nothing(keeper, curator):
    refusal = RefusalFactory(raw=GOOD)
    first = refusals.retry(refusal, by=keeper)
    second = refusals.retry(refusal, by=curator)
    assert (second.settled_at, second.settled_by) == (first.settled_at, keeper)


def test_the_same_record_of_other_runs_is_settled_with_it(keeper):
    one = RefusalFactory(raw=GOOD, digest="d")
    other = RefusalFactory(raw=GOOD, digest="d")
    different = RefusalFactory(raw=NO_TITLE, digest="e")
    refusals.retry(other, by=keeper)
    assert settled(one) == settled(other) == ("taken", "keeper", "")
    assert settled(different)[0] == ""


def test_a_record_that_stays_unreadable_says_so_and_is_asked_for_by_its_id(keeper):
    refusal = RefusalFactory(raw=NO_TITLE, arxiv_id="2506.00002")
    row = refusals.retry(refusal, by=keeper)
    assert (row.outcome, row.still, row.tried_by, row.wanted_at is None) == (
        "",
        "no title",
        keeper,
        False,
    )


def test_without_a_legible_id_there_is_nothing_to_ask_for(keeper):
    refusal = RefusalFactory(raw="<entry><id>x</id></entry>", arxiv_id="")
    row = refusals.retry(refusal, by=keeper)
    assert (row.still, row.wanted_at) == ("'x' is no arXiv id", None)


def test_a_way_that_nothing_reads_again_is_asked_for_by_id(keeper, monkeypatch):
    refusal = RefusalFactory(raw=GOOD, arxiv_id="2506.00002", harvest__way="snapshot")
    monkeypatch.delitem(refusals.READERS, "snapshot", raising=False)
    row = refusals.retry(refusal, by=keeper)
    assert (row.still, row.wanted_at is None) == (
        "nothing reads this kind of text again",
        False,
    )


def test_a_record_that_the_run_did_not_want_is_not_taken_in(keeper, monkeypatch):
    refusal = RefusalFactory(raw=GOOD, harvest__way="oai", harvest__match="robot")
    monkeypatch.setitem(refusals.READERS, "oai", feed.read_entry)
    refusals.retry(refusal, by=keeper)
    assert (settled(refusal)[0], Paper.objects.count()) == ("unwanted", 0)


@pytest.mark.parametrize(("day", "outcome"), [(1, "taken"), (2, "unwanted")])
def test_a_snapshot_wants_what_was_submitted_since_its_day(keeper, monkeypatch, day, outcome):
    monkeypatch.setitem(refusals.READERS, "snapshot", feed.read_entry)
    since = FIRST.replace(day=day)
    refusal = RefusalFactory(raw=GOOD, harvest__way="snapshot", harvest__since=since)
    refusals.retry(refusal, by=keeper)
    assert settled(refusal)[0] == outcome


def test_a_record_that_the_database_refused_is_stored_and_tried_as_it_was_understood(keeper):
    run = RefusalFactory().harvest
    entry = feed.read_entry(GOOD)
    Refusal.of_entry(run, entry, "value too long").save()
    refusal = Refusal.objects.get(is_parsed=True)
    assert json.loads(refusal.raw)["arxiv_id"] == "2506.00002"
    refusals.retry(refusal, by=keeper)
    assert settled(refusal) == ("taken", "keeper", "")
    assert Paper.objects.get().published_at == entry.published


def test_what_the_database_still_refuses_stays_with_its_words(keeper):
    run = RefusalFactory().harvest
    entry = Entry("2506.00002", 99_999, "T", "", (), ("cs.CL",), FIRST, FIRST)
    Refusal.of_entry(run, entry, "smallint out of range").save()
    row = refusals.retry(Refusal.objects.get(is_parsed=True), by=keeper)
    assert (row.outcome, row.wanted_at, "out of range" in row.still) == ("", None, True)


def test_a_kept_record_that_was_cut_off_is_asked_for(keeper):
    run = RefusalFactory().harvest
    entry = Entry("2506.00002", 1, "T", "long " * 6_000, (), ("cs.CL",), FIRST, FIRST)
    Refusal.of_entry(run, entry, "too much").save()
    refusal = Refusal.objects.get(is_parsed=True)
    assert (len(refusal.raw), refusal.asks_arxiv) == (KEPT_RAW, True)
    assert refusals.retry(refusal, by=keeper).wanted_at is not None


def test_a_note_is_kept_with_who_dismissed_it_and_the_first_one_counts(keeper, curator):
    refusal = RefusalFactory(digest="d")
    other = RefusalFactory(digest="d")
    refusals.dismiss(refusal, by=keeper, note="a test record of arXiv's")
    refusals.dismiss(refusal, by=curator, note="no")
    for row in (refusal, other):
        row.refresh_from_db()
        assert (row.outcome, row.note, row.settled_by) == (
            "dismissed",
            "a test record of arXiv's",
            keeper,
        )


def test_a_record_dismissed_once_is_dismissed_when_it_comes_again(keeper):
    refusals.dismiss(RefusalFactory(digest="d"), by=keeper, note="never mind")
    again, other = RefusalFactory(digest="d"), RefusalFactory(digest="e")
    assert refusals.settle_known() == 1
    again.refresh_from_db()
    assert (again.outcome, again.note, again.settled_by) == ("dismissed", "never mind", keeper)
    assert settled(other)[0] == ""


def test_a_paper_that_came_by_another_way_since_settles_its_refusal(db):
    refusal = RefusalFactory(arxiv_id="2506.00002")
    early = RefusalFactory(arxiv_id="2506.00003")
    PaperFactory(arxiv_id="2506.00002", fetched_at=timezone.now())
    PaperFactory(arxiv_id="2506.00003")  # was here before, in an older version
    assert refusals.settle_known() == 1
    assert settled(refusal) == ("here", None, "")
    assert settled(early)[0] == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["retry", "dismiss"])
def test_two_at_once_settle_a_record_once(keeper, verb):
    first = RefusalFactory(raw=GOOD, digest="d")
    second = RefusalFactory(raw=GOOD, digest="d")
    start, done = threading.Barrier(2), []

    def work(refusal):
        start.wait()
        if verb == "retry":
            done.append(refusals.retry(refusal, by=keeper).settled_at)
        else:
            done.append(refusals.dismiss(refusal, by=keeper, note="no").settled_at)
        connection.close()

    threads = [threading.Thread(target=work, args=(row,)) for row in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(done)) == 1
    assert Paper.objects.count() == (1 if verb == "retry" else 0)
