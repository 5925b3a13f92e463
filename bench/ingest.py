"""How fast a snapshot is loaded, beside three floors, in one run.

    python -m bench.ingest [--papers 50000] [--corpus FILE] [--keep]

The snapshot is made by `bench.snapshots`, from FILE (or KADAI_BENCH_CORPUS) where it is
given. The command `import_snapshot` loads it twice into a fresh database; then the rows it
has left are written again in three other ways, with their texts and dates ready made:

copy      COPY into a table without keys, indexes or text vector
keyed     COPY into a table with the same constraints, indexes and generated vector
django    bulk_create(update_conflicts=True), 1,000 a batch, through the model as it is,
          of at most 100,000 papers; making the objects is not counted

All in the same server with the same settings, after a checkpoint each. The load is timed as
a whole command, Python's start and the reading of gzip included. Memory is the most that its
process has held (resident, with libraries), and the same with the private memory of its
connections' PostgreSQL processes.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import home, snapshots

RESULTS = Path(__file__).parent / "results" / "ingest.json"
ROOT = Path(__file__).resolve().parent.parent
MOST_BY_DJANGO = 100_000
BATCH = 1_000
LEAST = {"copy": 0.12, "keyed": 1.5, "django": 3.0, "second load": 3.0}
MOST_MEGABYTES = 300
COLUMNS = (
    "arxiv_id version title abstract title_plain abstract_plain authors categories comment "
    "journal_ref doi licence withdrawn published_at updated_at fetched_at added_at revision"
).split()
NAMES = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
LOADED = sql.SQL("FROM public.taxonomy_paper WHERE source_digest IS NOT NULL")
WRITTEN = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables
WHERE relname ~ '^(taxonomy|ingest)_' AND relname !~ '^ingest_harvest'
"""


def connect() -> psycopg.Connection[Any]:
    from config import embedded  # noqa: PLC0415  (the environment comes first)

    return psycopg.connect(**embedded.conninfo(home.HOME), autocommit=True)


class Load:
    """One run of the command, watched from outside."""

    def __init__(self, file: Path) -> None:
        self.peak = self.peak_with_server = 0.0
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_snapshot", str(file)], cwd=ROOT
        )
        with connect() as connection:
            while process.poll() is None:
                self._look(process.pid, connection)
                time.sleep(0.1)
        self.seconds = time.perf_counter() - began
        if process.returncode:
            raise SystemExit(f"import_snapshot ended with {process.returncode}")

    def _look(self, pid: int, connection: psycopg.Connection[Any]) -> None:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'kadai' "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
        server = sum(megabytes(backend, "RssAnon") for (backend,) in rows)
        self.peak = max(self.peak, megabytes(pid, "VmHWM"))
        here = megabytes(pid, "VmRSS") + server
        self.peak_with_server = max(self.peak_with_server, here, self.peak)


def megabytes(pid: int, name: str) -> float:
    """A figure of /proc/PID/status; 0 where the process has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def rows_written(connection: psycopg.Connection[Any]) -> int:
    """So far, in all of Kadai's tables but the account and the log of the run."""
    time.sleep(1.5)  # a process hands in its numbers when it ends
    row = connection.execute(WRITTEN).fetchone()
    return int(row[0]) if row else 0


@contextlib.contextmanager
def floor(name: str, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that finds a table `taxonomy_paper` of its own; it is dropped afterwards."""
    with connect() as connection:
        connection.execute(f"CREATE SCHEMA floor_{name}")
        connection.execute(f"SET search_path = floor_{name}, public")
        for statement in statements:
            connection.execute(statement)
        connection.execute("CHECKPOINT")
        yield connection
        connection.execute(f"DROP SCHEMA floor_{name} CASCADE")


BARE = (
    f"CREATE TABLE taxonomy_paper AS SELECT {', '.join(COLUMNS)} "
    "FROM public.taxonomy_paper WITH NO DATA"
)
KEYED = "CREATE TABLE taxonomy_paper (LIKE public.taxonomy_paper INCLUDING ALL)"


def copy_seconds(connection: psycopg.Connection[Any], rows: Path) -> float:
    began = time.perf_counter()
    command = sql.SQL("COPY taxonomy_paper ({}) FROM STDIN").format(NAMES)
    with connection.cursor().copy(command) as copy, rows.open("rb") as file:
        while block := file.read(1 << 18):
            copy.write(block)
    return time.perf_counter() - began


def django_seconds(papers: int) -> float:
    from django.db import connection as djangos  # noqa: PLC0415  (after django.setup)

    from taxonomy.models import Paper  # noqa: PLC0415

    with djangos.cursor() as cursor:
        cursor.execute("SET search_path = floor_django, public")
    query = sql.SQL("SELECT {} {} ORDER BY id LIMIT {}").format(NAMES, LOADED, papers)
    seconds = 0.0
    with connect() as reading, reading.transaction():
        cursor = reading.cursor(name="papers")
        cursor.execute(query)
        while rows := cursor.fetchmany(BATCH):
            objects = [Paper(**dict(zip(COLUMNS, row, strict=True))) for row in rows]
            began = time.perf_counter()
            Paper.objects.bulk_create(
                objects,
                batch_size=BATCH,
                update_conflicts=True,
                unique_fields=["arxiv_id"],
                update_fields=COLUMNS[1:],
            )
            seconds += time.perf_counter() - began
    djangos.close()
    return seconds


def measure(folder: Path, papers: int, corpus: Path | None) -> dict[str, Any]:
    file, rows = folder / "snapshot.jsonl.gz", folder / "rows.copy"
    snapshots.write(file, papers, corpus)
    with connect() as connection:
        connection.execute("CHECKPOINT")
        first = Load(file)
        before = rows_written(connection)
        second = Load(file)
        written = rows_written(connection) - before
        command = sql.SQL("COPY (SELECT {} {} ORDER BY id) TO STDOUT").format(NAMES, LOADED)
        with connection.cursor().copy(command) as copy, rows.open("wb") as out:
            for block in copy:
                out.write(block)
        found = connection.execute(sql.SQL("SELECT count(*) {}").format(LOADED)).fetchone()
    count = found[0] if found else 0
    by_django = min(count, MOST_BY_DJANGO)
    with floor("copy", BARE) as connection:
        copied = count / copy_seconds(connection, rows)
    with floor("keyed", KEYED) as connection:
        keyed = count / copy_seconds(connection, rows)
    with floor("django", KEYED):
        django = by_django / django_seconds(by_django)
    rate = papers / first.seconds
    return {
        "papers": papers,
        "corpus": corpus.name if corpus else "made up",
        "papers_per_second": {
            "import_snapshot": round(rate),
            "copy": round(copied),
            "keyed": round(keyed),
            "django": round(django),
            "second load": round(papers / second.seconds),
        },
        "ratios": {
            "copy": round(rate / copied, 3),
            "keyed": round(rate / keyed, 2),
            "django": round(rate / django, 2),
            "second load": round(first.seconds / second.seconds, 2),
        },
        "rows_written_by_second_load": written,
        "peak_memory_mb": round(max(first.peak, second.peak)),
        "peak_memory_with_its_server_processes_mb": round(
            max(first.peak_with_server, second.peak_with_server)
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--papers", type=int, default=50_000)
    parser.add_argument(
        "--corpus", type=Path, default=os.environ.get("KADAI_BENCH_CORPUS") or None
    )
    parser.add_argument("--keep", action="store_true", help="leave the database and files")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kadai-ingest-"))
    home.HOME = folder / "home"
    try:
        home.start()
        result = measure(folder, options.papers, options.corpus and Path(options.corpus))
    finally:
        home.stop()
        if not options.keep:
            shutil.rmtree(folder)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, value in result["papers_per_second"].items():
        ratio = result["ratios"].get(name)
        least = f"{ratio:6.2f} × (at least {LEAST[name]})" if ratio else ""
        print(f"{name:>16} {value:8,} papers/s  {least}")
    print(f"{result['rows_written_by_second_load']} rows written by the second load")
    print(
        f"{result['peak_memory_mb']} MB at most (limit {MOST_MEGABYTES}), "
        f"{result['peak_memory_with_its_server_processes_mb']} with its server processes"
    )


if __name__ == "__main__":
    main()
