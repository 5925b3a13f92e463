"""Makes a key to the REST API and shows it this once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from taxonomy import people
from taxonomy.errors import AccountClosed
from taxonomy.models import ApiToken


class Command(BaseCommand):
    help = (
        "Print a new API token for an account, once: only its hash is kept. The account is "
        "made if it is missing; for --scope curate or admin it becomes a curator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the account that the token acts for")
        parser.add_argument(
            "--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ.value
        )
        parser.add_argument("--label", default="", help="what it is for (default: the scope)")
        parser.add_argument(
            "--days", type=int, help="days until it expires (default: it does not)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        scope, days = options["scope"], options["days"]
        if days is not None and days < 1:
            raise CommandError("--days must be at least 1.")
        try:
            if scope == ApiToken.Scope.READ:
                user = people.open_account(options["name"])
            else:
                user = people.create_curator(options["name"])
        except AccountClosed as error:
            raise CommandError(str(error)) from error
        secret = people.issue_token(
            user,
            options["label"] or scope,
            scope,
            timezone.now() + timedelta(days=days) if days else None,
        )
        self.stderr.write(f"A token of {user}, scope {scope}. It is not shown again:")
        self.stdout.write(secret)
