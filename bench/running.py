"""A Kadai of its own for benchmarks: `manage.py up` on a fresh home, and questions to it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from bench.replay import OPENER, free_port
from config import embedded

PROJECT = Path(__file__).resolve().parent.parent
# The works of its bibliography count as asked for in vain: they would be fetched besides.
NO_LANDMARKS = """
INSERT INTO ingest_missingrecord (paper_id, asked_at)
SELECT id, now() FROM taxonomy_paper WHERE fetched_at IS NULL
ON CONFLICT DO NOTHING
"""
MARKS = {
    "web": re.compile(r"granian|kadai-web"),
    "beat": re.compile(r"celery.*\bbeat\b"),
    "worker": re.compile(r"celery.*\bworker\b"),
}
PAPERS = "SELECT arxiv_id, version, title FROM taxonomy_paper WHERE fetched_at IS NOT NULL"


def eventually(condition: Callable[[], bool], limit: float) -> float:
    """Wait until it holds; the seconds that took. Raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit:
            raise TimeoutError(f"it did not happen within {limit:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - began


class Running:
    """`manage.py up` with its queries switched off, so that a benchmark chooses."""

    def __init__(self, home: Path, log: IO[str], environment: dict[str, str]) -> None:
        self.home, self.log = home, log
        self.port = free_port()
        self.environment = {
            **os.environ,
            "DATABASE_URL": "",
            "CELERY_BROKER_URL": "",
            "KADAI_HOME": str(home),
            "KADAI_PORT": str(self.port),
            **environment,
        }
        embedded.ensure_running(home)
        self.manage("migrate", "--verbosity", "0").wait()
        self.manage("load_taxonomy").wait()
        self.ask(NO_LANDMARKS)
        self.ask("UPDATE ingest_query SET enabled = false")
        self.up = self.manage("up")

    def manage(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `manage.py`; what it says goes into the log."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def say(self, *arguments: str) -> str:
        """What `manage.py` prints. Raises where it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=self.log,
            check=True,
        )
        return done.stdout

    def wait_until_ready(self) -> None:
        eventually(lambda: self.is_ready() and len(self.children()) == 3, 120)

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a question; an empty list for a statement that has none."""
        at = make_conninfo(**embedded.conninfo(self.home), connect_timeout=2)
        with psycopg.connect(at, autocommit=True) as connection:
            cursor = connection.execute(question, values)
            return cursor.fetchall() if cursor.description else []

    def look_on(self, task: str = "pull_due") -> None:
        """Let the worker see now what is due, without waiting for the clock."""
        call = [sys.executable, "-m", "celery", "-q", "-A", "config.celery", "call"]
        subprocess.run(
            [*call, f"ingest.tasks.{task}"],
            cwd=PROJECT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            check=True,
        )

    def is_ready(self) -> bool:
        """The web server answers, and has a migrated database."""
        try:
            with OPENER.open(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def children(self) -> dict[str, int]:
        """Pids of web, worker and beat, those that are there."""
        found = {}
        for process in psutil.Process(self.up.pid).children():
            with contextlib.suppress(psutil.Error):
                line = " ".join(process.cmdline())
                for name, mark in MARKS.items():
                    if mark.search(line):
                        found[name] = process.pid
                        break
        return found

    def postmaster(self) -> int:
        return int((embedded.data_dir(self.home) / "postmaster.pid").read_text().split("\n")[0])

    def stop(self) -> None:
        if self.up.poll() is None:
            self.up.send_signal(signal.SIGINT)
            self.up.wait(60)
        embedded.stop(self.home)

    def left_behind(self) -> list[str]:
        """Command lines of processes that still belong to this home."""
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            line = " ".join(process.info["cmdline"] or [])
            with contextlib.suppress(psutil.Error):
                ours = str(self.home) in line
                ours = ours or process.environ().get("KADAI_HOME") == str(self.home)
                if ours and process.info["status"] != psutil.STATUS_ZOMBIE:
                    found.append(line)
        return found
