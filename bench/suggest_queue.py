"""Two Celery workers suggest for papers that wait: how many a second, and in how much memory?

    python -m bench.suggest_queue [--papers 20000] [--corpus FILE] [--labels FILE]

CORPUS holds papers as `bench.snapshots` reads them; they come again and again with other ids.
LABELS holds labelled papers as `evaluate_suggester` reads them: the suggester has learned from
them, and they are here with their concepts accepted, so that each suggestion looks up the
papers most like it. Without these files papers are made up, and the vocabulary decides alone.

The database is new. The workers are started as `manage.py up` starts one, with one process
each, and beat beside them. In the end no paper may wait or have failed, and the server must
have changed each of them once: no paper was done twice.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from bench import home, snapshots, suggesting
from bench.replay import free_port
from bench.running import NO_LANDMARKS, PROJECT

RESULTS = Path(__file__).parent / "results" / "suggest-queue.json"
WORKERS = 2
LEAST = 1_111  # papers a second: a million in a quarter of an hour
MOST_MEGABYTES = 500
LIMIT = 3_600.0  # seconds for all of it
SAID_EVERY = 5.0
COUNTING = 30  # times as long as one took: counting a million rows must not take part
CELERY = [sys.executable, "-m", "celery", "-q", "-A", "config.celery"]
QUIETLY = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
# Rows changed in the queue, written and taken away among the suggestions.
WRITTEN = """
SELECT sum(n_tup_upd) FILTER (WHERE relname = 'taxonomy_screening')::bigint,
       sum(n_tup_ins) FILTER (WHERE relname = 'taxonomy_suggestion')::bigint,
       sum(n_tup_del) FILTER (WHERE relname = 'taxonomy_suggestion')::bigint
FROM pg_stat_user_tables
"""


def ask(question: str) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415  (set up by bench.home)

    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall() if cursor.description else []


def waiting() -> int:
    ((count,),) = ask("SELECT count(*) FROM taxonomy_screening WHERE state = 'identified'")
    return int(count)


def states() -> dict[str, int]:
    return dict(ask("SELECT state, count(*) FROM taxonomy_screening GROUP BY state"))


def learn(labels: Path) -> None:
    """A suggester that knows these papers, and the papers with their concepts accepted."""
    from ingest.models import SuggesterModel  # noqa: PLC0415  (set up by bench.home)
    from ingest.suggest import active, artefact, examples, subjects, training  # noqa: PLC0415
    from taxonomy import curation, vocabulary  # noqa: PLC0415
    from taxonomy.models import Concept, Decision, Paper  # noqa: PLC0415

    found, terms = examples.read_file(labels), vocabulary.current()
    suggester = training.train(subjects.from_vocabulary(terms), found).suggester
    papers = Paper.objects.bulk_create(
        (home.paper(number, *text) for number, text in enumerate(found.papers)),
        batch_size=1_000,
    )
    concepts = {concept.slug: concept for concept in Concept.objects.current()}
    pairs = [
        (paper, concepts[slug])
        for paper, slugs in zip(papers, found.labels, strict=True)
        for slug in sorted(slugs & concepts.keys())
    ]
    for at in range(0, len(pairs), 2_000):
        part = pairs[at : at + 2_000]
        curation.accept_all(pairs=part, actor=curation.Actor.importing("benchmark"))
    artefact.save(suggester, active.folder() / "suggester-1.npz")
    SuggesterModel.objects.create(
        number=1,
        file="suggester-1.npz",
        examples=len(found),
        vocabulary_number=terms.number,
        last_decision=Decision.objects.latest("pk").pk,  # nothing is left to learn
        active=True,
    )


def settle() -> None:
    """What was decided before has been learned from: nothing is suggested anew for it."""
    from ingest.suggest import tasks, update  # noqa: PLC0415  (set up by bench.home)

    time.sleep(update.QUIET.total_seconds())
    tasks.update_from_decisions()


def fill(folder: Path, papers: int, corpus: Path | None) -> None:
    """So many papers wait, no fewer and no more."""
    from django.core.management import call_command  # noqa: PLC0415  (set up by bench.home)

    if corpus is None:
        corpus = folder / "corpus.jsonl"
        lines = (
            json.dumps(
                {"title": title, "abstract": text, "authors": ["A"], "categories": ["cs.CL"]}
            )
            for title, text in suggesting.made_up()
        )
        corpus.write_text("\n".join(lines))
    ask("UPDATE taxonomy_screening SET state = 'abstained' WHERE state = 'identified'")
    snapshot = folder / "snapshot.jsonl.gz"
    snapshots.write(snapshot, papers, corpus, varied=False)
    with open(os.devnull, "w") as nowhere:
        call_command("import_snapshot", str(snapshot), stdout=nowhere, stderr=nowhere)
    ask("VACUUM ANALYZE")
    ask("CHECKPOINT")


class Workers:
    """Worker processes and beat, and what they cost."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.processes: list[psutil.Popen] = []
        self.peak = 0.0  # megabytes of the process that works
        self.peak_with_master = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        nowhere = f"http://127.0.0.1:{free_port()}"  # nothing is asked of arXiv
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "ARXIV_API_URL": f"{nowhere}/api/query",
            "ARXIV_OAI_URL": f"{nowhere}/oai",
        }
        schedule = self.log.with_name("beat")
        commands = [["beat", "--schedule", str(schedule), "--pidfile="]]
        for number in range(WORKERS):
            name = ["-n", f"worker{number}@%h"]
            commands.append(["worker", *name, "--concurrency", "1", *QUIETLY])
        with self.log.open("w") as log:
            self.processes = [
                psutil.Popen(
                    [*CELERY, *command], cwd=PROJECT, env=environment, stdout=log, stderr=log
                )
                for command in commands
            ]
            try:
                yield
            finally:
                for process in self.processes:
                    process.terminate()
                for process in self.processes:
                    process.wait(60)

    def look(self) -> None:
        """Remember the most memory that one of them ever had."""
        for process in self.processes[1:]:
            with contextlib.suppress(psutil.Error, FileNotFoundError):
                master = _peak(process.pid)
                children = [_peak(child.pid) for child in process.children()]
                self.peak = max(self.peak, *children, 0.0)
                self.peak_with_master = max(self.peak_with_master, master + sum(children))

    def processor_seconds(self) -> float:
        """Of workers and their processes so far; beat's are not worth counting."""
        every = [
            one for process in self.processes[1:] for one in (process, *process.children())
        ]
        return sum(_seconds(process) for process in every)


def _peak(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _seconds(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def server_seconds() -> float:
    """Processor time of the server and its processes, of those that are gone as well."""
    ((pid,),) = ask("SELECT pg_backend_pid()")
    server = psutil.Process(pid).parent()
    assert server is not None
    times = server.cpu_times()
    gone = float(times.children_user + times.children_system)
    return gone + sum(_seconds(process) for process in (server, *server.children()))


def drain(workers: Workers, papers: int) -> dict[str, Any]:
    """Until none waits; says now and then how far it is."""
    began = said = time.monotonic()
    # From where the first batch is seen: workers take seconds to start.
    since, rest, of_workers, of_server = began, papers, 0.0, 0.0
    while time.monotonic() - began < LIMIT:
        asked = time.monotonic()
        left, now = waiting(), time.monotonic()
        if not left:
            break
        if rest == papers and left < papers:
            since, rest = now, left
            of_workers, of_server = workers.processor_seconds(), server_seconds()
        if now - said >= SAID_EVERY:
            said = now
            print(f"{papers - left:>9,} of {papers:,} papers", flush=True)
        workers.look()
        time.sleep(max(0.2, COUNTING * (now - asked)))
    ended = time.monotonic()
    workers.look()
    counted = max(rest - left, 1)
    return {
        "seconds": round(ended - began, 1),
        "seconds_to_the_first_batch": round(since - began, 1),
        "papers_per_second": round(counted / max(ended - since, 0.001)),
        "processor_ms_a_paper": {
            "workers": round(1000 * (workers.processor_seconds() - of_workers) / counted, 3),
            "server": round(1000 * (server_seconds() - of_server) / counted, 3),
        },
        "left": left,
    }


def measure(folder: Path, papers: int, corpus: Path | None, labels: Path | None) -> Any:
    if labels:
        learn(labels)
    settle()
    fill(folder, papers, corpus)
    ask(NO_LANDMARKS)
    ask("UPDATE ingest_query SET enabled = false")
    before, count = states(), waiting()
    ask("SELECT pg_stat_reset()")
    workers = Workers(folder / "workers.log")
    with workers.running():
        found = drain(workers, count)
    time.sleep(2)  # the server counts with some delay
    after = states()
    ((changed, written, taken_away),) = ask(WRITTEN)
    ((suggestions,),) = ask("SELECT count(*) FROM taxonomy_suggestion")
    return {
        "papers": count,
        "workers": WORKERS,
        "corpus": corpus.name if corpus else "made up",
        "suggester": "learned" if labels else "vocabulary",
        **found,
        "with_suggestions": after.get("waiting", 0) - before.get("waiting", 0),
        "without": after.get("abstained", 0) - before.get("abstained", 0),
        "suggestions": suggestions,
        "failed": after.get("failed", 0),
        "done_twice": changed - count + written - suggestions + taken_away,
        "peak_memory_mb": round(workers.peak),
        "peak_memory_with_its_master_mb": round(workers.peak_with_master),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--papers", type=int, default=20_000)
    for name, variable in (("corpus", "CORPUS"), ("labels", "LABELS")):
        default = os.environ.get(f"KADAI_BENCH_{variable}") or None
        parser.add_argument(f"--{name}", type=Path, default=default)
    parser.add_argument("--keep", action="store_true", help="leave the database and logs")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kadai-queue-"))
    home.HOME = folder / "home"
    try:
        home.start()
        result = measure(folder, options.papers, options.corpus, options.labels)
    finally:
        home.stop()
        if not options.keep:
            shutil.rmtree(folder)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    print(
        f"{result['papers_per_second']:,} papers a second (at least {LEAST:,}), "
        f"{result['peak_memory_mb']} MB at most (limit {MOST_MEGABYTES})"
    )


if __name__ == "__main__":
    main()
