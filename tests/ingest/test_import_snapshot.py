"""Loading a snapshot: the same as by every way in, resumable, accounted for."""

import contextlib
import io
import sys
import threading
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from ingest import account, harvest, holding, loading, papers, snapshot, snapshot_file, staging
from ingest.feed import Entry
from ingest.models import Harvest, Refusal
from ingest.selection import Selection
from ingest.snapshot_file import SnapshotFile
from taxonomy import counts, curation
from taxonomy.curation import Actor
from taxonomy.models import Paper, PaperVersion, Screening, Tag, Tally
from tests.factories import ConceptFactory, PaperFactory
from tests.ingest.lines import HOSTILE, line, versions, write

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2025, 5, 4, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(snapshot_file, "LINES", 10)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "snapshot.jsonl.gz"


def load(path, *options):
    """By the command; what it said and how the run stands."""
    out = io.StringIO()
    call_command("import_snapshot", str(path), *options, stdout=out)
    return out.getvalue(), Harvest.objects.latest("pk")


def numbers(run):
    return run.received, run.new, run.updated, run.unchanged, run.skipped, run.refused


def rows():
    """All that a way in leaves, without the database's own numbers and clocks."""
    names = [
        field.name
        for field in Paper._meta.concrete_fields
        if field.name not in {"id", "added_at", "fetched_at"}
    ]
    return (
        list(Paper.objects.order_by("arxiv_id").values_list(*names)),
        list(
            Screening.objects.order_by("paper__arxiv_id").values_list(
                "paper__arxiv_id", "state", "priority", "suggester", "paper_version",
                "text_revision", "suggested_at", "screened_at", "screened_by", "error",
            )
        ),
        list(
            PaperVersion.objects.order_by("paper__arxiv_id").values_list(
                "paper__arxiv_id", "title"
            )
        ),
        list(Tag.objects.values_list("paper__arxiv_id", "published_at")),
        list(Tally.objects.values_list("name", "day", "count")),
    )  # fmt: skip


def written():
    """Rows written so far, by the database's own count."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables "
            "WHERE relname LIKE 'taxonomy_%' ORDER BY 1"
        )
        return cursor.fetchall()


def strange_lines():
    return [
        line(1, title=r"On M\"uller's $\alpha$ -- a \emph{tale}", comments="withdrawn"),
        line(2, authors_parsed=[["Müller\\t", 'J. "K"', "III"]], authors=""),
        line(3, abstract="Tab\there, back\\slash, \\N and \r\n lines.", categories=""),
        line(4, authors_parsed=None, authors="", license=None, comments=None),
        line(5, title="Émile — 課題", doi="10.1/" + "x" * 300),
        line(6, id="math.CA/0611800", versions=versions(1, 2, 3)),
        line(7, categories="cs.CL " + "x" * 33 + " 68T50 cs.CL"),
        line(8, abstract="{}" + "x" * 25_000, authors_parsed=[["{a,b}", "N\\", ""]] * 1_000),
        b"",
    ]


@pytest.mark.parametrize("state", ["empty", "known", "older", "stub", "removed"])
def test_rows_are_those_that_every_way_in_leaves(path, state, curator):
    sent = [*strange_lines(), *(line(n, versions=versions(4, 9)) for n in range(10, 60))]
    entries = [e for e in map(snapshot.read, sent) if isinstance(e, Entry)]

    def prepare():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE taxonomy_paper, taxonomy_tally, ingest_harvest CASCADE")
        if state == "known":
            papers.upsert(entries[::2])
        elif state == "older":
            early = [line(n, title="Early", categories="cs.LG") for n in range(10, 60, 2)]
            papers.upsert([snapshot.read(one) for one in early])
            Screening.objects.update(state="screened")
        elif state == "removed":
            papers.upsert(entries)
            with transaction.atomic():
                papers.remove(["2505.00010", "2505.00011"])
        elif state == "stub":
            then = datetime(2024, 1, 1, tzinfo=UTC)
            stub = PaperFactory(arxiv_id="2505.00010", fetched_at=None, published_at=then)
            actor = Actor.person(curator)
            curation.decide(paper=stub, concept=ConceptFactory(), verdict="accept", actor=actor)

    prepare()
    outcome = papers.upsert(entries)
    expected = rows()
    prepare()
    _, run = load(write(path, sent))
    assert rows() == expected
    assert (run.new, run.updated) == (outcome.new, outcome.updated)
    assert run.received == len(entries)


def test_a_second_load_writes_no_row_and_reads_no_line(path, monkeypatch):
    sent = [line(n) for n in range(1, 45)]
    _, run = load(write(path, sent))
    assert numbers(run) == (44, 44, 0, 0, 0, 0)
    before, kept = written(), rows()
    monkeypatch.setattr(snapshot, "read", None)  # whoever calls it fails
    _, again = load(path)
    assert again.pk != run.pk
    assert numbers(again) == (44, 0, 0, 44, 0, 0)
    assert written() == before
    assert rows() == kept


def test_a_line_is_no_longer_known_when_another_way_has_written_its_paper(path):
    load(write(path, [line(1)]))
    papers.upsert([papers_entry(comment="changed")])
    assert Paper.objects.get().source_digest is None
    _, run = load(path)
    assert numbers(run) == (1, 0, 1, 0, 0, 0)
    assert Paper.objects.get().comment == "12 pages"


def papers_entry(**values):
    """Paper 1 as the search API would say it."""
    read = snapshot.read(line(1))
    kept = {"title": read.title, "abstract": read.abstract, "authors": read.authors}
    return Entry(
        arxiv_id=read.arxiv_id, version=1, categories=read.categories, published=MAY,
        updated=MAY, **kept | values,
    )  # fmt: skip


def test_an_older_snapshot_takes_nothing_back(path):
    load(write(path, [line(1, title="New", versions=versions(4, 9))]))
    _, run = load(write(path, [line(1, title="Old")]))
    assert numbers(run) == (1, 0, 0, 1, 0, 0)
    assert Paper.objects.get().title == "New"


def test_new_papers_wait_for_suggestions_and_are_counted(path):
    load(write(path, [line(n) for n in range(1, 35)]))
    assert Screening.objects.filter(state="identified").count() == 34
    assert counts.papers_total() == 34


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--category", "cs.CL"], [1, 2, 3]),
        (["--category", "stat", "cs.CV"], [4, 5]),
        (["--category", "cs.CL,stat.ML"], [1, 2, 3, 4]),
        (["--since", "2025-05-05"], [3, 4, 5]),
        (["--match", "language model|transformer"], [2, 5]),
        (["--category", "cs.CL", "--since", "2025-05-05", "--match", "made-up"], [3]),
    ],
)
def test_only_what_is_wanted_is_taken_in_and_the_rest_is_counted(path, options, ids):
    late = versions(9)
    sent = [
        line(1),
        line(2, title="A Language  Model"),
        line(3, versions=late),
        line(4, versions=late, categories="stat.ML"),
        line(5, versions=late, categories="cs.CV", abstract="Transformers."),
        b"{nonsense",
    ]
    _, run = load(write(path, sent), *options)
    found = Paper.objects.order_by("arxiv_id").values_list("arxiv_id", flat=True)
    assert list(found) == [f"2505.{n:05d}" for n in ids]
    assert numbers(run) == (6, len(ids), 0, 0, 5 - len(ids), 1)
    _, again = load(path, *options)
    assert numbers(again) == (6, 0, 0, len(ids), 5 - len(ids), 1)


def test_hostile_lines_are_each_refused_with_a_line_and_the_load_ends_well(path):
    sent = [line(1), *HOSTILE.values(), line(2)]
    _, run = load(write(path, sent))
    assert run.state == "done"
    assert numbers(run) == (len(sent), 2, 0, 0, 0, len(HOSTILE))
    assert run.refusals.count() == len(HOSTILE)


def test_the_same_bad_line_twice_is_counted_twice_and_kept_once(path):
    _, run = load(write(path, [b"{nonsense", line(1), b"{nonsense"]))
    assert numbers(run) == (3, 1, 0, 0, 0, 2)
    assert Refusal.objects.count() == 1


def test_what_the_database_cannot_hold_is_refused_and_the_others_are_kept(path):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE taxonomy_paper ADD CONSTRAINT no_seven CHECK (title !~ '7')"
        )
    try:
        _, run = load(write(path, [line(n) for n in range(1, 11)]))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE taxonomy_paper DROP CONSTRAINT no_seven")
    assert numbers(run) == (10, 9, 0, 0, 0, 1)
    assert "no_seven" in Refusal.objects.get().reason


def test_a_paper_twice_in_a_file_is_one_and_both_lines_are_in_the_account(path):
    sent = [line(1, title="Second", versions=versions(4, 9)), line(1, title="First")]
    _, run = load(write(path, sent))
    assert numbers(run) == (2, 1, 0, 1, 0, 0)
    assert Paper.objects.get().title == "Second"


@pytest.mark.parametrize(
    ("module", "name", "calls"),  # that go well before it crashes
    [
        (staging, "prepare_session", 1),
        (staging, "understand", 2),
        (staging, "take_in", 2),
        (staging, "_copy", 2),
        (papers, "upsert", 2),
        (counts, "add_arrivals", 2),
        (loading, "_account", 2),
        (account, "keep_refused", 2),
        (loading, "_tidy", 0),
    ],
)
def test_a_crash_at_any_stage_loses_nothing_and_doubles_nothing(
    path, monkeypatch, module, name, calls
):
    sent = [line(n) for n in range(1, 75)] + [b"{nonsense"]
    real, done, lock = getattr(module, name), [], threading.Lock()

    def crash(*args, **kwargs):
        with lock:
            done.append(1)
            if len(done) > calls:
                raise RuntimeError("crash")
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, crash)
        with contextlib.suppress(RuntimeError):
            load(write(path, sent))
    run = Harvest.objects.get()
    assert run.new == Paper.objects.count() == counts.papers_total()
    assert run.state == "interrupted"
    _, again = load(path)
    assert (again.pk, again.state) == (run.pk, "done")
    assert numbers(again) == (75, 74, 0, 0, 0, 1)
    assert Paper.objects.count() == Screening.objects.count() == counts.papers_total() == 74


def test_an_interrupted_load_goes_on_where_it_stopped(path):
    write(path, [line(n) for n in range(1, 201)])

    def interrupt():
        raise KeyboardInterrupt

    with contextlib.closing(SnapshotFile.open(str(path))) as file:
        run = loading.begin(file, Selection())
        with pytest.raises(KeyboardInterrupt):
            loading.Load(run, file, Selection()).work(interrupt, every=0.01)
    run.refresh_from_db()
    assert run.state == "interrupted"
    assert run.received == Paper.objects.count()
    had = run.cursor_start
    said, after = load(path)
    assert (f"going on at line {had:,}" in said) is bool(had)
    assert after.pk == run.pk
    assert numbers(after) == (200, 200, 0, 0, 0, 0)
    assert Paper.objects.count() == 200


def test_spans_behind_the_cursor_are_not_done_again(path):
    sent = [line(n) for n in range(1, 51)]
    with contextlib.closing(SnapshotFile.open(str(write(path, sent)))) as file:
        run = loading.begin(file, Selection())
        staging.prepare_session()
        with transaction.atomic():
            batch = staging.understand(sent[20:30], Selection())
            taken = staging.take_in(batch, timezone.now())
            run = loading._account(run, (20, 30), taken)
        assert (run.cursor_start, run.cursor_seen) == (0, ["20-30"])
    Harvest.objects.update(holder="")
    _, after = load(path)
    assert (after.pk, after.cursor_start, after.cursor_seen) == (run.pk, 50, [])
    assert numbers(after) == (50, 50, 0, 0, 0, 0)
    connection.close()


def test_another_process_on_the_same_file_is_told_so(path):
    with contextlib.closing(SnapshotFile.open(str(write(path, [line(1)])))) as file:
        run = loading.begin(file, Selection())
        with pytest.raises(CommandError, match="is loading this file and stands at line 0"):
            load(path)
        with pytest.raises(loading.Held):
            loading.begin(file, Selection())
    Harvest.objects.update(holder="elsewhere 1 2.00")
    Harvest.objects.update(heartbeat_at=datetime(2025, 1, 1, tzinfo=UTC))
    _, after = load(path)  # it has died
    assert (after.pk, after.new) == (run.pk, 1)


def test_a_load_that_was_taken_over_saves_nothing_more(path):
    with contextlib.closing(SnapshotFile.open(str(write(path, [line(1)])))) as file:
        run = loading.begin(file, Selection())
        Harvest.objects.update(step=run.step + 1)
        with pytest.raises(holding.TakenOver):
            loading.Load(run, file, Selection()).work()
    assert Paper.objects.count() == 0
    assert Harvest.objects.get().state == "running"


def test_a_load_stopped_on_its_page_says_so_and_can_go_on(path):
    with contextlib.closing(SnapshotFile.open(str(write(path, [line(1)])))) as file:
        run = loading.begin(file, Selection())
        harvest.stop(run, "stopped by keeper")
        with pytest.raises(holding.TakenOver):
            loading.Load(run, file, Selection()).work()
    _, after = load(path)
    assert (after.pk, after.state, after.new) == (run.pk, "done", 1)


def test_two_who_take_in_the_same_lines_at_once_bring_each_paper_once():
    sent = [line(n) for n in range(1, 301)]
    taken, barrier = [], threading.Barrier(2)

    def work(order):
        staging.prepare_session()
        batch = staging.understand(order, Selection())
        barrier.wait()
        with transaction.atomic():
            taken.append(staging.take_in(batch, timezone.now()))
        connection.close()

    threads = [threading.Thread(target=work, args=[order]) for order in (sent, sent[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.new for one in taken) == 300
    assert sum(one.unchanged for one in taken) == 300
    assert Paper.objects.count() == Screening.objects.count() == counts.papers_total() == 300


def test_other_selections_of_one_file_are_loads_of_their_own(path):
    write(path, [line(1)])
    _, first = load(path, "--category", "cs.CL")
    _, second = load(path, "--match", "phrase " * 60)
    assert first.window == "cs.CL"
    assert (second.pk > first.pk, len(second.window)) == (True, 60)
    assert second.since == datetime(1986, 1, 1, tzinfo=UTC)


def test_standard_input_is_loaded_and_goes_on(path, monkeypatch):
    body = b"".join(line(n) + b"\n" for n in range(1, 31))
    for expected in ((30, 30, 0, 0, 0, 0), (30, 0, 0, 30, 0, 0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
        _, run = load("-")
        assert numbers(run) == expected
    Harvest.objects.filter(pk=run.pk).update(
        state="interrupted", error="as if", cursor_start=20,
        received=20, unchanged=20,
    )  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    said, after = load("-")
    assert "going on at line 20" in said
    assert (after.pk, numbers(after)) == (run.pk, (30, 0, 0, 30, 0, 0))


def test_a_damaged_file_fails_with_what_came_before_it_kept(path):
    write(path, [line(n) for n in range(1, 2001)])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CommandError, match="did not end well"):
        load(path)
    run = Harvest.objects.get()
    assert (run.state, run.error) == ("failed", "the file is cut off in the middle")
    assert run.new == Paper.objects.count() > 0


def test_the_last_line_tells_the_account(path):
    said, _ = load(write(path, [line(1), b"{nonsense"]))
    assert said == (
        "snapshot.jsonl.gz: complete: 2 papers "
        "(1 new, 0 updated, 0 unchanged, 0 not wanted, 1 refused)\n"
    )


def test_progress_tells_rate_and_time_left(path):
    from ingest.management.commands.import_snapshot import Progress

    with contextlib.closing(SnapshotFile.open(str(write(path, [line(1)])))) as file:
        job = loading.Load(loading.begin(file, Selection()), file, Selection())
        progress = Progress(job, io.StringIO())
        file.size, file.position, job.run.received = 1_000, 100, 50
        progress.beat()
        file.position, job.run.received = 400, 350
        assert progress.progress(progress.began + 30) == (
            "350 papers (40 %), 10 a second, about 60 s left"
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["missing.json"], "missing.json: No such file or directory."),
        (["-", "--since", "soon"], "--since: 'soon' is no date"),
        (["-", "--since", "2999-01-01"], "lies in the future"),
    ],
)
def test_what_is_asked_for_wrongly_is_said_in_a_line(options, message):
    with pytest.raises(CommandError, match=message):
        call_command("import_snapshot", *options)


def test_nobody_else_goes_on_with_a_load_that_died(path, keeper):
    with contextlib.closing(SnapshotFile.open(str(write(path, [line(1)])))) as file:
        run = loading.begin(file, Selection())
    Harvest.objects.update(heartbeat_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert harvest.next_free() is None
    Harvest.objects.update(state="interrupted", finished_at=timezone.now())
    run.refresh_from_db()
    harvest.reopen(run)
    run.refresh_from_db()
    assert run.state == "interrupted"


def test_a_load_since_a_day_says_so(path):
    _, run = load(write(path, [line(1)]), "--since", "2025-05-04")
    assert (run.window, run.since.date()) == ("since 2025-05-04", date(2025, 5, 4))
    assert run.new == 1
