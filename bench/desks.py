"""A desk to measure: papers that wait with three suggestions each, curators, a web server.

The filled database is kept between runs; each run works on a copy of it.
"""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from bench import home
from bench.replay import OPENER, free_port

HOME = home.HOME.with_name(home.HOME.name + "-desks")
PROJECT = Path(__file__).resolve().parent.parent
COPY = "desks"
BATCH = 2_000


@dataclass
class Site:
    """A running web server on a copy of the filled database."""

    url: str
    cookies: list[str]  # of a session each, one a curator
    conninfo: dict[str, str] = field(default_factory=dict)

    def ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        import psycopg  # noqa: PLC0415  (needed only by those who ask)

        with psycopg.connect(**self.conninfo, autocommit=True) as connection:
            return connection.execute(question, values).fetchall()


@contextlib.contextmanager
def site(papers: int, curators: int, workers: int) -> Iterator[Site]:
    """At least that many papers wait on it; `workers` are processes of the web server."""
    _start()
    from config import embedded  # noqa: PLC0415  (the environment comes first)
    from config.management.commands import up  # noqa: PLC0415

    _fill(papers)
    cookies = [_signed_in(f"curator{number}") for number in range(curators)]
    _copy()
    host, port = quote(str(embedded.socket_dir(HOME)), safe=""), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{embedded.SUPERUSER}@/{COPY}?host={host}",
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
    }
    command = [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
        *("--http", "1", "--no-ws", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(up.WEB_THREADS)),
        *("--log-level", "warning"),
        *("--working-dir", str(PROJECT)),
    ]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        found = Site(f"http://127.0.0.1:{port}", cookies, embedded.conninfo(HOME, COPY))
        _wait(f"{found.url}/readyz")
        yield found
    finally:
        server.terminate()
        server.wait(30)
        embedded.stop(HOME)


def _start() -> None:
    os.environ["KADAI_BENCH_HOME"] = str(HOME)
    home.HOME = HOME
    home.start()


def _fill(papers: int) -> None:
    from django.db import connection  # noqa: PLC0415  (needs Django set up)

    from taxonomy import counts, vocabulary  # noqa: PLC0415
    from taxonomy.models import Concept, Paper, Screening, Suggestion  # noqa: PLC0415

    chance = random.Random(papers)
    concepts = list(Concept.objects.filter(deprecated=False))
    there = Paper.objects.filter(fetched_at__isnull=False).count()
    newest = datetime(2026, 11, 1, tzinfo=UTC)
    while there < papers:
        size = min(BATCH, papers - there)
        made = Paper.objects.bulk_create(
            home._paper(there + n, newest - timedelta(minutes=21 * (there + n)), chance)
            for n in range(size)
        )
        suggestions = [
            Suggestion(
                paper=paper,
                concept=concept,
                suggester="default-1",
                score=chance.uniform(0.3, 1),
                evidence=_evidence(paper.title_plain),
                paper_version=1,
            )
            for paper in made
            for concept in chance.sample(concepts, 3)
        ]
        Suggestion.objects.bulk_create(suggestions)
        Screening.objects.bulk_create(
            Screening(
                paper=paper,
                state=Screening.State.WAITING,
                suggester="default-1",
                paper_version=1,
                text_revision=1,
                priority=chance.random(),
                uncertainty=chance.random(),
                mixed=chance.random(),
                rare=chance.random(),
            )
            for paper in made
        )
        counts.add_arrivals(size, newest.date())
        there += size
    vocabulary.forget()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _evidence(title: str) -> dict[str, object]:
    word = title.split()[0]
    spans = [{"field": "title", "start": 0, "end": len(word), "weight": 1.0}]
    return {"spans": spans, "signals": {"lexical": 0.9}, "vocabulary": 1}


def _signed_in(name: str) -> str:
    """The session key of a curator of that name."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from taxonomy import people  # noqa: PLC0415

    client = Client()
    client.force_login(people.create_curator(name), "taxonomy.people.backend.Members")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _copy() -> None:
    import psycopg  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from config import embedded  # noqa: PLC0415

    connection.close()
    at = embedded.conninfo(HOME, "postgres")
    with psycopg.connect(**at, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {COPY} TEMPLATE kadai")


def _wait(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), OPENER.open(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer")
