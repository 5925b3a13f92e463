"""`manage.py pull`: harvests from the arXiv API now, in the foreground."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ingest import harvest
from ingest.management.terminal import Foreground, parse_day, stop_as_by_ctrl_c
from ingest.models import Harvest, Query, Way


class Command(BaseCommand):
    help = (
        "Pull papers from arXiv's search API: of one query, or of all that are enabled. "
        "Without --since, what is new since the last pull (the first time: of 30 days). "
        "Ctrl-C or a crash loses nothing: the same command goes on where it stopped. "
        "Exit codes: 0 complete, 1 failed, 75 arXiv cannot be reached, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--query", metavar="NAME", help="the query's name")
        parser.add_argument("--since", metavar="DATE", help="submitted on or after 2025-06-01")
        parser.add_argument("--until", metavar="DATE", help="submitted on or before")
        parser.add_argument("--max", metavar="N", help="at most so many papers, oldest first")

    def handle(self, *args: Any, **options: Any) -> None:
        since = parse_day("--since", options["since"])
        until = parse_day("--until", options["until"], end=True)
        limit = parse_limit(options["max"])
        require_window(since, until)
        stop_as_by_ctrl_c()
        runs = []
        for query in find_queries(options["query"]):
            run = harvest.begin(
                query,
                trigger=Harvest.Trigger.COMMAND,
                since=since,
                until=until,
                limit=limit,
            )
            runs.append(Foreground(self, run).to_the_end())
        if bad := [run for run in runs if run.state != Harvest.State.DONE]:
            raise CommandError(f"{len(bad)} of {len(runs)} runs did not end well; see above.")


def find_queries(name: str | None) -> list[Query]:
    searches = Query.objects.filter(way=Way.SEARCH)
    if name is None:
        found = list(searches.filter(enabled=True))
        if not found:
            raise CommandError("No query is enabled. Name one with --query.")
        return found
    found = list(searches.filter(slug=name)) or list(searches.filter(name=name))
    if not found:
        known = ", ".join(searches.values_list("slug", flat=True)) or "none"
        raise CommandError(f"--query: there is no query {name!r}. There are: {known}.")
    return found


def parse_limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10_000_000:
        raise CommandError(f"--max: {text!r} is no number of papers from 1 to 10,000,000.")
    return int(text)


def require_window(since: datetime | None, until: datetime | None) -> None:
    if since and since > timezone.now():
        raise CommandError(f"--since: {since:%Y-%m-%d} lies in the future.")
    if until and since is None:
        raise CommandError("--until: needs --since, the other end of the window.")
    if since and until and since > until:
        raise CommandError(
            f"--since: {since:%Y-%m-%d} is after --until {until:%Y-%m-%d}. Swap them."
        )
