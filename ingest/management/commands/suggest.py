"""`manage.py suggest [--all]`."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, OutputWrapper

from ingest.management.terminal import duration
from ingest.suggest import run

SECONDS = 5  # between two lines of progress


class Command(BaseCommand):
    help = (
        "Suggest concepts for the papers that wait, or for all again. May be stopped and "
        "started again, and run beside others: no paper is done twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            help="Every paper, also those that have suggestions and those that failed.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            run.wait_again(everything=True)
        progress = Progress(self.stderr)
        done = 0
        try:
            while handled := run.suggest_batch():
                done += handled
                progress.beat()
        except KeyboardInterrupt:
            self.stderr.write("Stopped; the rest waits and is taken up next time.")
        self.stdout.write(f"Suggested for {done} papers.")


class Progress:
    """How far all processes together are, since this one began."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.waited = run.waiting()
        self.began = self.said = time.monotonic()

    def beat(self) -> None:
        """Says something every few seconds."""
        now = time.monotonic()
        if now - self.said >= SECONDS:
            self.said = now
            self.out.write(self.progress(now))

    def progress(self, now: float) -> str:
        """What the others have done counts, too."""
        waiting = run.waiting()
        done = max(self.waited - waiting, 0)
        rate = done / max(now - self.began, 0.001)
        share = 100 * done // max(done + waiting, 1)
        left = f", about {duration(waiting / rate)} left" if rate else ""
        return f"{done:,} papers ({share} %), {rate:,.0f} a second{left}"
