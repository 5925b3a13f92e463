"""Audits: what arXiv lists and is not here, and how it comes."""

import contextlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from ingest import audit, coverage, gaps, harvest, holding, tasks
from ingest.models import Audit, Gap, Harvest, Pace, Query, Way
from taxonomy.models import Paper
from tests.factories import PaperFactory
from tests.ingest.running import go, ids
from tests.ingest.server import FIRST, Record, made_up

SPEC = "cs:cs:CL"
MONTHS = ("2506", "2506")


def begin(**values):
    return audit.begin(SPEC, trigger="command", **{"months": MONTHS} | values)


def walk(found, steps=300):
    """To its end, or so many steps."""
    step = None
    for _ in range(steps):
        found = audit.claim(found.pk, step)
        audit.advance(found)
        step = found.step
        if not found.is_running:
            break
    return Audit.objects.get(pk=found.pk)


def sums(found):
    return found.state, found.listed, found.here, found.missing, found.fetched, found.lost


def have(records):
    """These are here already."""
    for record in records:
        PaperFactory(
            arxiv_id=record.arxiv_id,
            title=record.title,
            categories=["cs.CL"],
            published_at=record.published,
        )


def states(found):
    return dict(found.gaps.values_list("arxiv_id", "state"))


@pytest.mark.django_db
def test_what_is_missing_is_listed_and_fetched(fake):
    fake.records = made_up(70)
    have(fake.records[:10] + fake.records[13:])
    found = walk(begin())
    assert sums(found) == ("done", 70, 67, 3, 3, 0)
    assert states(found) == {f"2506.000{n}": "fetched" for n in (11, 12, 13)}
    assert ids() == [record.arxiv_id for record in fake.records]
    assert found.asked == len(fake.log) == 5  # four pages of twenty, one list of ids
    again = walk(begin())
    assert sums(again) == ("done", 70, 70, 0, 0, 0)


@pytest.mark.django_db
def test_the_list_is_asked_for_from_the_first_day_of_the_range_without_an_end(fake):
    fake.records = made_up(3)
    walk(begin())
    query = fake.log[0].query
    assert (query["verb"], query["set"], query["from"]) == (
        "ListIdentifiers",
        SPEC,
        "2025-06-01",
    )
    assert "until" not in query


@pytest.mark.django_db
def test_numbers_outside_the_range_are_left_alone(fake):
    fake.records = [
        Record("2505.00007", FIRST, datestamp="2025-06-04"),
        Record("2507.00001", FIRST),
        Record("math/0611800", FIRST),
        *made_up(2),
    ]
    assert sums(walk(begin())) == ("done", 2, 0, 2, 2, 0)
    assert ids() == ["2506.00001", "2506.00002"]


@pytest.mark.django_db
def test_without_fetching_it_only_lists(fake):
    fake.records = made_up(5)
    found = walk(begin(fetches=False))
    assert (*sums(found), found.open) == ("done", 5, 0, 5, 0, 0, 5)
    assert Paper.objects.count() == 0
    assert sums(walk(begin())) == ("done", 5, 0, 5, 5, 0)


@pytest.mark.django_db
def test_what_arxiv_has_deleted_is_marked_and_kept(fake):
    fake.records = made_up(6)
    have(fake.records)
    for record in fake.records[:2]:
        record.deleted = True
    found = walk(begin())
    assert (*sums(found), found.removed) == ("done", 4, 4, 0, 0, 0, 2)
    gone = Paper.objects.filter(removed_at__isnull=False, withdrawn=True)
    assert sorted(gone.values_list("arxiv_id", flat=True)) == ["2506.00001", "2506.00002"]
    assert walk(begin()).removed == 0


@pytest.mark.django_db
def test_what_was_deleted_and_is_listed_again_is_fetched(fake):
    fake.records = made_up(3)
    have(fake.records)
    Paper.objects.filter(arxiv_id="2506.00002").update(removed_at=FIRST, withdrawn=True)
    assert sums(walk(begin())) == ("done", 3, 2, 1, 1, 0)
    assert Paper.objects.get(arxiv_id="2506.00002").removed_at is None


@pytest.mark.django_db
def test_a_landmark_known_by_title_alone_is_missing(fake):
    fake.records = made_up(1)
    PaperFactory(arxiv_id="2506.00001", fetched_at=None)
    assert sums(walk(begin())) == ("done", 1, 0, 1, 1, 0)
    assert Paper.objects.get().title == "Made-up paper 0"


@pytest.mark.django_db
def test_what_the_search_never_sends_comes_by_its_record(fake):
    fake.records = made_up(4)
    fake.records[1].withheld = True
    found = walk(begin())
    assert sums(found) == ("done", 4, 0, 4, 4, 0)
    assert Paper.objects.get(arxiv_id="2506.00002").title == "Made-up paper 1"
    assert fake.log[-1].query["verb"] == "GetRecord"


@pytest.mark.django_db
def test_what_cannot_be_had_stays_listed_with_the_reason(fake):
    fake.records = made_up(4)
    for record in fake.records[:3]:
        record.withheld = True
    fake.records[0].oai = "<record><header/></record>"
    fake.records[1].title = " "
    fake.on_request = lambda number: forget(fake, "2506.00003") if number == 2 else None
    found = walk(begin())
    assert sums(found) == ("done", 4, 0, 4, 1, 3)
    reasons = dict(found.gaps.filter(state="lost").values_list("arxiv_id", "reason"))
    assert reasons == {
        "2506.00001": "'' is no identifier of arXiv",
        "2506.00002": "no title",
        "2506.00003": "arXiv lists it, and does not know it when asked for it",
    }


def forget(fake, arxiv_id):
    fake.records = [r for r in fake.records if r.arxiv_id != arxiv_id]


@pytest.mark.django_db
def test_what_was_deleted_while_it_was_missing_says_so(fake):
    fake.records = made_up(2)

    def delete(number):
        fake.records[1].deleted = number > 1
        fake.records[1].withheld = number > 1

    fake.on_request = delete
    found = walk(begin())
    assert sums(found) == ("done", 2, 0, 2, 1, 1)
    assert found.gaps.get(state="lost").reason == "arXiv has deleted it"


@pytest.mark.django_db
def test_papers_here_that_arxiv_does_not_list_are_counted(fake):
    fake.records = made_up(3)
    have(fake.records)
    PaperFactory(arxiv_id="2506.00009", categories=["cs.LG", "cs.CL"])
    PaperFactory(arxiv_id="2506.00010", categories=["cs.LG"])
    PaperFactory(arxiv_id="2507.00009", categories=["cs.CL"])
    assert walk(begin()).unlisted == 1


@pytest.mark.django_db
@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize(
    "fault",
    ["429", "503", "500", "reset", "rate", "html", "truncate", "cut", "empty", "badxml",
     "badtoken"],
)  # fmt: skip
def test_an_audit_is_complete_whatever_goes_wrong_on_the_way(fake, fault, sizes):
    fake.records, fake.oai_sizes = made_up(50), sizes
    have(fake.records[7:])
    fake.faults = [fault, None, fault, fault, None, None, fault]
    assert sums(walk(begin())) == ("done", 50, 43, 7, 7, 0)
    assert len(ids()) == 50


@pytest.mark.django_db
def test_repeats_in_the_list_count_once(fake):
    fake.records = made_up(45)
    fake.faults = [None, "dup", "dup"]
    assert sums(walk(begin()))[:4] == ("done", 45, 0, 45)


@pytest.mark.django_db
def test_a_set_without_anything_is_not_believed_where_papers_are_here(fake, monkeypatch):
    monkeypatch.setattr(audit, "MOST_ATTEMPTS", 3)
    have(made_up(2))
    found = walk(begin())
    assert (found.state, found.attempts) == ("failed", 3)
    assert found.error == "arXiv lists nothing of cs:cs:CL, of which 2 are here"
    Paper.objects.all().delete()
    assert sums(walk(begin())) == ("done", 0, 0, 0, 0, 0)


@pytest.mark.django_db
def test_identifiers_that_cannot_be_read_are_counted(fake):
    fake.records = [*made_up(2), Record("nonsense", FIRST)]
    assert walk(begin()).unreadable == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "state"), [("error", "failed"), ("403", "interrupted")])
def test_what_asking_again_does_not_mend_ends_it(fake, fault, state):
    fake.records, fake.faults = made_up(2), [fault]
    found = walk(begin())
    assert (found.state, len(fake.log), bool(found.error)) == (state, 1, True)
    Pace.objects.update(stopped=False)
    assert begin().pk == found.pk
    assert sums(walk(found)) == ("done", 2, 0, 2, 2, 0)


@pytest.mark.django_db
def test_it_waits_while_the_circuit_is_open(fake):
    until = timezone.now() + timedelta(minutes=5)
    Pace.objects.create(next_allowed_at=until, open_until=until, last_error="gone")
    found = walk(begin(), steps=1)
    assert (found.not_before, found.error, found.is_waiting) == (until, "gone", True)
    assert fake.log == []


@pytest.mark.django_db
@pytest.mark.parametrize("step", range(1, 8))
def test_a_crash_at_any_step_loses_nothing(fake, monkeypatch, step):
    fake.records = made_up(50)
    fake.records[4].withheld = True
    have(fake.records[9:])
    found = begin()
    if step > 1:
        walk(found, steps=step - 1)
    with monkeypatch.context() as patched:
        patched.setattr(Audit, "save", _crash)
        crashing = Audit.objects.get()
        if crashing.is_running:
            Audit.objects.update(step=crashing.step + 1)
            crashing.refresh_from_db()
            with contextlib.suppress(MemoryError):  # a step may end without anything to save
                audit.advance(crashing)
    Audit.objects.update(holder="")
    assert sums(walk(found) if Audit.objects.get().is_running else Audit.objects.get()) == (
        "done", 50, 41, 9, 9, 0,
    )  # fmt: skip


def _crash(*_, **__):
    raise MemoryError


@pytest.mark.django_db
def test_who_has_lost_it_saves_nothing(fake):
    fake.records = made_up(3)
    mine = audit.claim(begin().pk)
    assert audit.claim(mine.pk) is None  # this process lives
    Audit.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=4))
    theirs = audit.claim(mine.pk)
    with pytest.raises(holding.TakenOver):
        audit.advance(mine)
    with pytest.raises(holding.TakenOver):
        audit.interrupt(mine, "by hand")
    assert Audit.objects.get().listed == 0
    assert sums(walk_on(theirs)) == ("done", 3, 0, 3, 3, 0)


def walk_on(found):
    while found.is_running:
        audit.advance(found)
    return Audit.objects.get(pk=found.pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_and_work_at_once_make_one_audit_and_each_paper_once(fake):
    fake.records = made_up(50)
    barrier = threading.Barrier(2)

    def work():
        barrier.wait()
        found = begin()
        for _ in range(20):
            Audit.objects.update(holder="")  # as if each had died at every step
            claimed = audit.claim(found.pk)
            if claimed is None:
                break
            with contextlib.suppress(holding.TakenOver):
                audit.advance(claimed)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Two who take it from each other at every step may come to nothing; one goes on then.
    Audit.objects.update(holder="")
    if left := audit.claim(Audit.objects.get().pk):
        walk_on(left)
    assert sums(Audit.objects.get()) == ("done", 50, 0, 50, 50, 0)
    assert (Gap.objects.count(), Paper.objects.count()) == (50, 50)
    assert {asked.in_flight for asked in fake.log} == {1}


@pytest.mark.django_db
def test_the_database_refuses_sums_that_do_not_add_up():
    Audit.objects.create(spec=SPEC, first="2506.00001", last="2506.99999", trigger="command")
    with pytest.raises(IntegrityError, match="audit_counts_add_up"):
        Audit.objects.update(listed=1)


@pytest.mark.django_db
def test_a_set_that_is_none_is_refused_before_anything_is_asked(fake):
    with pytest.raises(ValueError, match="is no set"):
        audit.begin("cs.CL", trigger="command", months=MONTHS)
    assert fake.log == []


@pytest.fixture
def pulled(fake, query):
    """A category of which the papers of ten days have come, by a run of the schedule."""
    Query.objects.exclude(pk=query.pk).delete()
    now = timezone.now()
    fake.records = made_up(60, first=now - timedelta(days=10), every=timedelta(hours=4))
    run = go(harvest.begin(query, trigger="schedule"))
    assert run.state == "done"
    return run


@pytest.mark.django_db
def test_only_what_runs_have_covered_is_missing(fake, pulled, query):
    old = Record("2505.99999", timezone.now() - timedelta(days=40))
    held = Record("2506.00030", timezone.now() - timedelta(days=35), datestamp="2025-06-20")
    fake.records = [old, *(r for r in fake.records if r.arxiv_id != held.arxiv_id), held]
    Paper.objects.filter(arxiv_id__in=["2506.00005", held.arxiv_id]).delete()
    found = walk(audit.begin(SPEC, trigger="schedule"))
    assert (found.since, found.first, found.last) == (pulled.since, "2506.00001", "2506.00260")
    assert states(found) == {"2506.00005": "fetched", held.arxiv_id: "left"}
    assert (*sums(found), found.left_out) == ("done", 60, 58, 2, 1, 0, 1)


@pytest.mark.django_db
def test_at_most_two_months_are_looked_at(pulled, query):
    Harvest.objects.update(since=timezone.now() - timedelta(days=300))
    PaperFactory(
        arxiv_id="2504.00001",
        categories=["cs.CL"],
        published_at=timezone.now() - timedelta(days=62),
    )
    found = coverage.of_set(SPEC)
    assert timezone.now() - found.since < coverage.LONGEST + timedelta(minutes=1)
    assert found.first == "2506.00001"


@pytest.mark.django_db
def test_runs_cover_as_far_back_as_they_join(query):
    Query.objects.exclude(pk=query.pk).delete()
    june = datetime(2025, 6, 30, tzinfo=UTC)
    for since, until in ((20, 30), (12, 21), (1, 11)):
        Harvest.objects.create(
            query=query,
            search=query.search,
            trigger="command",
            window=f"{since}",
            state="done",
            since=june.replace(day=since),
            until=june.replace(day=until),
            cursor_from=june,
            cursor_until=june,
            finished_at=june,
        )
    assert coverage.sets() == {}  # no watermark: nothing joins the present
    Query.objects.update(watermark=june)
    assert coverage.sets() == {SPEC: june.replace(day=12)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "spec"),
    [
        ({"search": "cat:cs.CL"}, SPEC),
        ({"search": "cat:cs.CL AND ti:model"}, ""),
        ({"search": "cs:cs:CL", "way": Way.OAI}, SPEC),
        ({"search": "cs:cs:CL", "way": Way.OAI, "match": "language"}, ""),
        ({"search": "cs", "way": Way.OAI, "known_only": True}, ""),
    ],
)
def test_only_whole_sets_can_be_audited(values, spec):
    assert coverage.spec_of(Query(**values)) == spec


@pytest.mark.django_db
def test_what_no_run_has_covered_is_not_audited_without_months():
    with pytest.raises(coverage.NothingCovered):
        audit.begin("cs:cs:LG", trigger="command")


@pytest.mark.django_db
def test_the_night_begins_one_audit_a_set(pulled, query, monkeypatch):
    assert audit.begin_nightly() == []  # the first run is younger than the last night
    clock = [timezone.now() + timedelta(days=1)]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    begun = audit.begin_nightly()
    assert [(found.spec, found.trigger) for found in begun] == [(SPEC, "schedule")]
    Audit.objects.update(started_at=clock[0])
    assert audit.begin_nightly() == []
    walk(begun[0])
    assert audit.begin_nightly() == []
    clock[0] += timedelta(days=1)
    assert len(audit.begin_nightly()) == 1
    Query.objects.update(enabled=False)
    clock[0] += timedelta(days=1)
    assert audit.begin_nightly() == []


@pytest.mark.django_db
def test_a_stale_audit_of_what_runs_covered_is_not_gone_on_with(pulled, query):
    found = audit.begin(SPEC, trigger="schedule")
    audit.interrupt(audit.claim(found.pk), "by hand")
    assert audit.begin(SPEC, trigger="schedule").pk == found.pk
    audit.interrupt(audit.claim(found.pk), "by hand")
    Audit.objects.update(started_at=timezone.now() - timedelta(days=2))
    assert audit.begin(SPEC, trigger="schedule").pk != found.pk


@pytest.mark.django_db
def test_the_workers_take_an_audit_to_its_end(
    fake, monkeypatch, django_capture_on_commit_callbacks
):
    fake.records = made_up(30)
    begin()
    waiting = []
    monkeypatch.setattr(tasks.audit_step, "delay", lambda *step: waiting.append(step))
    monkeypatch.setattr(tasks.audit_due, "delay", lambda: waiting.append("due"))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.audit_due()
        tasks.audit_due()
    assert len(waiting) == 2
    steps = 0
    while waiting:
        task = waiting.pop(0)
        if task == "due":
            continue
        steps += 1
        with django_capture_on_commit_callbacks(execute=True):
            tasks.audit_step(*task)
    assert sums(Audit.objects.get()) == ("done", 30, 0, 30, 30, 0)
    assert len(fake.log) == 3  # the second of the same step found it taken


@pytest.mark.django_db
def test_one_audit_after_another(fake):
    first = begin()
    audit.begin("cs:cs:LG", trigger="command", months=MONTHS)
    claimed = audit.claim(first.pk)
    assert audit.next_free() is None
    holding.release(claimed)
    assert audit.next_free() == first


@pytest.mark.django_db
def test_a_broken_search_index_does_not_keep_records_away(fake, monkeypatch):
    fake.records = made_up(3)
    for record in fake.records:
        record.withheld = True
    assert gaps.FEW == 3
    found = walk(begin())
    assert sums(found) == ("done", 3, 0, 3, 3, 0)
    assert [asked.query.get("verb", "search") for asked in fake.log] == [
        "ListIdentifiers", "search", "search", "search", "GetRecord", "GetRecord", "GetRecord",
    ]  # fmt: skip
