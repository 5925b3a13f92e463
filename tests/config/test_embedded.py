"""The embedded PostgreSQL: starts once, survives kill -9, says what is wrong."""

import os
import shutil
import signal
import threading
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from config import embedded


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a running server of its own."""
    folder = tmp_path_factory.mktemp("home")
    embedded.ensure_running(folder)  # durable, as in use
    yield folder
    embedded.stop(folder)


def ask(home, question):
    with psycopg.connect(make_conninfo(**embedded.conninfo(home)), autocommit=True) as found:
        return found.execute(question).fetchone()[0]


def postmaster(home):
    return int((embedded.data_dir(home) / "postmaster.pid").read_text().split("\n")[0])


def test_the_server_is_a_recent_one_with_the_database_made(home):
    assert ask(home, "SELECT current_setting('server_version_num')::int >= 160000")
    assert ask(home, "SELECT current_database()") == "kadai"


def test_nobody_outside_can_reach_it(home):
    assert ask(home, "SELECT current_setting('listen_addresses')") == ""
    assert embedded.socket_dir(home).stat().st_mode & 0o077 == 0


def test_asking_again_starts_no_second_server(home):
    before = postmaster(home)
    embedded.ensure_running(home)
    assert postmaster(home) == before


def test_after_kill_9_it_is_started_again_and_what_was_committed_is_there(home):
    with psycopg.connect(make_conninfo(**embedded.conninfo(home)), autocommit=True) as found:
        found.execute("CREATE TABLE kept (n int)")
        found.execute("INSERT INTO kept VALUES (7)")
    os.kill(postmaster(home), signal.SIGKILL)
    threads = [threading.Thread(target=embedded.ensure_running, args=[home]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ask(home, "SELECT max(n) FROM kept") == 7


def test_alive_follows_the_process(home, tmp_path):
    assert embedded.is_alive(home)
    assert not embedded.is_alive(tmp_path)


def test_another_program_with_the_servers_number_is_not_the_server(tmp_path):
    embedded.data_dir(tmp_path).mkdir()
    (embedded.data_dir(tmp_path) / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not embedded.is_alive(tmp_path)


def test_a_long_home_gets_a_socket_with_a_short_path(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    assert len(str(embedded.socket_dir(deep))) < 90
    assert embedded.socket_dir(tmp_path / "x") != embedded.socket_dir(deep)


def test_a_home_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(embedded.DatabaseUnavailable, match="Set KADAI_HOME to a folder"):
        embedded.ensure_running(blocked / "home")


def test_a_server_that_dies_at_once_shows_its_last_word(home, monkeypatch):
    copy = home.parent / "broken"
    shutil.rmtree(copy, ignore_errors=True)
    monkeypatch.setattr(embedded, "START_TIMEOUT", 1.0)
    embedded.ensure_running(copy, durable=False)
    embedded.stop(copy)
    Path(embedded.data_dir(copy) / "global" / "pg_control").unlink()
    with pytest.raises(embedded.DatabaseUnavailable, match=r"server\.log"):
        embedded.ensure_running(copy, durable=False)
