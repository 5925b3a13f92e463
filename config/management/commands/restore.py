"""Brings the state in a backup back."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config import backups
from taxonomy import vocabulary


class Command(BaseCommand):
    help = (
        "Bring back what `backup` wrote: all of it or, if anything fails, nothing. A backup of "
        "older code is migrated. Running processes go on with the restored state."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="even where there are papers already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"].expanduser().resolve()
        self.stderr.write(f"Restoring {file} …")
        try:
            manifest = backups.read(file, replace=options["replace"])
        except backups.BackupUnusable as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        connections.close_all()
        call_command("migrate", interactive=False, verbosity=0)
        vocabulary.touch()  # its number may have been here before with another content
        self.stdout.write(f"Restored the state of {manifest['made_at']}.")
