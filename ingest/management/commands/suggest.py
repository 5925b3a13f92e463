"""`manage.py suggest [--all]`."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ingest.suggest import run


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
        began, said, done = time.monotonic(), time.monotonic(), 0
        try:
            while handled := run.suggest_batch():
                done += handled
                if time.monotonic() - said > 2:
                    said = time.monotonic()
                    self.stderr.write(f"{done} papers, {done / (said - began):.0f} a second")
        except KeyboardInterrupt:
            self.stderr.write("Stopped; the rest waits and is taken up next time.")
        self.stdout.write(f"Suggested for {done} papers.")
