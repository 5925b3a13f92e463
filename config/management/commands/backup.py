"""Writes the whole state to one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import backups


class Command(BaseCommand):
    help = (
        "Write database and models to one file. Kadai may run meanwhile. The file holds "
        "hashes of tokens and links, so keep it where only you can read it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="such as kadai-2026-11-24.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"].expanduser().resolve()
        self.stderr.write(f"Writing {file} …")
        try:
            size = backups.write(file)
        except backups.BackupUnusable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {size / 1_000_000:.1f} MB.")
