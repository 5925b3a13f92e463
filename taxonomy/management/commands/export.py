"""Write the data out as a file."""

import contextlib
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxonomy import people
from taxonomy.interchange import files
from taxonomy.interchange.skos import Site

PROGRESS_EVERY = 1.0  # seconds
ROWS = ("papers", "concepts", "tags")


class Command(BaseCommand):
    help = (
        "Write the data to standard output or a file: the vocabulary as SKOS (skos-ttl, "
        "jsonld), or the papers with their concepts (csv, ndjson, bibtex, ris)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=files.FORMATS)
        parser.add_argument("--output", type=Path, metavar="FILE", help="else standard output")
        parser.add_argument(
            "--what", choices=ROWS, default="papers", help="which rows of csv and ndjson"
        )
        parser.add_argument(
            "--site", metavar="URL", help="root of the concepts' addresses in SKOS"
        )

    def handle(self, **options: Any) -> None:
        form, what, output = options["format"], options["what"], options["output"]
        root = (options["site"] or people.site_url()).rstrip("/") + "/"
        if what == "papers":
            lines = files.export(form, Site(root))
        elif form not in {"csv", "ndjson"}:
            raise CommandError(f"--what {what} goes with csv and ndjson only.")
        else:
            lines = (files.export_tags if what == "tags" else files.export_concepts)(form)
        if output is None:
            with contextlib.suppress(BrokenPipeError):  # the reader has seen enough
                for line in lines:
                    self.stdout.write(line, ending="")
            return
        # Whole or not at all: an interrupted export leaves no half file under that name.
        partial = output.with_name(output.name + ".partial")
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                self._write(file, lines)
            partial.replace(output)
        except OSError as error:
            raise CommandError(f"Cannot write {output}: {error.strerror}.") from error
        finally:
            partial.unlink(missing_ok=True)

    def _write(self, file: Any, lines: Any) -> None:
        shown_at = time.monotonic()
        count = 0
        for count, line in enumerate(lines, start=1):
            file.write(line)
            if time.monotonic() - shown_at > PROGRESS_EVERY:
                self.stderr.write(f"{count} records …\r", ending="")
                sys.stderr.flush()
                shown_at = time.monotonic()
        self.stderr.write(f"{count} records written.")
