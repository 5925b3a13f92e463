"""Who may do what: the only place that says so. Each role may what the one before it may.

A role is a Django group of the same name, kept in step with this module by `manage.py
sync_roles`. An account has one role; without a group it is a reader.
"""

from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from taxonomy.errors import LastAdmin
from taxonomy.models import Invitation, User


class Role(StrEnum):
    """From the fewest rights to the most."""

    READER = "reader"
    CURATOR = "curator"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return str(LABELS[self])

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    @property
    def enters_admin(self) -> bool:
        """Whether Django's admin opens for it."""
        return self.rank >= Role.EDITOR.rank


LABELS = {
    Role.READER: _("Reader"),
    Role.CURATOR: _("Curator"),
    Role.EDITOR: _("Editor"),
    Role.ADMIN: _("Admin"),
}

VOCABULARY = "concept collection link edition".split()
LOOKED_AT = "conceptchange paper decision tag".split()

# What each role adds to the one before, as "app.codename".
ADDS: dict[Role, list[str]] = {
    Role.READER: ["taxonomy.add_comment"],
    Role.CURATOR: ["taxonomy.add_decision", "ingest.change_query"],
    Role.EDITOR: [
        "taxonomy.revert_decision",
        "taxonomy.hide_comment",
        "taxonomy.change_secondreading",
        "taxonomy.add_invitation",
        *(
            f"taxonomy.{verb}_{noun}"
            for noun in VOCABULARY
            for verb in ("view", "add", "change")
        ),
        *(
            f"taxonomy.{verb}_{part}"
            for part in "conceptlabel concepttext collectionlabel collectionmember".split()
            + "linktext linkevidence".split()
            for verb in ("view", "add", "change", "delete")
        ),
        *(f"taxonomy.view_{noun}" for noun in LOOKED_AT),
    ],
    Role.ADMIN: [
        "taxonomy.give_role",
        "taxonomy.view_user",
        "taxonomy.view_apitoken",
        "taxonomy.change_apitoken",
    ],
}


def permissions_of(role: Role) -> frozenset[str]:
    """Every permission of the role, as "app.codename"."""
    return frozenset(name for lower in Role if lower.rank <= role.rank for name in ADDS[lower])


@transaction.atomic
def sync_roles() -> None:
    """Make the groups what this module says: adds what is missing, takes away what is more."""
    for role in Role:
        _group(role)


def role_of(user: User) -> Role:
    """The highest of the account's roles; superusers are admins. At most one query."""
    if user.is_superuser:
        return Role.ADMIN
    held = {group.name for group in user.groups.all()}
    return max(
        (role for role in Role if role in held), key=lambda r: r.rank, default=Role.READER
    )


@transaction.atomic
def give_role(user: User, role: Role) -> User:
    """The one role of the account from now on. LastAdmin if nobody could give it back."""
    # Two admins who take the role from each other at once must see each other.
    lock_admins()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if role != Role.ADMIN:
        refuse_last_admin(locked)
    if role.rank < role_of(locked).rank:
        Invitation.objects.filter(invited_by=locked).withdraw()
    locked.groups.remove(*Group.objects.filter(name__in=[*Role]))
    locked.groups.add(_group(role))
    locked.is_staff = locked.is_superuser or role.enters_admin
    if role.rank > Role.CURATOR.rank:
        locked.scope = []  # they answer for the whole
    locked.save(update_fields=["is_staff", "scope"])
    return locked


def lock_admins() -> None:
    """Until the transaction ends, nobody else changes who is an admin."""
    Group.objects.get_or_create(name=Role.ADMIN)
    Group.objects.select_for_update(no_key=True).get(name=Role.ADMIN)


def refuse_last_admin(user: User) -> None:
    """LastAdmin if this account is the only one that may give roles."""
    found = _admins()
    if user in found and not found.exclude(pk=user.pk).exists():
        raise LastAdmin(_("Somebody must remain who may give roles: name another admin first."))


def has_admin() -> bool:
    """Whether anybody may give roles."""
    return _admins().exists()


def _admins() -> QuerySet[User]:
    may_give = Q(is_superuser=True) | Q(groups__name=Role.ADMIN)
    return User.objects.filter(may_give, is_active=True).distinct()


def _group(role: Role) -> Group:
    """The role's group with exactly its permissions, as far as their apps are installed."""
    group, _created = Group.objects.get_or_create(name=role)
    wanted = Q(pk__in=[])
    for name in permissions_of(role):
        app, _dot, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    group.permissions.set(Permission.objects.filter(wanted))
    return group
