"""The schedule: what is due begins, one run at a time, and goes on after any death."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import harvest, pace, papers, tasks
from ingest.models import Alarm, Harvest, Pace, Query, Way
from ingest.models.queries import SHIPPED
from taxonomy.models import Lease, Paper
from tests.factories import CuratorFactory, PaperFactory, RefusalFactory
from tests.ingest.server import made_up


@pytest.fixture(autouse=True)
def _only_one_query(shipped_queries, query, small_pages):
    Query.objects.exclude(pk=query.pk).delete()


@pytest.fixture
def queue(monkeypatch):
    """What was sent to the workers, instead of a broker."""
    sent = []
    for task in (
        tasks.pull_due,
        tasks.pull_page,
        tasks.fetch_records,
        tasks.fetch_refused,
        tasks.check_alarms,
    ):
        name = task.name.rpartition(".")[2]
        monkeypatch.setattr(task, "delay", lambda *args, name=name: sent.append((name, args)))
    return sent


@pytest.fixture
def work(queue, django_capture_on_commit_callbacks):
    """Run a task, and then whatever it sends, so many tasks at most."""

    def run(task, *args, limit=50):
        todo = [(task, args)]
        for _ in range(limit):
            if not todo:
                break
            now, given = todo.pop(0)
            with django_capture_on_commit_callbacks(execute=True):
                now(*given)
            todo += [(getattr(tasks, name), given) for name, given in queue]
            queue.clear()
        return todo

    return run


def recent(count):
    return made_up(count, first=timezone.now() - timedelta(days=5), every=timedelta(minutes=3))


@pytest.mark.django_db
def test_a_due_query_is_pulled_page_by_page_to_its_end(fake, work):
    fake.records = recent(50)
    assert work(tasks.pull_due) == []
    run = Harvest.objects.get()
    assert (run.state, run.trigger, run.received, run.asked) == ("done", "schedule", 50, 3)
    assert Paper.objects.count() == 50


@pytest.mark.django_db
def test_a_query_over_oai_pmh_is_pulled_like_a_search(fake, query, work):
    Query.objects.update(way=Way.OAI, search="cs:cs:CL")
    fake.records = recent(50)
    assert work(tasks.pull_due) == []
    run = Harvest.objects.get()
    assert (run.state, run.way, run.received, run.asked) == ("done", "oai", 50, 3)
    query.refresh_from_db()
    assert query.watermark == run.responded_at
    assert work(tasks.pull_due) == []  # not due again before its interval is over
    assert Harvest.objects.count() == 1


@pytest.mark.django_db
def test_a_new_atlas_follows_the_changes_of_its_papers(shipped_queries):
    changes = shipped_queries["changes"]
    assert (changes.way, changes.search, changes.known_only) == ("oai", "cs", True)
    assert (changes.enabled, changes.name in SHIPPED) == (True, True)


@pytest.mark.django_db
def test_what_is_not_due_is_left_alone(fake, query, work):
    Query.objects.update(last_pulled_at=timezone.now())
    assert work(tasks.pull_due) == []
    assert (Harvest.objects.count(), fake.log) == (0, [])


@pytest.mark.django_db
def test_a_page_task_that_comes_twice_asks_once(fake, query, work):
    fake.records = recent(50)
    work(tasks.pull_due, limit=2)
    assert len(fake.log) == 1
    run = Harvest.objects.get()
    tasks.pull_page(run.pk, run.step - 1)
    assert len(fake.log) == 1


@pytest.mark.django_db
def test_no_second_chain_begins_while_one_goes_on(fake, work):
    fake.records = recent(50)
    Query.objects.create(slug="b", name="B", search="cat:cs.LG")
    todo = work(tasks.pull_due, limit=2)
    assert [task.name for task, _ in todo] == ["ingest.tasks.pull_page"]
    assert work(tasks.pull_due) == []  # beat, a minute later
    assert len(fake.log) == 1
    work(*[(todo[0][0]), *todo[0][1]])
    assert list(Harvest.objects.values_list("state", flat=True)) == ["done", "done"]


@pytest.mark.django_db
def test_a_chain_that_died_is_taken_up_again(fake, work):
    fake.records = recent(50)
    work(tasks.pull_due, limit=2)  # the message for the second page is lost
    Harvest.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=4))
    assert work(tasks.pull_due) == []
    run = Harvest.objects.get()
    assert (run.state, run.received, run.new) == ("done", 50, 50)


@pytest.mark.django_db
def test_a_page_that_fails_unforeseen_leaves_the_run_free(fake, query, work, monkeypatch):
    fake.records = recent(50)

    def crash(entries, **_):
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(papers, "upsert", crash)
        with pytest.raises(MemoryError):
            work(tasks.pull_due)
    assert harvest.next_free() == Harvest.objects.get()
    assert work(tasks.pull_due) == []
    assert Harvest.objects.get().state == "done"


@pytest.mark.django_db
def test_a_run_on_the_command_line_is_not_taken_away(fake, query, work):
    run = harvest.claim(harvest.begin(query, trigger="command").pk)
    assert work(tasks.pull_due) == []
    run.refresh_from_db()
    assert (run.state, run.step, fake.log) == ("running", 1, [])


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"stopped": True}, {"failures": 9}])
def test_nothing_is_sent_to_the_workers_while_arxiv_must_not_be_asked(fake, work, values):
    until = timezone.now() + timedelta(hours=1)
    Pace.objects.create(
        open_until=until, next_allowed_at=until, failing_since=timezone.now(), **values
    )
    assert work(tasks.pull_due) == []
    assert Harvest.objects.get().state == "running"  # begun, and waits
    Pace.objects.all().delete()
    fake.records = recent(3)
    work(tasks.pull_due)
    assert Harvest.objects.get().state == "done"


@pytest.mark.django_db
def test_a_run_that_has_to_wait_is_handed_back(fake, work, monkeypatch):
    fake.records = recent(3)
    fake.faults = ["503"]
    monkeypatch.setattr(pace, "wait_after", lambda *args: 60.0)
    assert work(tasks.pull_due) == []
    run = Harvest.objects.get()
    assert (run.state, run.holder, run.is_waiting) == ("running", "", True)
    Pace.objects.all().delete()
    Harvest.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert work(tasks.pull_due) == []
    assert Harvest.objects.get().state == "done"


@pytest.mark.django_db
def test_a_run_that_fails_raises_an_alarm_at_once_and_ends_it_when_it_goes_on(fake, work):
    fake.records = recent(3)
    fake.faults = ["400"]
    work(tasks.pull_due)
    alarm = Alarm.objects.get()
    run = Harvest.objects.get()
    assert (alarm.kind, alarm.harvest, run.state) == ("run_failed", run, "failed")
    harvest.reopen(run)
    work(tasks.pull_due)
    alarm.refresh_from_db()
    assert (alarm.is_open, Harvest.objects.get().state) == (False, "done")


@pytest.mark.django_db
def test_refused_records_that_are_wanted_are_asked_for_on_schedule(fake, query, work):
    Query.objects.update(enabled=False)
    fake.records = made_up(1)
    refusal = RefusalFactory(arxiv_id="2506.00001", wanted_at=timezone.now())
    assert work(tasks.pull_due) == []
    refusal.refresh_from_db()
    assert (refusal.outcome, Paper.objects.get().title) == ("sent_anew", "Made-up paper 0")


@pytest.mark.django_db
def test_landmarks_are_fetched_on_schedule(fake, query, work):
    Query.objects.update(enabled=False)
    fake.records = made_up(2)
    PaperFactory(arxiv_id="2506.00001", fetched_at=None)
    assert work(tasks.pull_due) == []
    assert Paper.objects.get().title == "Made-up paper 0"


@pytest.mark.django_db
def test_leases_that_have_run_out_are_released():
    now = timezone.now()
    curator = CuratorFactory()
    for minutes in (-1, 1):
        Lease.objects.create(
            paper=PaperFactory(), curator=curator, expires_at=now + timedelta(minutes=minutes)
        )
    tasks.release_expired_leases()
    assert Lease.objects.get().expires_at > now
