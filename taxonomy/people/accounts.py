"""Accounts: made, closed, opened again, deleted."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from taxonomy.errors import AccountClosed
from taxonomy.models import (
    DeskSettings,
    Digest,
    Follow,
    Gathered,
    Invitation,
    Lease,
    Mention,
    Notice,
    SavedView,
    Session,
    Skip,
    Subscription,
    User,
)
from taxonomy.people.names import replace_name
from taxonomy.people.roles import Role, give_role, lock_admins, refuse_last_admin, role_of


@transaction.atomic
def create_curator(username: str, role: Role = Role.CURATOR) -> User:
    """A curator of that name, or higher, made or found; no role is lowered.

    AccountClosed if someone closed the account.
    """
    user = open_account(username)
    return give_role(user, max(role, role_of(user), key=lambda r: r.rank))


def open_account(username: str) -> User:
    """The account of that name, or a new one without a password."""
    user, created = User.objects.get_or_create(username=User.normalize_username(username))
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    if not user.is_active:
        raise AccountClosed(f"The account {username!r} is closed; open it first.")
    return user


@transaction.atomic
def set_active(user: User, active: bool) -> User:
    """Close an account, which signs it out and stops its tokens, or let it in again.

    LastAdmin if nobody could open it again; AccountClosed if it was deleted.
    """
    lock_admins()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.deleted_at:
        raise AccountClosed("A deleted account stays closed.")
    if not active:
        refuse_last_admin(locked)
        Session.objects.filter(user=locked).delete()
        # Opened again, nobody shall come in by a link that was made before.
        Invitation.objects.filter(invited_by=locked).withdraw()
    locked.is_active = active
    locked.save(update_fields=["is_active"])
    return locked


@transaction.atomic
def delete_account(user: User) -> User:
    """Forget who it was. The row stays, without a name: decisions point to it for ever.

    LastAdmin if nobody could give roles any more. Doing it again changes nothing.
    """
    lock_admins()
    # Whoever fills inboxes holds follows and then accounts: let them end first.
    list(Gathered.objects.select_for_update())
    locked = User.objects.select_for_update().get(pk=user.pk)
    refuse_last_admin(locked)
    name = locked.username
    locked.forget()
    locked.groups.clear()
    locked.user_permissions.clear()
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=locked).delete()
    for rows in (locked.api_tokens, locked.login_links, locked.sessions):
        rows.all().delete()
    for model in (Follow, Notice, Mention, Digest, Subscription):
        model.objects.filter(user=locked).delete()
    for model in (Lease, Skip, DeskSettings, SavedView):
        model.objects.filter(curator=locked).delete()
    Invitation.objects.filter(invited_by=locked, used_at__isnull=True).delete()
    Invitation.objects.filter(used_by=locked).update(note="")  # it says whom it was for
    replace_name(name, locked.username)
    return locked
