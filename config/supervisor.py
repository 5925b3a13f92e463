"""Keeps a few processes running and their logs readable; nothing of Django in here."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

STOP_TIMEOUT = 15.0  # seconds from the polite signal to the other one
CALM_AFTER = 10.0  # seconds of life after which a restart counts as the first again
LONGEST_WAIT = 30.0  # seconds between two restarts of a child that keeps failing
COLOURS = ("\033[36m", "\033[35m", "\033[33m", "\033[32m")
RESET = "\033[0m"


@dataclass
class Child:
    """A command that should be running, and what became of its last process."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0
    colour: str = ""


@dataclass
class Supervisor:
    """Starts children, restarts those that die, stops all of them in the end.

    `watch` is called about once a second, for what else has to be kept alive. `record` is a
    file with the children's pids: what a killed supervisor left running is stopped by the
    next one.
    """

    record: Path
    environment: Mapping[str, str]
    watch: Callable[[], None] = lambda: None
    output: IO[str] = field(default_factory=lambda: sys.stdout)
    children: list[Child] = field(default_factory=list)
    _stopping: bool = False
    _write: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, command: list[str]) -> None:
        colour = COLOURS[len(self.children) % len(COLOURS)] if self.output.isatty() else ""
        self.children.append(Child(name, command, colour=colour))

    def say(self, name: str, line: str, colour: str = "") -> None:
        end = RESET if colour else ""
        with self._write, contextlib.suppress(OSError, ValueError):
            self.output.write(f"{colour}{name:>7}{end} │ {line}\n")
            self.output.flush()

    def stop_leftovers(self) -> list[int]:
        """End what an earlier supervisor left behind, if those are still its processes."""
        try:
            left = json.loads(self.record.read_text())
        except (OSError, ValueError):
            return []
        ended = []
        for pid, born in left:
            with contextlib.suppress(psutil.Error):
                if abs(psutil.Process(pid).create_time() - born) < 1:
                    _end_group(pid)
                    ended.append(pid)
        self.record.unlink(missing_ok=True)
        return ended

    def request_stop(self, *_: object) -> None:
        self._stopping = True

    def run(self, on_started: Callable[[], None] = lambda: None) -> None:
        """Keep everything running until SIGINT, SIGTERM or SIGHUP; then stop it all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.request_stop)
        try:
            for child in self.children:
                self._start(child)
            on_started()
            while not self._stopping:
                for child in self.children:
                    self._check(child)
                self.watch()
                time.sleep(0.5)
        finally:
            self.say("kadai", "stopping …")
            self._stop_all()
            self.record.unlink(missing_ok=True)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # Ctrl-C reaches the supervisor alone
            preexec_fn=_die_with_parent,
        )
        child.started = time.monotonic()
        threading.Thread(target=self._relay, args=[child, child.process], daemon=True).start()
        self._write_record()

    def _check(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            code = child.process.returncode
            _end_group(child.process.pid)
            child.failures = 0 if now - child.started > CALM_AFTER else child.failures + 1
            wait = min(LONGEST_WAIT, 2.0 ** max(0, child.failures - 1) - 1)
            child.not_before = now + wait
            child.process = None
            self.say("kadai", f"{child.name} ended ({_reason(code)}); restart in {wait:.0f} s")
        if child.process is None and now >= child.not_before:
            self._start(child)

    def _relay(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.say(child.name, line.decode(errors="replace").rstrip(), child.colour)

    def _write_record(self) -> None:
        pids = []
        for child in self.children:
            if child.process is not None:
                with contextlib.suppress(psutil.Error):
                    born = psutil.Process(child.process.pid).create_time()
                    pids.append((child.process.pid, born))
        with contextlib.suppress(OSError):
            self.record.write_text(json.dumps(pids))

    def _stop_all(self) -> None:
        running = [c.process for c in self.children if c.process is not None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        for process in running:
            _end_group(process.pid)
            process.wait()


def _die_with_parent() -> None:
    """Ask Linux to end this process when the supervisor is killed (prctl(2))."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _end_group(pid: int) -> None:
    """Kill what is left of a child's process group; its leader is ours, by its pid."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _reason(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
