"""`manage.py up`: everything that makes the atlas live, under one supervisor."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError as BrokerUnavailable

from config import embedded
from config.celery import look_on
from config.supervisor import Supervisor

LEAST_DISK = 300_000_000  # bytes; a fresh database and its log take about 150 MB
WEB_WORKERS = 2
WEB_THREADS = 4
TASK_PROCESSES = 2
BASE: Path = settings.BASE_DIR


class Command(BaseCommand):
    help = (
        "Start Kadai: the database (unless DATABASE_URL names one), migrations, the taxonomy, "
        "the web server, the Celery worker and its clock. Ctrl-C stops all of it."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        home: Path = settings.KADAI_HOME
        with only_one(home):
            supervisor = Supervisor(home / "children.json", self.environment())
            for pid in supervisor.stop_leftovers():
                self.say(f"stopped process {pid}, left behind by a killed start")
            require_disk(home)
            require_port(settings.KADAI_HOST, settings.KADAI_PORT)
            try:
                self.prepare()
                link = self.login_link()
                connections.close_all()  # the children have their own
                supervisor.watch = self.keep_database
                supervisor.add("web", self.web_command())
                supervisor.add("worker", self.worker_command())
                supervisor.add("beat", self.beat_command())
                supervisor.run(lambda: self.greet(link, began))
            finally:
                if not settings.DATABASE_URL:
                    embedded.stop(home)
        self.say("stopped.")

    def prepare(self) -> None:
        """Bring database, taxonomy and static files to this version of the code."""
        if not settings.DATABASE_URL:
            self.say(f"database: {embedded.data_dir(settings.KADAI_HOME)}")
            try:
                embedded.ensure_running(settings.KADAI_HOME)
            except embedded.DatabaseUnavailable as error:
                raise CommandError(str(error)) from error
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer: {str(error).strip()} Check DATABASE_URL."
            ) from error
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("migrating …")
            call_command("migrate", interactive=False, verbosity=0)
        from taxonomy import people  # noqa: PLC0415  (models, once they may be asked)
        from taxonomy.models import Concept  # noqa: PLC0415

        people.sync_roles()
        if not Concept.objects.exists():  # a new database in a home that is not
            (settings.KADAI_HOME / "taxonomy.digest").unlink(missing_ok=True)
        self.once_per_digest("taxonomy", BASE / "taxonomy" / "data", self.load_taxonomy)
        self.once_per_digest("static", BASE / "static", self.collect_static)

    def load_taxonomy(self) -> None:
        call_command("load_taxonomy", stdout=self.stdout)

    def collect_static(self) -> None:
        self.say("collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0)

    def once_per_digest(self, name: str, folder: Path, action: Any) -> None:
        """Do `action` unless it was done for just these files in this database before."""
        mark = settings.KADAI_HOME / f"{name}.digest"
        digest = digest_of(folder)
        if not (mark.exists() and mark.read_text() == digest):
            action()
            mark.write_text(digest)

    def login_link(self) -> str:
        """Empty if somebody closed the account that it is for."""
        from taxonomy import people  # noqa: PLC0415  (models, only once the database is there)
        from taxonomy.errors import AccountClosed  # noqa: PLC0415

        # Who starts it owns it, until somebody else may give roles.
        role = people.Role.CURATOR if people.has_admin() else people.Role.ADMIN
        try:
            user = people.create_curator("curator", role)
        except AccountClosed:
            return ""
        return people.login_url(people.make_login_link(user))

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "KADAI_HOME": str(settings.KADAI_HOME),
            "OMP_NUM_THREADS": "1",  # two task processes share the machine
            "OPENBLAS_NUM_THREADS": "1",
        }

    def web_command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "granian", "config.wsgi:application"),
            *("--interface", "wsgi", "--no-ws", "--http", "1"),
            *("--host", settings.KADAI_HOST, "--port", str(settings.KADAI_PORT)),
            *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
            *("--respawn-failed-workers", "--working-dir", str(BASE)),
            *("--log-level", "warning", "--process-name", "kadai-web"),
        ]

    def worker_command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "celery", "-q", "-A", "config.celery", "worker"),
            *("--concurrency", str(TASK_PROCESSES), "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]

    def beat_command(self) -> list[str]:
        pidfile = ""  # one supervisor, one beat: a pid file would only go stale
        return [
            *(sys.executable, "-m", "celery", "-q", "-A", "config.celery", "beat"),
            *("--loglevel", "WARNING", "--pidfile", pidfile),
        ]

    def keep_database(self) -> None:
        """Start the embedded server again when its process is gone."""
        if settings.DATABASE_URL or embedded.is_alive(settings.KADAI_HOME):
            return
        self.say("the database is gone; starting it again …")
        with contextlib.suppress(embedded.DatabaseUnavailable):
            embedded.ensure_running(settings.KADAI_HOME)
            with contextlib.suppress(BrokerUnavailable):  # then the clock does it
                look_on()

    def greet(self, link: str, began: float) -> None:
        address = f"http://{shown_host()}:{settings.KADAI_PORT}/"
        wait_for(address + "healthz")
        self.say(f"ready in {time.monotonic() - began:.1f} s")
        self.stdout.write(
            f"\n  The atlas   {address}\n  Sign in     {link or address + 'login/'}"
        )
        hint = (
            "a curator's link: works once, for one hour"
            if link
            else "the account curator is closed; manage.py create_curator NAME makes a link"
        )
        self.stdout.write(f"              ({hint})\n\n")
        self.stdout.flush()

    def say(self, line: str) -> None:
        self.stdout.write(f"  kadai │ {line}")
        self.stdout.flush()


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Refuse to start twice on one home. The lock goes with the process, however it ends."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "up.lock").open("a+")
    except OSError as error:
        raise CommandError(
            f"Cannot write to {home} ({error.strerror}). "
            "Set KADAI_HOME to a folder that you may write to."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CommandError(
                f"Kadai runs already on {home} (process {lock.read().strip() or 'unknown'}). "
                "Stop it first, or set KADAI_HOME and KADAI_PORT for a second one."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def require_disk(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < LEAST_DISK:
        raise CommandError(
            f"Only {free // 1_000_000} MB are free where {home} lies; Kadai needs "
            f"{LEAST_DISK // 1_000_000} MB. Free some space or set KADAI_HOME to another disk."
        )


def require_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}). Set KADAI_PORT (or "
                "KADAI_HOST) to something free, for example: KADAI_PORT=8001 make up"
            ) from error


def digest_of(folder: Path) -> str:
    """Changes when any file below does (name, size or time), or the database is another."""
    digest = hashlib.sha256(str(settings.DATABASES["default"]).encode())
    for path in sorted(folder.rglob("*")):
        stat = path.stat()
        digest.update(f"{path}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    digest.update((BASE / "requirements" / "base.txt").read_bytes())
    return digest.hexdigest()


def shown_host() -> str:
    host = str(settings.KADAI_HOST)
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)


def wait_for(url: str, limit: float = 60.0) -> None:
    """Return when `url` answers, or after `limit` seconds."""
    deadline = time.monotonic() + limit
    # A proxy in the environment must not be asked for our own address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError), opener.open(url, timeout=2):
            return
        time.sleep(0.1)
