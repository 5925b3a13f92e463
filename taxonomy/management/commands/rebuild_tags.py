"""Makes tags and counters anew from the decisions."""

from typing import Any

from django.core.management.base import BaseCommand

from taxonomy import projection


class Command(BaseCommand):
    help = (
        "Make the tags and their counters anew from the trail of decisions. Where all is "
        "well, nothing changes; what was not as it should be is put right and counted. May be "
        "interrupted and run again, while curators go on."
    )

    def handle(self, **options: Any) -> None:
        corrected = projection.rebuild(self._show)
        self.stdout.write(f"Tags put right: {corrected}.")

    def _show(self, papers: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{papers} papers …", ending="")
