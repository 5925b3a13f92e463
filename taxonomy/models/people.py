"""Who uses the atlas with a name: accounts, one-time login links, API tokens."""

import hashlib
import secrets
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CURATORS = "curators"  # the group whose members may decide


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

    def __str__(self) -> str:
        return self.username

    @property
    def public_name(self) -> str:
        """What readers see beside decisions; the number keeps nameless curators apart."""
        if self.shows_name:
            return self.username
        return _("curator %(number)d") % {"number": self.pk}


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
