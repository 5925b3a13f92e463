"""`manage.py harvest_oai`: harvests over OAI-PMH now, in the foreground."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.utils import timezone

from ingest import harvest
from ingest.management.terminal import Foreground, parse_day, stop_as_by_ctrl_c
from ingest.models import Harvest, Query, Way
from ingest.oai import EARLIEST, PREFIXES, require_set


class Command(BaseCommand):
    help = (
        "Harvest records from arXiv over OAI-PMH: of one set, or of all. "
        "Days are those on which a record last changed, not when its paper was submitted. "
        "Without --from, what has changed since the last such harvest (the first time: all). "
        "Ctrl-C or a crash loses nothing: the same command goes on where it stopped. "
        "Exit codes: 0 complete, 1 failed, 75 arXiv cannot be reached, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--set", metavar="SET", help="cs, cs:cs or cs:cs:CL")
        parser.add_argument("--from", metavar="DATE", help="changed on or after 2025-06-01")
        parser.add_argument("--until", metavar="DATE", help="changed on or before")
        parser.add_argument(
            "--format",
            choices=PREFIXES,
            default=PREFIXES[0],
            help="arXivRaw knows versions and what is withdrawn, arXiv has names apart",
        )
        parser.add_argument(
            "--match",
            metavar="PHRASES",
            default="",
            help='of new papers only those with one of these: "language model|LLM"',
        )
        parser.add_argument(
            "--known-only", action="store_true", help="refresh what is here, take in no others"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        since = parse_day("--from", options["from"])
        until = parse_day("--until", options["until"], end=True)
        require_days(since, until)
        wanted = {
            "way": Way.OAI,
            "search": parse_set(options["set"]),
            "match": parse_match(options["match"]),
            "known_only": options["known_only"],
        }
        query = Query(**wanted, watermark=None if until else reached(wanted))
        stop_as_by_ctrl_c()
        run = harvest.begin(
            query,
            trigger=Harvest.Trigger.COMMAND,
            since=since,
            until=until,
            prefix=options["format"],
        )
        run = Foreground(self, run).to_the_end()
        if run.state != Harvest.State.DONE:
            raise CommandError("The run did not end well; see above.")


def reached(wanted: dict[str, Any]) -> datetime | None:
    """When, by arXiv's clock, everything of it was here; None: never."""
    runs = Harvest.objects.filter(window=Harvest.WHOLE, state=Harvest.State.DONE, **wanted)
    at: datetime | None = runs.aggregate(at=Max("responded_at"))["at"]
    return at


def parse_set(text: str | None) -> str:
    if text is None:
        return ""
    try:
        return require_set(text)
    except ValueError as error:
        raise CommandError(f"--set: {error}") from None


def parse_match(text: str) -> str:
    longest = Query._meta.get_field("match").max_length or 0
    if len(text) > longest:
        raise CommandError(f"--match: {len(text)} characters; at most {longest} can be kept.")
    return text


def require_days(since: datetime | None, until: datetime | None) -> None:
    earliest = datetime(EARLIEST.year, EARLIEST.month, EARLIEST.day, tzinfo=UTC)
    for option, day in (("--from", since), ("--until", until)):
        if day and day < earliest:
            raise CommandError(
                f"{option}: {day:%Y-%m-%d} is before {EARLIEST}, the oldest day there is."
            )
    if since and since > timezone.now():
        raise CommandError(f"--from: {since:%Y-%m-%d} lies in the future.")
    if since and until and since > until:
        raise CommandError(
            f"--until: {until:%Y-%m-%d} is before --from {since:%Y-%m-%d}. Swap them."
        )
