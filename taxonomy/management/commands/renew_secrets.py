"""Puts the secrets of second factors under the present key."""

from typing import Any

from django.core.management.base import BaseCommand

from taxonomy.people import encryption


class Command(BaseCommand):
    help = (
        "Encrypt what authenticator apps and recovery codes rest on with DJANGO_SECRET_KEY. "
        "Run it after that was changed, with the former one in DJANGO_SECRET_KEY_FALLBACKS; "
        "then the former one can go. May be interrupted and run again."
    )

    def handle(self, **options: Any) -> None:
        changed, unreadable = encryption.renew_all()
        self.stdout.write(f"Second factors under the present key now: {changed}.")
        if unreadable:
            self.stderr.write(
                f"Not to be read with any key that is given: {unreadable}. Their owners need "
                "another way in, or a login link."
            )
