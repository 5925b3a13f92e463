"""`manage.py audit_gaps`: what of a set is missing here is listed and fetched, now."""

import re
import sys
import time
from argparse import ArgumentParser
from datetime import UTC
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ingest import audit, coverage, holding
from ingest.management.terminal import (
    GIVE_UP_AFTER,
    INTERRUPTED,
    UNREACHABLE,
    failing_for,
    stop_as_by_ctrl_c,
)
from ingest.models import Audit, Gap, Harvest
from ingest.oai import require_set

SHOWN = 20  # papers that cannot be had; the page has them all


class Command(BaseCommand):
    help = (
        "Compare what arXiv lists of an OAI-PMH set in a range of numbers with what is here, "
        "fetch what is missing and mark what is deleted. Without --from and --to, over what "
        "the runs of enabled queries have covered, two months at most; with them, over whole "
        "months, and every paper of the set there is fetched. Ctrl-C or a crash loses nothing: "
        "the same command goes on. Exit codes: 0 nothing is missing any more, 1 something is, "
        "75 arXiv cannot be reached, 130 interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--set", metavar="SET", help="such as cs:cs:CL; without: all covered"
        )
        parser.add_argument("--from", metavar="YYMM", dest="first", help="first month: 2506")
        parser.add_argument("--to", metavar="YYMM", dest="last", help="last month")
        parser.add_argument(
            "--no-fetch", action="store_true", help="list what is missing, fetch nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        months = parse_months(options["first"], options["last"])
        specs = find_sets(options["set"], months)
        stop_as_by_ctrl_c()
        missing = 0
        for spec in specs:
            found = audit.begin(
                spec,
                trigger=Harvest.Trigger.COMMAND,
                months=months,
                fetches=not options["no_fetch"],
            )
            missing += Watched(self, found).to_the_end()
        if missing:
            what = "1 paper is" if missing == 1 else f"{missing:,} papers are"
            raise CommandError(f"{what} missing; see above.")


class Watched:
    """One audit on the terminal: worked on here, or followed while another process has it."""

    def __init__(self, command: BaseCommand, found: Audit) -> None:
        self.out = command.stdout
        self.audit = found
        self.mine = False
        self.said = ""

    def to_the_end(self) -> int:
        """How many papers are still missing then."""
        if self.audit.asked:
            self.say(f"going on after {self.audit.asked:,} requests")
        try:
            while self.audit.is_running:
                self.one_step()
                self.say(self.progress())
        except KeyboardInterrupt:
            self.stop("interrupted on the command line", INTERRUPTED)
        self.say(self.outcome())
        for gap in self.audit.gaps.filter(state=Gap.State.LOST).order_by("arxiv_id")[:SHOWN]:
            self.say(f"{gap.arxiv_id} cannot be had: {gap.reason}")
        if self.audit.state != Harvest.State.DONE:
            raise CommandError(f"{self.audit.spec}: {self.audit.error}")
        return self.audit.open + self.audit.lost

    def one_step(self) -> None:
        found = audit.claim(self.audit.pk, self.audit.step if self.mine else None)
        self.mine = found is not None
        try:
            if found is None:
                time.sleep(1)
                self.audit.refresh_from_db()
                return
            self.audit = found
            audit.advance(found)
            self.wait()
        except holding.TakenOver:
            self.mine = False

    def wait(self) -> None:
        """Until the moment that the pace has named, with signs of life."""
        while self.audit.is_waiting:
            self.say(self.progress())
            if failing_for() > GIVE_UP_AFTER:
                self.stop(self.audit.error, UNREACHABLE)
            time.sleep(1)
            holding.keep(self.audit)

    def stop(self, why: str, code: int) -> NoReturn:
        if self.mine:
            audit.interrupt(self.audit, why)
        self.say(f"stopped ({why}). The same command goes on from there.")
        sys.exit(code)

    def progress(self) -> str:
        found = self.audit
        if found.compared_at is None:
            line = f"{found.passed:,} identifiers listed, {len(found.ids):,} in the range"
        else:
            line = (
                f"{found.listed:,} listed, {found.here:,} here, {found.missing:,} missing, "
                f"{found.settled:,} of them settled"
            )
        if found.is_running and not self.mine:
            return f"{line}; another process is on it, following"
        if found.is_waiting and found.not_before:
            at = found.not_before.astimezone(UTC)
            return f"{line}; waiting until {at:%H:%M:%S} UTC: {found.error}"
        return f"{line}; {found.error}, asking again" if found.error else line

    def outcome(self) -> str:
        found = self.audit
        left_out = f", {found.left_out:,} left out (submitted before the runs)"
        return (
            f"{found.get_state_display()}: {found.listed:,} listed, {found.here:,} here, "
            f"{found.missing:,} missing: {found.fetched:,} fetched, "
            f"{found.lost:,} not to be had{left_out if found.left_out else ''}; "
            f"{found.removed:,} marked as deleted, "
            f"{found.unlisted:,} here that arXiv does not list; {found.asked:,} requests"
        )

    def say(self, line: str) -> None:
        if line != self.said:
            self.said = line
            found = self.audit
            self.out.write(f"{found.spec} {found.first} to {found.last}: {line}")
            self.out.flush()


def find_sets(spec: str | None, months: tuple[str, str] | None) -> list[str]:
    if spec is not None:
        try:
            require_set(spec)
        except ValueError as error:
            raise CommandError(f"--set: {error}") from None
        if months is None and spec not in coverage.sets():
            raise CommandError(
                f"--set: no run of an enabled query has covered {spec} as a whole. "
                "Name the months with --from and --to."
            )
        return [spec]
    found = sorted(coverage.sets())
    if not found:
        raise CommandError(
            "No enabled query takes in a whole set, or none of its runs is done yet. "
            "Name one with --set, --from and --to."
        )
    return found


def parse_months(first: str | None, last: str | None) -> tuple[str, str] | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise CommandError("--from and --to: one needs the other.")
    for option, month in (("--from", first), ("--to", last)):
        if not re.fullmatch(r"[0-9]{2}(?:0[1-9]|1[0-2])", month):
            raise CommandError(f"{option}: {month!r} is no month. Write it as 2506.")
        if not coverage.FIRST_MONTH <= month <= f"{timezone.now():%y%m}":
            raise CommandError(
                f"{option}: numbers begin in {coverage.FIRST_MONTH} and end this month."
            )
    if first > last:
        raise CommandError(f"--from: {first} is after --to {last}. Swap them.")
    return first, last
