"""Who uses the atlas with a name: accounts, their sessions, links that let in, API tokens."""

import hashlib
import secrets
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from taxonomy.models.composed import fetch

RIGHTS = """
SELECT type.app_label || '.' || permission.codename
FROM auth_permission permission
JOIN django_content_type type ON type.id = permission.content_type_id
WHERE permission.id IN (
    SELECT permission_id FROM taxonomy_user_user_permissions WHERE user_id = account.id
    UNION ALL
    SELECT role.permission_id FROM auth_group_permissions role
    JOIN taxonomy_user_groups member ON member.group_id = role.group_id
    WHERE member.user_id = account.id
)
"""


def hash_secret(secret: str) -> str:
    """SHA-256 in hex: enough for secrets of 256 random bits, which no one can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(prefix: str) -> str:
    """A random secret that says what it is, so that leak scanners know it."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


class User(AbstractUser):
    """An account. The username is shown beside decisions, if its owner lets it."""

    shows_name = models.BooleanField(
        default=True, help_text=_("Readers see the name beside decisions.")
    )

    deleted_at = models.DateTimeField(null=True, editable=False)
    scope = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        editable=False,
        help_text=_("What a curator is limited to, with what is narrower; none: all."),
    )
    unread = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text=_("Entries of the inbox; counted anew whenever some come or are read."),
    )

    class Meta(AbstractUser.Meta):
        permissions = [("give_role", _("Can give and take roles, and close accounts"))]

    def __str__(self) -> str:
        return self.username

    @property
    def public_name(self) -> str:
        """What readers see beside decisions; the number keeps nameless curators apart."""
        if self.shows_name:
            return self.username
        return _("curator %(number)d") % {"number": self.pk}

    @classmethod
    def with_rights(cls, pk: int) -> "User | None":
        """The account, its rights with it. One query."""
        names = [field.attname for field in cls._meta.concrete_fields]
        columns = ", ".join(f"account.{name}" for name in names)
        where = "FROM taxonomy_user account WHERE account.id = %s"
        for *row, rights in fetch(f"SELECT {columns}, ARRAY({RIGHTS}) {where}", pk):
            user = cls.from_db(None, names, row)
            user.rights = frozenset(rights)
            return user
        return None

    @cached_property
    def rights(self) -> frozenset[str]:
        """Permissions given to the account or to a role of it. One query."""
        asked = f"SELECT ARRAY({RIGHTS}) FROM taxonomy_user account WHERE account.id = %s"
        return frozenset(right for (rights,) in fetch(asked, self.pk) for right in rights)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """As Django's own, which asks twice and composes each question anew."""
        if not self.is_active:
            return False
        return self.is_superuser or (obj is None and perm in self.rights)

    def forget(self) -> None:
        """Nothing that says who it was remains in this row, and nobody signs in with it."""
        if self.deleted_at is None:
            self.deleted_at = timezone.now()
        self.username = f"deleted-{self.pk}"
        self.first_name = self.last_name = self.email = ""
        self.is_active = self.is_staff = self.is_superuser = False
        self.last_login = None
        self.set_unusable_password()
        self.save()


class Session(AbstractBaseSession):
    """Where somebody is signed in; `user` is empty for those who are not."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
    )
    began_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from taxonomy.session_store import SessionStore  # noqa: PLC0415  (each names the other)

        return SessionStore

    @property
    def public_id(self) -> str:
        """Names it on a page; the key itself would sign in whoever reads it there."""
        return hash_secret(self.session_key)[:16]


class LoginLinkQuerySet(models.QuerySet["LoginLink"]):
    def usable(self) -> Self:
        return self.filter(used_at__isnull=True, expires_at__gt=timezone.now())


class LoginLink(models.Model):
    """A link that signs one person in, once. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="login_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = LoginLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"for {self.user_id} until {self.expires_at:%Y-%m-%d %H:%M}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> Self:
        return self.filter(
            used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
        )

    def withdraw(self) -> int:
        """Those of them that would still let someone in no longer do; how many it were."""
        return self.usable().update(withdrawn_at=timezone.now())

    def for_page(self) -> Self:
        """With the names beside each, the newest first."""
        return self.select_related("invited_by", "used_by").order_by("-pk")


class Invitation(models.Model):
    """A link that makes one account with one role, once. Only its hash is kept."""

    invited_by = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=10)
    note = models.CharField(max_length=120, blank=True, help_text=_("Whom it is for."))
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.role} by {self.invited_by_id}"

    @property
    def state(self) -> str:
        """One word for its page: used, withdrawn, expired or open."""
        if self.used_at:
            return "used"
        if self.withdrawn_at:
            return "withdrawn"
        return "expired" if self.expires_at <= timezone.now() else "open"


class Attempt(models.Model):
    """How often something was tried lately; written by `taxonomy.people.limits` alone."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    resets_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.resets_at:%H:%M:%S}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> Self:
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
            revoked_at__isnull=True,
            user__is_active=True,
        )


class ApiToken(models.Model):
    """A key to the REST API. Shown once when made; only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        CURATE = "curate", _("read and decide")
        ADMIN = "admin", _("everything")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=6, choices=Scope, default=Scope.READ)
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12, help_text=_("Its first characters."))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
