"""Invitations: a link that makes one account with one role, once."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy.errors import NameTaken, RoleTooHigh
from taxonomy.models import Invitation, User
from taxonomy.models.people import hash_secret, new_secret
from taxonomy.people.roles import Role, give_role, lock_admins, role_of

DAYS = 7


def invite(by: User, role: Role, note: str = "", days: int = DAYS) -> str:
    """The secret of a new invitation. RoleTooHigh: one gives no role above one's own."""
    if role.rank > role_of(by).rank:
        raise RoleTooHigh(_("You cannot invite to a role above your own."))
    secret = new_secret("kadai_invite")
    Invitation.objects.create(
        invited_by=by,
        role=role,
        note=note,
        secret_hash=hash_secret(secret),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return secret


def find_invitation(secret: str) -> Invitation | None:
    """The invitation, if it would still let someone in; nothing is used up.

    It does as long as who made it could make it: not any more when their account is closed.
    """
    usable = Invitation.objects.usable().select_related("invited_by")
    invitation = usable.filter(secret_hash=hash_secret(secret)).first()
    if invitation is None or not _may_invite(invitation.invited_by, Role(invitation.role)):
        return None
    return invitation


def _may_invite(by: User, role: Role) -> bool:
    return by.has_perm("taxonomy.add_invitation") and role.rank <= role_of(by).rank


@transaction.atomic
def accept(secret: str, username: str) -> User | None:
    """The new account, or None if the link is used up. NameTaken leaves it as it was.

    Of two at once, one gets in.
    """
    if find_invitation(secret) is None:
        return None
    lock_admins()  # first, as by whoever closes an account or changes a role meanwhile
    invitation = find_invitation(secret)
    # No join here: PostgreSQL rechecks only this row after it waited for another transaction.
    invitations = Invitation.objects.usable().filter(secret_hash=hash_secret(secret))
    if invitation is None or not invitations.update(used_at=timezone.now()):
        return None
    user = User(username=User.normalize_username(username))
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise NameTaken(_("Somebody has this name already.")) from None
    Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
    return give_role(user, Role(invitation.role))


def withdraw(pk: int) -> bool:
    """Whether the invitation could still have been used; of two at once, one hears yes."""
    return bool(Invitation.objects.filter(pk=pk).withdraw())
