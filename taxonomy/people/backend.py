"""Who a session says somebody is: Django's own backend, in one ready-made query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from taxonomy.models import User


class Members(ModelBackend):
    """Accounts with a password, and their rights as their roles give them."""

    def get_user(self, user_id: Any) -> User | None:
        """The account with its rights, if it may be used at all. One query."""
        user = User.with_rights(user_id)
        return user if self.user_can_authenticate(user) else None
