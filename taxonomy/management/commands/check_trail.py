"""Checks that no decision was changed, removed or put in since it was sealed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxonomy import sealing
from taxonomy.errors import HeadInvalid
from taxonomy.sealing import Head

BROKEN = 1  # exit code


class Command(BaseCommand):
    help = (
        "Seal the decisions that are new, then check the chain of seals over all decisions. "
        "Prints the number of each one that was changed, removed or put in, and the head of "
        "the chain. Keep the head elsewhere and hand it to --head later: then even who "
        "rewrites the whole chain is found. Exit code 1 if anything is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", metavar="NUMBER:DIGEST", help="a head that was printed before"
        )
        parser.add_argument("--no-seal", action="store_true", help="check only, write nothing")

    def handle(self, **options: Any) -> None:
        try:
            pinned = Head.parse(options["head"]) if options["head"] else None
        except HeadInvalid as error:
            raise CommandError(str(error)) from error
        if not options["no_seal"]:
            sealing.seal()
        faults = 0
        for finding in sealing.check(pinned, self._show):
            faults += 1
            self.stdout.write(f"decision {finding.decision}: {finding.fault}")
        if waiting := sealing.unsealed():
            self.stdout.write(f"not sealed yet: {waiting}")
        self.stdout.write(f"head {sealing.head()}")
        if faults:
            self.stderr.write(self.style.ERROR(f"The trail is broken, faults: {faults}."))
            sys.exit(BROKEN)
        self.stdout.write(self.style.SUCCESS("The trail is whole."))

    def _show(self, seals: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{seals} seals checked …", ending="")
