"""`manage.py import_snapshot`: the bulk load of arXiv's metadata snapshot."""

import signal
import sys
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import Error
from django.utils import timezone

from ingest import loading
from ingest.holding import TakenOver
from ingest.management.terminal import duration
from ingest.models import Harvest
from ingest.selection import Selection
from ingest.snapshot_file import SnapshotFile

INTERRUPTED = 130  # exit code: as by Ctrl-C
ON_TERMINAL, IN_LOG = 1.0, 10.0  # seconds between two lines of progress


class Command(BaseCommand):
    help = (
        "Load arXiv's metadata snapshot: JSON lines as published, plain or gzip, or - for "
        "standard input. Papers that are here are updated where the file has something "
        "newer; what is not wanted or cannot be read is counted. Ctrl-C or a crash loses "
        "nothing: the same command goes on where it stopped. "
        "Exit codes: 0 complete, 1 failed, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="or - for standard input")
        parser.add_argument(
            "--category",
            metavar="CATEGORY",
            nargs="+",
            action="extend",
            default=[],
            help="only papers in one of these: cs.CL, or cs for all of them",
        )
        parser.add_argument("--since", metavar="DATE", help="submitted on or after 2023-01-01")
        parser.add_argument(
            "--match",
            metavar="PHRASES",
            default="",
            help='only with one of these in title or abstract: "language model|LLM"',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        selection = Selection(
            categories=frozenset(
                part for text in options["category"] for part in text.replace(",", " ").split()
            ),
            since=_parse_day(options["since"]),
            match=options["match"].strip(),
        )
        try:
            file = SnapshotFile.open(options["file"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        signal.signal(signal.SIGTERM, _as_ctrl_c)
        try:
            _load(file, selection, self.stdout)
        finally:
            file.close()


def _load(file: SnapshotFile, selection: Selection, out: OutputWrapper) -> None:
    try:
        run = loading.begin(file, selection)
    except loading.Held as held:
        raise CommandError(str(held)) from held
    load = loading.Load(run, file, selection)
    progress = Progress(load, out)
    try:
        load.work(progress.beat)
    except KeyboardInterrupt:
        progress.say(
            f"stopped at line {load.run.cursor_start:,}. The same command goes on from there.",
            last=True,
        )
        sys.exit(INTERRUPTED)
    except TakenOver as taken:
        raise CommandError(
            "The load was stopped from elsewhere, or another process goes on with it."
        ) from taken
    except OSError as error:
        raise CommandError(f"{file.name}: {error.strerror}.") from error
    except Error as error:
        raise CommandError(
            f"The database gave up: {error} The same command goes on from where it stopped."
        ) from error
    progress.say(progress.outcome(), last=True)
    if load.run.state != Harvest.State.DONE:
        raise CommandError("The load did not end well; see above.")


class Progress:
    """Lines a second and the time left, by the bytes of the file that were read."""

    def __init__(self, load: loading.Load, out: OutputWrapper) -> None:
        self.load, self.out = load, out
        self.live = bool(out.isatty())
        self.began = self.said = time.monotonic()
        self.had = load.run.received
        self.had_bytes: int | None = None
        if load.run.cursor_start:
            self.say(f"going on at line {load.run.cursor_start:,}", last=True)

    def beat(self) -> None:
        """Called every second; says something when it is time to."""
        now = time.monotonic()
        run, file = self.load.run, self.load.file
        if self.had_bytes is None and run.received > self.had:
            self.had_bytes, self.began = file.position, now  # what was passed over is no work
            self.had = run.received
        if now - self.said >= (ON_TERMINAL if self.live else IN_LOG):
            self.said = now
            self.say(self.progress(now))

    def progress(self, now: float) -> str:
        run, file = self.load.run, self.load.file
        seconds = max(now - self.began, 0.001)
        parts = [
            f"{run.received:,} papers",
            f"{(run.received - self.had) / seconds:,.0f} a second",
        ]
        if file.size:
            parts[0] += f" ({100 * file.position // file.size} %)"
            read = file.position - (self.had_bytes or file.position)
            if read > 0:
                left = (file.size - file.position) * seconds / read
                parts.append(f"about {duration(left)} left")
        return ", ".join(parts)

    def outcome(self) -> str:
        run = self.load.run
        account = (
            f"{run.new:,} new, {run.updated:,} updated, {run.unchanged:,} unchanged, "
            f"{run.skipped:,} not wanted, {run.refused:,} refused"
        )
        if run.state == Harvest.State.DONE:
            return f"complete: {run.received:,} papers ({account})"
        return f"{run.get_state_display()} at {run.received:,} papers ({account}): {run.error}"

    def say(self, line: str, last: bool = False) -> None:
        """One line that renews itself on a terminal; elsewhere a line each time."""
        text = f"{self.load.file.name}: {line}"
        if self.live:
            self.out.write(f"\r\033[K{text}", ending="\n" if last else "")
        else:
            self.out.write(text)
        self.out.flush()


def _parse_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since: {text!r} is no date. Write it as 2023-01-31.") from None
    if day > timezone.now().date():
        raise CommandError(f"--since: {day} lies in the future.")
    return day


def _as_ctrl_c(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
