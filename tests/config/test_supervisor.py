"""The supervisor: restarts what dies, leaves nothing behind."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from config.supervisor import Supervisor

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def wait_until(condition, limit=15.0):
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def running(tmp_path, monkeypatch):
    """A supervisor at work in a thread, with two children; stopped in the end."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # only the main thread may
    supervisor = Supervisor(tmp_path / "children.json", os.environ, output=io.StringIO())
    supervisor.add("one", SLEEP)
    supervisor.add("two", SLEEP)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: supervisor.output.getvalue().count("│ up") == 2)
    yield supervisor
    supervisor.request_stop()
    thread.join(20)
    assert not thread.is_alive()


def pids(supervisor):
    return [child.process.pid for child in supervisor.children if child.process]


def test_logs_are_prefixed_with_the_childs_name(running):
    assert "    one │ up\n" in running.output.getvalue()


def test_a_killed_child_is_started_again(running):
    first = pids(running)[0]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: running.output.getvalue().count("│ up") == 3)
    assert first not in pids(running)
    assert "one ended (killed by SIGKILL); restart in 0 s" in running.output.getvalue()


def test_stopping_leaves_no_process_and_no_record(running):
    children = pids(running)
    running.request_stop()
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in children))
    wait_until(lambda: not running.record.exists())


def test_a_child_that_keeps_failing_is_restarted_ever_later(tmp_path, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    supervisor = Supervisor(tmp_path / "children.json", os.environ, output=io.StringIO())
    supervisor.add("bad", [sys.executable, "-c", "raise SystemExit(3)"])
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_until(lambda: "restart in 1 s" in supervisor.output.getvalue())
    supervisor.request_stop()
    thread.join(20)
    assert "bad ended (exit code 3); restart in 0 s" in supervisor.output.getvalue()


def test_what_a_killed_supervisor_left_is_stopped_by_the_next(tmp_path):
    left = subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL, start_new_session=True)
    born = psutil.Process(left.pid).create_time()
    record = tmp_path / "children.json"
    record.write_text(json.dumps([[left.pid, born], [os.getpid(), 1.0]]))
    supervisor = Supervisor(record, os.environ, output=io.StringIO())
    assert supervisor.stop_leftovers() == [left.pid]  # our own pid was born another day
    assert left.wait(10) == -signal.SIGKILL


def test_children_end_with_a_killed_supervisor(tmp_path):
    code = (
        "import os, pathlib, sys\n"
        "from config.supervisor import Supervisor\n"
        f"s = Supervisor(pathlib.Path({str(tmp_path / 'c.json')!r}), os.environ)\n"
        "s.add('one', [sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True);"
        " time.sleep(60)'])\n"
        "s.run()\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child = int(supervisor.stdout.readline().split()[-1])
    supervisor.kill()
    supervisor.wait(10)
    supervisor.stdout.close()
    wait_until(lambda: not psutil.pid_exists(child))
