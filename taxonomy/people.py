"""The verbs on accounts: make curators, let them in, give and check secrets.

Secrets are shown once and kept as hashes.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from taxonomy.errors import AccountClosed
from taxonomy.models import ApiToken, LoginLink, User
from taxonomy.models.people import CURATORS, hash_secret, new_secret

# What a curator may do, where the app that defines it is installed.
CURATOR_PERMISSIONS = (("taxonomy", "add_decision"), ("ingest", "change_query"))
HINT = 12  # characters of a token that stay readable


def ensure_curators() -> Group:
    """The group whose members decide on papers, with its permissions. Never takes one away."""
    group, _ = Group.objects.get_or_create(name=CURATORS)
    wanted = Q(pk__in=[])
    for app, codename in CURATOR_PERMISSIONS:
        wanted |= Q(content_type__app_label=app, codename=codename)
    group.permissions.add(*Permission.objects.filter(wanted))
    return group


@transaction.atomic
def create_curator(username: str) -> User:
    """A curator of that name, made or found. AccountClosed if someone closed the account."""
    user = open_account(username)
    user.groups.add(ensure_curators())
    return user


def open_account(username: str) -> User:
    """The account of that name, or a new one without a password."""
    user, created = User.objects.get_or_create(username=User.normalize_username(username))
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    if not user.is_active:
        raise AccountClosed(f"The account {username!r} is closed; open it in the admin first.")
    return user


def make_login_link(user: User, minutes: int = 60) -> str:
    """The secret of a link that signs this person in once."""
    secret = new_secret("kadai_login")
    LoginLink.objects.create(
        user=user,
        secret_hash=hash_secret(secret),
        expires_at=timezone.now() + timedelta(minutes=minutes),
    )
    return secret


def login_url(secret: str) -> str:
    """The address of a login link, as a browser on this machine reaches the site."""
    with translation.override(settings.LANGUAGE_CODE):
        path = reverse("login-link", args=[secret])
    return site_url() + path


def site_url() -> str:
    """The root of the site as this machine reaches it, without a slash at the end."""
    host = settings.KADAI_HOST
    if host in {"0.0.0.0", "::", "[::]"}:  # every interface: name one
        host = "127.0.0.1"
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    scheme = "https" if settings.HTTPS else "http"
    return f"{scheme}://{host}:{settings.KADAI_PORT}"


def find_login_link(secret: str) -> LoginLink | None:
    """The link, if it would still sign someone in; nothing is used up. One query."""
    links = LoginLink.objects.usable().select_related("user")
    return links.filter(secret_hash=hash_secret(secret), user__is_active=True).first()


def redeem(secret: str) -> User | None:
    """Use a login link up; whom it signs in, or None. Of two at once, one gets in."""
    # No join here: PostgreSQL rechecks only this row after it waited for another transaction.
    links = LoginLink.objects.usable().filter(secret_hash=hash_secret(secret))
    if not links.update(used_at=timezone.now()):
        return None
    user = User.objects.get(login_links__secret_hash=hash_secret(secret))
    return user if user.is_active else None


def issue_token(
    user: User, name: str, scope: str = ApiToken.Scope.READ, expires: datetime | None = None
) -> str:
    """The secret of a new API token."""
    secret = new_secret("kadai")
    ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        secret_hash=hash_secret(secret),
        hint=secret[:HINT],
        expires_at=expires,
    )
    return secret
