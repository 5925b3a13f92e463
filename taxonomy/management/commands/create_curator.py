"""Makes an account that may decide on papers, and a link that signs it in once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxonomy import people
from taxonomy.errors import AccountClosed


class Command(BaseCommand):
    help = (
        "Make a curator and print a link that signs in once. For a name that is there "
        "already, only a new link is made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the account's name; stands beside its decisions")
        parser.add_argument(
            "--role",
            choices=[*people.Role][1:],
            default=people.Role.CURATOR,
            help="curator, or a role with more rights; none is taken away (default curator)",
        )
        parser.add_argument(
            "--minutes", type=int, default=60, help="how long the link is good for (default 60)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["minutes"] < 1:
            raise CommandError("--minutes must be at least 1.")
        try:
            curator = people.create_curator(options["name"], people.Role(options["role"]))
        except AccountClosed as error:
            raise CommandError(str(error)) from error
        secret = people.make_login_link(curator, options["minutes"])
        self.stderr.write(
            f"{curator} may decide on papers. This link signs in once, "
            f"within {options['minutes']} minutes:"
        )
        self.stdout.write(people.login_url(secret))
