"""`manage.py up`: what stops it says what to do; killed or stopped, nothing stays behind."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from django.core.management.base import CommandError

from config.management.commands import up

PROJECT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_port_that_is_taken_is_named_with_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            CommandError, match=rf"Cannot listen on 127\.0\.0\.1:{port}.*KADAI_PORT"
        ):
            up.require_port("127.0.0.1", port)


def test_a_free_port_is_left_free():
    port = free_port()
    up.require_port("127.0.0.1", port)
    up.require_port("127.0.0.1", port)


def test_too_little_disk_is_said_in_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(up, "LEAST_DISK", 10**18)
    with pytest.raises(CommandError, match="Kadai needs 1000000000000 MB"):
        up.require_disk(tmp_path)


def test_a_home_is_used_by_one_start_at_a_time(tmp_path):
    with up.only_one(tmp_path):
        message = rf"runs already on .* \(process {os.getpid()}\)"
        with pytest.raises(CommandError, match=message), up.only_one(tmp_path):
            pass
    with up.only_one(tmp_path):
        pass


def test_a_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CommandError, match="Set KADAI_HOME to a folder"),
        up.only_one(tmp_path / "file" / "home"),
    ):
        pass


def test_the_digest_moves_with_a_file(tmp_path):
    (tmp_path / "a").write_text("1")
    before = up.digest_of(tmp_path)
    assert up.digest_of(tmp_path) == before
    (tmp_path / "a").write_text("22")
    assert up.digest_of(tmp_path) != before


class Running:
    """A real `manage.py up` on a home and port of its own."""

    def __init__(self, home: Path):
        self.port = free_port()
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "KADAI_HOME": str(home),
                "KADAI_PORT": str(self.port),
                "DJANGO_SECRET_KEY": "",
            },
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with self.process.stdout as lines:
            self.lines.extend(lines)

    def wait_for(self, pattern, limit=120.0):
        deadline = time.monotonic() + limit
        while not (found := re.search(pattern, "".join(self.lines))):
            assert time.monotonic() < deadline, "".join(self.lines)
            assert self.process.poll() is None, "".join(self.lines)
            time.sleep(0.1)
        return found

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as page:
            return page.read().decode()

    def family(self):
        found = {}
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # gone, or a zombie: not of the family
                found[process.pid] = " ".join(process.cmdline())
        return found

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self.reader.join(10)


def eventually(condition, limit=40.0):
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(running):
    try:
        return running.get("/readyz") != ""
    except OSError:
        return False


@pytest.fixture
def start():
    """Start `up` on a home; whatever the test leaves running is ended."""
    started = []

    def run(home):
        started.append(Running(home))
        return started[-1]

    yield run
    for running in started:
        if running.process.poll() is None:
            running.stop()


@pytest.mark.celery
def test_it_starts_survives_kills_and_leaves_nothing_behind(tmp_path, start):
    home = tmp_path / "home"
    first = start(home)
    first.wait_for(r"Sign in +http://127\.0\.0\.1:\d+/login/\S+")
    assert "Kadai" in first.get("/")
    for child in ("kadai-web", "celery"):
        before = first.family()
        pid = next(pid for pid, command in before.items() if child in command)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: pid not in first.family() and len(first.family()) >= 3)
    eventually(lambda: answers(first))
    database = int((home / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(database, signal.SIGKILL)
    eventually(lambda: answers(first))

    left = list(first.family())
    first.process.kill()  # the supervisor itself
    first.process.wait(10)
    first.reader.join(20)
    second = start(home)
    second.wait_for(r"ready in [\d.]+ s")
    eventually(lambda: answers(second))
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in left))
    family = list(second.family())
    database = int((home / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    second.stop()
    assert second.process.returncode == 0
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in [*family, database]))
    assert not (home / "postgres" / "postmaster.pid").exists()
