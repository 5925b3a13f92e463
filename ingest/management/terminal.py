"""A run in the foreground: what the commands that harvest have in common."""

import signal
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from ingest import harvest, holding
from ingest.models import Harvest, Pace, Way

GIVE_UP_AFTER = timedelta(minutes=30)  # without one good answer
INTERRUPTED, UNREACHABLE = 130, 75  # exit codes: as by Ctrl-C, and "try again later"


def duration(seconds: float) -> str:
    """As people say it: 90 s, 14 min."""
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes > 1 else f"{seconds:.0f} s"


class Foreground:
    """One run on the terminal: worked on here, or followed while another process has it."""

    def __init__(self, command: BaseCommand, run: Harvest) -> None:
        self.out = command.stdout
        self.run = run
        self.mine = False
        self.began = time.monotonic()
        self.had = run.received
        self.said = ""
        self.live = bool(self.out.isatty())

    def to_the_end(self) -> Harvest:
        try:
            if self.had or self.run.asked:
                self.say(f"going on at {self.had:,} papers")
            while self.run.is_running:
                try:
                    self.one_page()
                except (InterfaceError, OperationalError) as error:
                    self.wait_for_database(error)
                self.say(self.progress())
        except KeyboardInterrupt:
            self.stop("interrupted on the command line", INTERRUPTED)
        self.say(self.outcome(), last=True)
        return self.run

    def one_page(self) -> None:
        """Go on with the run if it is ours or free; else wait for who has it."""
        run = harvest.claim(self.run.pk, self.run.step if self.mine else None)
        self.mine = run is not None
        try:
            if run is None:
                time.sleep(1)
                self.run.refresh_from_db()
                return
            self.run = run
            harvest.advance(run)
            self.wait()
        except holding.TakenOver:
            self.mine = False

    def wait(self) -> None:
        """Until the moment that the pace has named, with signs of life."""
        while self.run.is_waiting:
            self.say(self.progress())
            if failing_for() > GIVE_UP_AFTER:
                self.stop(self.run.error, UNREACHABLE)
            time.sleep(1)
            holding.keep(self.run)

    def wait_for_database(self, error: Exception) -> None:
        """Until it answers again; nothing of the page was saved, and the run is no one's."""
        self.mine = False
        began = time.monotonic()
        while True:
            connection.close()
            self.say("the database is gone; waiting for it")
            if time.monotonic() - began > GIVE_UP_AFTER.total_seconds():
                raise error
            time.sleep(1)
            try:
                self.run.refresh_from_db()
            except (InterfaceError, OperationalError):
                continue
            return

    def stop(self, why: str, code: int) -> NoReturn:
        if self.mine:
            harvest.interrupt(self.run, why)
        self.say(
            f"stopped at {_count(self.run)} ({why}). The same command goes on from there.",
            last=True,
        )
        sys.exit(code)

    def progress(self) -> str:
        run = self.run
        parts = [_count(run)]
        if run.expected:
            parts[0] += f" ({100 * run.received // run.expected} %)"
        if run.is_running and not self.mine:
            parts.append("another process is on it; following")
        elif run.is_waiting and run.not_before:
            at = timezone.localtime(run.not_before)
            parts.append(f"waiting until {at:%H:%M:%S} UTC: {run.error}")
        elif run.is_running and run.error:
            parts.append(f"{run.error}; asking again")
        elif left := self.seconds_left():
            parts.append(f"about {left:.0f} s left")
        return ", ".join(parts)

    def seconds_left(self) -> float:
        came = self.run.received - self.had
        return self.run.left * (time.monotonic() - self.began) / came if came else 0.0

    def outcome(self) -> str:
        run = self.run
        skipped = f"{run.skipped:,} passed over, " if run.way != Way.SEARCH else ""
        account = (
            f"{run.new:,} new, {run.updated:,} updated, {run.unchanged:,} unchanged, "
            f"{skipped}{run.refused:,} refused; {run.asked:,} requests"
        )
        if run.state == Harvest.State.DONE:
            return f"complete: {run.received:,} papers ({account})"
        return f"{run.get_state_display()} at {_count(run)} ({account}): {run.error}"

    def say(self, line: str, last: bool = False) -> None:
        """One line that renews itself on a terminal; elsewhere a line for every change."""
        if line == self.said and not last:
            return
        self.said = line
        text = f"{self.run.title}: {line}"
        if self.live:
            self.out.write(f"\r\033[K{text}", ending="\n" if last else "")
        else:
            self.out.write(text)
        self.out.flush()


def _count(run: Harvest) -> str:
    of = f" of {run.expected:,}" if run.expected is not None else ""
    return f"{run.received:,}{of} papers"


def failing_for() -> timedelta:
    """How long nothing has come from arXiv, whoever asked."""
    pace = Pace.objects.filter(id=1, failing_since__isnull=False).first()
    if pace is None or pace.failing_since is None:
        return timedelta(0)
    return timezone.now() - pace.failing_since


def stop_as_by_ctrl_c() -> None:
    """SIGTERM stops the command as Ctrl-C does: with a last line, and to be gone on with."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)


def _as_ctrl_c(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def parse_day(option: str, text: str | None, *, end: bool = False) -> datetime | None:
    """The first minute of that day, or the last."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option}: {text!r} is no date. Write it as 2025-06-30.") from None
    hour, minute = (23, 59) if end else (0, 0)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
