"""Brings the groups of the roles in step with the code."""

from typing import Any

from django.core.management.base import BaseCommand

from taxonomy import people


class Command(BaseCommand):
    help = (
        "Give the groups reader, curator, editor and admin exactly the permissions that "
        "docs/permissions.md lists. Run it after migrate; `up` does."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        people.sync_roles()
