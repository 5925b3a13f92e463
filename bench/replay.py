"""A local arXiv to measure against: a replay program over a corpus, and what is in that.

The program is not part of Kadai: any that serves a corpus over arXiv's protocols, with
faults on demand (`--corpus FILE --port N --faults SPEC --seed N`; `/__log`, `/__faults`).
"""

import argparse
import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FAULTS = "429 500 503 empty reset truncate html slow dup badxml badtoken".split()
# A proxy in the environment must not be asked for our own address.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def every_fault(probability: float) -> str:
    return ",".join(f"{name}:{probability}" for name in FAULTS)


def parser(description: str | None) -> argparse.ArgumentParser:
    """With the two options that every benchmark of the ingest has."""
    found = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, what in (("replay", "the replay program"), ("corpus", "its corpus, JSON lines")):
        variable = f"KADAI_BENCH_{name.upper()}"
        found.add_argument(
            f"--{name}",
            type=Path,
            default=os.environ.get(variable),
            help=f"{what} (or {variable})",
        )
    return found


def parse(found: argparse.ArgumentParser) -> argparse.Namespace:
    """The options; leaves quietly where there is no replay program to measure against."""
    options = found.parse_args()
    if not (options.replay and options.corpus):
        print("skipped: needs --replay PROGRAM and --corpus FILE")
        sys.exit(0)
    return options


@dataclass(frozen=True)
class Work:
    """What must stand in the database for one paper of the corpus."""

    arxiv_id: str
    version: int
    title: str
    published: datetime
    categories: tuple[str, ...]


class Corpus:
    """The papers that the replay serves."""

    def __init__(self, path: Path) -> None:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.strip()]
        self.records = sorted(records, key=lambda record: str(record["published"]))
        self.works = [self._work(record) for record in self.records]

    def excerpt(self, count: int, path: Path) -> "Corpus":
        """The newest so many papers, of all categories, as a corpus of their own."""
        lines = (json.dumps(record) + "\n" for record in self.records[-count:])
        path.write_text("".join(lines), encoding="utf-8")
        return Corpus(path)

    @staticmethod
    def _work(record: dict[str, Any]) -> Work:
        return Work(
            record["arxiv_id"],
            record.get("version") or 1,
            " ".join(record["title"].split()),
            datetime.fromisoformat(record["published"]).astimezone(UTC),
            tuple(record["categories"]),
        )

    def of(self, category: str) -> dict[str, Work]:
        return {work.arxiv_id: work for work in self.works if category in work.categories}

    def newest(self, category: str, least: int) -> tuple[date, date, dict[str, Work]]:
        """The shortest window of whole days up to the newest that holds so many papers."""
        days = sorted(work.published.date() for work in self.of(category).values())
        since, until = days[-min(least, len(days))], days[-1]
        inside = {
            key: work
            for key, work in self.of(category).items()
            if since <= work.published.date() <= until
        }
        return since, until, inside


class Replay:
    """The program at work on a free port, until the `with` block ends."""

    def __init__(
        self, program: Path, corpus: Path, faults: str = "", seed: int = 7, cap: int = 2_000
    ) -> None:
        port = free_port()
        self.root = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [
                *(sys.executable, str(program), "--corpus", str(corpus)),
                *("--port", str(port), "--faults", faults, "--seed", str(seed)),
                *("--page-cap", str(cap)),
            ],
            stdout=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 60
        while True:
            try:
                self.log()
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.2)
            else:
                return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(10)

    def environment(self, delay: float) -> dict[str, str]:
        """Kadai's settings to ask here."""
        return {
            "ARXIV_API_URL": f"{self.root}/api/query",
            "ARXIV_OAI_URL": f"{self.root}/oai",
            "ARXIV_RSS_URL": f"{self.root}/rss",
            "ARXIV_DELAY_SECONDS": str(delay),
            "ARXIV_CONTACT": "bench@example.org",
        }

    def log(self) -> list[dict[str, Any]]:
        """Every request so far: time, path, fault, requests in flight, user agent."""
        with OPENER.open(f"{self.root}/__log", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def set_faults(self, spec: str) -> None:
        """From the next request on."""
        self.control("faults", spec)

    def control(self, name: str, body: str) -> None:
        """Change what is served: `corpus` takes JSON lines, `delete` a list of ids."""
        with OPENER.open(f"{self.root}/__{name}", body.encode(), timeout=30):
            pass


def difference(rows: Iterable[tuple[str, int, str]], wanted: dict[str, Work]) -> dict[str, int]:
    """How the papers of a database (id, version, title) differ from those of the corpus."""
    found: dict[str, list[tuple[int, str]]] = {}
    for key, version, title in rows:
        found.setdefault(re.sub(r"v[0-9]+$", "", key), []).append((version, title))
    wrong = [
        key
        for key, work in wanted.items()
        if key in found and (work.version, work.title) not in found[key]
    ]
    return {
        "missing": len(wanted.keys() - found.keys()),
        "doubled": sum(len(versions) - 1 for versions in found.values()),
        "foreign": len(found.keys() - wanted.keys()),
        "wrong": len(wrong),
    }
