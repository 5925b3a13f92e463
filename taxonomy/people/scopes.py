"""Limiting a curator to some concepts."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from taxonomy.errors import NotLimitable
from taxonomy.models import User
from taxonomy.people.roles import Role, role_of


@transaction.atomic
def set_scope(user: User, concepts: Iterable[int]) -> User:
    """From now on they decide on these concepts and what is narrower; none: on all.

    NotLimitable for whoever is no curator: editors and admins answer for the whole.
    """
    scope = sorted(set(concepts))
    # Against a role that is given at once: whoever is an editor then has no limit.
    locked = User.objects.select_for_update().get(pk=user.pk)
    if scope and role_of(locked) != Role.CURATOR:
        raise NotLimitable(_("Only curators can be limited to some concepts."))
    locked.scope = scope
    locked.save(update_fields=["scope"])
    return locked
